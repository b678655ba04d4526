"""What the platform says about alarms, and which of the expected ones came, how fast, and which surprised us."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec

from firmware_sim.stage import Expectation
from ingest.wire.topics import EVERY_ALARM, parse_alarm

WATCHED = EVERY_ALARM


class _Identity(msgspec.Struct, frozen=True):
    site_id: str
    room_id: str | None = None
    resident_id: str | None = None
    device_id: str = ""


class AlarmSeen(msgspec.Struct, frozen=True):
    """The fields of an alarm's state that the simulator looks at."""

    alarm_id: str
    kind: str
    priority: str
    rule: str
    subject: str
    response: str
    identity: _Identity
    count: int = 1
    round: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Onset:
    """An alarm that was raised, or came again, at ``at`` (seconds of the monotonic clock)."""

    alarm: AlarmSeen
    at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What became of an expectation; ``after_s`` is None when no alarm came."""

    expectation: Expectation
    after_s: float | None
    alarm: AlarmSeen | None

    @property
    def came(self) -> bool:
        return self.after_s is not None and self.after_s <= self.expectation.within_s


_DECODER = msgspec.json.Decoder(AlarmSeen)


@dataclass(slots=True)
class AlarmWatch:
    """Keeps every onset; told by the connection's thread, asked by the run's. ``clock`` is monotonic seconds."""

    clock: Callable[[], float] = time.monotonic
    onsets: list[Onset] = field(default_factory=list)
    unreadable: int = 0
    _known: dict[str, tuple[int, int]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def hear(self, topic: str, payload: bytes, retained: bool) -> None:
        """A message on an alarm topic. What was retained before we listened is no onset."""
        named = parse_alarm(topic)
        if named is None or named.is_command:
            return
        with self._lock:
            if not payload:
                self._known.pop(named.alarm_id, None)
                return
            try:
                alarm = _DECODER.decode(payload)
            except msgspec.MsgspecError:
                self.unreadable += 1
                return
            before = self._known.get(alarm.alarm_id)
            self._known[alarm.alarm_id] = (alarm.count, alarm.round)
            again = before is not None and alarm.count > before[0]
            if not retained and alarm.response != "resolved" and (before is None or again):
                self.onsets.append(Onset(alarm=alarm, at=self.clock()))

    def judge(self, expectations: Sequence[Expectation], cued_at: dict[int, float]) -> list[Verdict]:
        """A verdict for each expectation whose cue has happened; ``cued_at`` maps its place in the list to the moment.

        An onset answers at most one expectation for the same alarm: two presses need two.
        """
        with self._lock:
            onsets = list(self.onsets)
        used: set[int] = set()
        verdicts = []
        for index, expectation in enumerate(expectations):
            at = cued_at.get(index)
            found = None
            if at is not None:
                fitting = (
                    i for i, o in enumerate(onsets) if i not in used and o.at >= at - 0.5 and fits(expectation, o.alarm)
                )
                found = next(fitting, None)
            if at is None or found is None:
                verdicts.append(Verdict(expectation=expectation, after_s=None, alarm=None))
                continue
            used.add(found)
            after_s = max(0.0, onsets[found].at - at)
            verdicts.append(Verdict(expectation=expectation, after_s=after_s, alarm=onsets[found].alarm))
        return verdicts

    def unexpected(
        self, expectations: Sequence[Expectation], concerns: Callable[[str, str | None, str], bool]
    ) -> list[AlarmSeen]:
        """New emergencies that go with no expectation, where site, room and device are the stage's own concern."""
        with self._lock:
            onsets = list(self.onsets)
        found: dict[str, AlarmSeen] = {}
        for onset in onsets:
            alarm = onset.alarm
            where = alarm.identity
            if alarm.priority != "emergency" or not concerns(where.site_id, where.room_id, where.device_id):
                continue
            if not any(goes_with(expectation, alarm) for expectation in expectations):
                found[alarm.alarm_id] = alarm
        return list(found.values())


def fits(expectation: Expectation, alarm: AlarmSeen) -> bool:
    """True when ``alarm`` is what was expected."""
    identity = alarm.identity
    wanted: tuple[tuple[Any, Any], ...] = (  # Any: optional texts
        (expectation.device_id, identity.device_id),
        (expectation.room_id, identity.room_id),
        (expectation.resident_id, identity.resident_id),
        (expectation.subject, alarm.subject),
    )
    if identity.site_id != expectation.site_id or alarm.kind not in expectation.kinds:
        return False
    return all(want is None or want == got for want, got in wanted)


def goes_with(expectation: Expectation, alarm: AlarmSeen) -> bool:
    """True when ``alarm`` is another view of what was expected: same place and kind, another rule or device."""
    if alarm.identity.site_id != expectation.site_id or alarm.kind not in expectation.kinds:
        return False
    return expectation.room_id is None or alarm.identity.room_id in (None, expectation.room_id)
