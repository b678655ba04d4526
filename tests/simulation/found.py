"""Seeds that found something, and what it was; they run with the tests that take minutes (docs/simulation.md)."""

from __future__ import annotations

FOUND: dict[int, str] = {
    10: "a clock that was set moved the deadlines with it: steps came an hour late, returns too early",
    82: "a press told from memory where staff were, another alarm in the journal, stayed on the desk as a ghost",
    9: "an open alarm left the desk for a moment when the journal's disk had room again",
    17: "what was put aside from memory was judged anew, and refused, when the disk had room again",
    25: "a message was started twice at once: an outcome from memory was noted as its own",
    339: "a person could be told again, and the fault stood until some other deadline came",
    94: "a call came back in memory and was taken there; the journal let it be taken before it came back",
    100: "what memory had sent was sent again, although its outcome was noted in the same turn",
    442: "while the disk was full a person was told over a channel that had been tried already, as if it were the next",
    464: "a relative's word that had waited for a restart was refused, because its time had passed meanwhile",
    39: "the oracle took the end of a shelf that a clock set forward had passed for one that was late",
}
