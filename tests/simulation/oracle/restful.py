"""With nothing to do the program rests: it does not turn and turn until the time has come."""

from __future__ import annotations

from collections.abc import Sequence

from ingest.mqtt import Message
from tests.simulation.oracle.oracle import Oracle
from tests.simulation.oracle.rule import Rule

_MOST_TURNS = 300
"""In one second of true time, a flood included."""


class Restful(Rule):
    """Counts turns."""

    promise = "the program rests between turns"

    def __init__(self, oracle: Oracle) -> None:
        super().__init__(oracle)
        self._second = 0
        self._turns = 0

    def taken(self, messages: Sequence[Message]) -> None:
        second = int(self.oracle.timeline.now_s)
        if second != self._second:
            self._second, self._turns = second, 0
        self._turns += 1
        if self._turns > _MOST_TURNS:
            full = "" if self.oracle.subject.writable else ", while its disk is full"
            self.fail(f"it turned {self._turns} times in one second{full}")
