"""Every record that a gateway spooled counts once: on an alarm of its own or on one that was open. None is lost.

Of a fall several records are one: those are judged by ``Falls``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from alarms.core.profiles import Profiles
from alarms.core.rules import RuleType
from alarms.journal.records import Entry
from alarms.lifecycle.alarm import Alarm, AlarmKind, Flag
from gateway.packing import Datum
from ingest.registry.model import Registry
from ingest.wire.signals import FALL_CODES
from tests.simulation.oracle.oracle import Oracle
from tests.simulation.oracle.rule import Rule

Key = tuple[str, str]
"""Rule and subject."""

_ALSO_BY_THE_PLATFORM = {"gateway_lost"}
_CALLS = {"help_call": "help_call", "assistance_call": "help_call"}
"""Where staff are, a press is their own call for help, about the room: calls are counted by room."""


class Presses(Rule):
    """Counts by rule and subject: released by gateways <= counted in the journal <= spooled by gateways."""

    promise = "every press counts, once"

    def __init__(self, oracle: Oracle) -> None:
        super().__init__(oracle)
        self.total = 0
        self._profiles: Profiles | None = None
        self._registry = Registry()
        self._direct: set[str] = set()
        self._spooled: Counter[Key] = Counter()
        self._released: Counter[Key] = Counter()
        self._counted: Counter[Key] = Counter()
        self._held: dict[tuple[str, str], dict[int, list[Key]]] = {}

    def know(self, profiles: Profiles, registry: Registry) -> None:
        """What devices there are, and which rule each signal sets off."""
        self._profiles, self._registry = profiles, registry
        self._direct = {rule.rule for rule in profiles.rules if rule.type is RuleType.DIRECT} | set(_CALLS)
        self._direct -= _ALSO_BY_THE_PLATFORM

    def spooled(self, gateway_id: str, boot: str, seq: int, data: Sequence[Datum]) -> None:
        keys = [key for datum in data if (key := self._key(datum)) is not None]
        self._held.setdefault((gateway_id, boot), {})[seq] = keys
        self._spooled.update(keys)
        self.total += len(keys)

    def released(self, gateway_id: str, boot: str, seq: int) -> None:
        held = self._held.get((gateway_id, boot), {})
        for done in [one for one in held if one <= seq]:
            for key in held.pop(done):
                self._released[key] += 1
                if self._released[key] > self._counted[key]:
                    self.fail(
                        f"{gateway_id} has let go of {self._released[key]} records of {key[0]} {key[1]},"
                        f" the journal counts {self._counted[key]}"
                    )

    def spool_lost(self, gateway_id: str, boot: str) -> None:
        self._held.pop((gateway_id, boot), None)

    def entry(self, entry: Entry, before: Alarm | None) -> None:
        alarm = entry.state
        if alarm is None or alarm.rule not in self._direct or alarm.kind is AlarmKind.FALL or Flag.DRILL in alarm.flags:
            return
        subject = f"room:{alarm.identity.room_id}" if alarm.rule in _CALLS else alarm.subject
        key = (_CALLS.get(alarm.rule, alarm.rule), subject)
        self._counted[key] += alarm.count - (before.count if before is not None else 0)
        if self._counted[key] > self._spooled[key]:
            self.fail(
                f"the journal counts {self._counted[key]} records of {key[0]} {key[1]}, there were {self._spooled[key]}"
            )

    def quiet(self) -> None:
        for (gateway_id, boot), held in self._held.items():
            if any(held.values()):
                self.fail(f"{gateway_id} still waits for the acknowledgement of packs {sorted(held)[:5]} of {boot}")

    def _key(self, datum: Datum) -> Key | None:
        """What a record is about when it raises something."""
        assert self._profiles is not None
        device = self._registry.device.get(datum.device_id)
        said = datum.value
        value = float(FALL_CODES.get(said, FALL_CODES["confirmed"])) if isinstance(said, str) else float(said)
        rule = self._profiles.direct(device.profile if device is not None else None, datum.signal, value)
        if rule is None or rule.clears is not None or rule.presence or not rule.verdict(value):
            return None
        if rule.kind is AlarmKind.FALL:
            return None
        room_id = device.room_id if device is not None else None
        if rule.rule in _CALLS or rule.subject == "room":
            return _CALLS.get(rule.rule, rule.rule), f"room:{room_id}"
        return rule.rule, f"device:{datum.device_id}"
