"""How far a fall has come, in the word that a judgement's evidence has for it (docs/topics.md)."""

from __future__ import annotations

from enum import StrEnum


class Stage(StrEnum):
    """A fall is suspected at once, and later confirmed (they lie there) or recovered (they stood up and walked)."""

    SUSPECTED = "suspected"
    CONFIRMED = "confirmed"
    RECOVERED = "recovered"
