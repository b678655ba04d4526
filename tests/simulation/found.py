"""Seeds that found something, and what it was; they run with the unit tests (docs/simulation.md)."""

from __future__ import annotations

FOUND: dict[int, str] = {
    2: "a clock set back by an hour made the next step an hour late",
    39: "the oracle took the end of a shelf that a clock set forward had passed for one that was late",
}
