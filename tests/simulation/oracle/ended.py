"""What a provider has given up is not asked again, and whoever has no other channel is told of."""

from __future__ import annotations

from collections.abc import Sequence

from alarms.engine.ended_channels import RULE
from alarms.journal.records import Entry
from alarms.lifecycle.alarm import Alarm
from ingest.registry.model import Reach
from tests.simulation.oracle.oracle import Oracle
from tests.simulation.oracle.rule import Rule

_SOON_S = 2.0


class EndedChannels(Rule):
    """Reads the journal's ends after each commit that has the word of a provider."""

    promise = "an ended channel is not asked again, and a person without another one is a fault"

    def __init__(self, oracle: Oracle) -> None:
        super().__init__(oracle)
        self.total = 0
        self._ended: set[str] = set()
        self._owed: dict[str, float] = {}
        self._raised_s: dict[str, float] = {}

    def renewed(self, address: str) -> None:
        """The address works again and a test message to it was answered."""
        self._ended.discard(address)

    def entry(self, entry: Entry, before: Alarm | None) -> None:
        if entry.event == "due" and entry.detail["address"] in self._ended:
            self.fail(f"{entry.detail['send_key']} is to go to {entry.detail['address']}, which has ended")
        if entry.event in ("Raised", "Recurred") and entry.state is not None and entry.state.rule == RULE:
            self._raised_s[entry.state.subject] = self.oracle.timeline.now_s

    def committed(self, entries: Sequence[Entry]) -> None:
        if not any(entry.event == "sent" and not entry.detail["ok"] for entry in entries):
            return
        fresh = {ended.address for ended in self.oracle.journal.all_ended()} - self._ended
        registry = self.oracle.subject.registry
        counted = [reach for reach in registry.reaches if reach.address in fresh and reach.answered_at is not None]
        self.total += len(fresh)
        self._ended |= fresh
        for person in {reach.person for reach in counted}:
            self._owed[person] = self.oracle.timeline.now_s

    def looked(self, now_s: float) -> None:
        subject = self.oracle.subject
        if not self._owed or not (subject.running and subject.writable):
            return
        for person, since_s in list(self._owed.items()):
            if now_s < max(since_s, subject.alive_since_s, subject.writable_since_s) + _SOON_S:
                continue
            del self._owed[person]
            told = self._raised_s.get(f"person:{person}", -1.0) >= since_s or self._is_open(person)
            if not told and not self._can_be_told(person):
                self.fail(f"{person} has no channel left, and nobody was told")

    def next_due_s(self) -> float:
        """Until the registry says it too the consoles are told again and again."""
        is_owed = any(reach.counts and reach.address in self._ended for reach in self.oracle.subject.registry.reaches)
        return 0.0 if is_owed else float("inf")

    def quiet(self) -> None:
        registry = self.oracle.subject.registry
        for reach in registry.reaches:
            if reach.address in self._ended and reach.counts:
                self.fail(f"{reach.address} has ended, and the registry was not told")
        for alarm in self.oracle.open_alarms:
            if alarm.rule == RULE and self._can_be_told(alarm.subject.removeprefix("person:")):
                self.fail(f"{alarm.subject} can be told again, and the fault still stands")

    def _is_open(self, person: str) -> bool:
        return any(a.rule == RULE and a.subject == f"person:{person}" for a in self.oracle.open_alarms)

    def _can_be_told(self, person: str) -> bool:
        return any(self._counts(reach) for reach in self.oracle.subject.registry.reaches_of.get(person, ()))

    def _counts(self, reach: Reach) -> bool:
        return reach.counts and reach.address not in self._ended
