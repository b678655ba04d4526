"""Slow twins of the core: one plain object per slot, one sample at a time, nothing vectorised."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from alarms.core.engine import CoreDevice
from alarms.core.profiles import Profiles
from alarms.core.rules import Rule, RuleType
from alarms.core.thresholds import parameters_of
from ingest.wire.signals import BY_NAME, BY_NUMBER, SignalClass
from tests.naive_electrical import NaiveLeakage, NaiveOverload
from tests.naive_jumps import NaiveFrozen, NaiveJumps

LATE_S, CATCH_UP_S, DAY_S, GRACE_S, PARTS = 5.0, 10.0, 86_400.0, 60.0, 8
SLOTTED = (
    RuleType.LIMIT, RuleType.DURATION, RuleType.RATE, RuleType.COUNT,
    RuleType.OVERLOAD, RuleType.LEAKAGE, RuleType.OUTSIDE, RuleType.IMPLAUSIBLE, RuleType.FROZEN,
)  # fmt: skip

_PRIORITY_OF = {"suspected": "high", "confirmed": "emergency"}

Told = tuple[str, str, bool, float]
"""Rule, subject, raised, moment."""


@dataclass
class NaiveSlot:
    """One rule of one device's one signal."""

    rule: Rule
    subject: str
    parameters: dict[str, float | str]
    raised: bool = False
    due_at: float = math.inf
    fire_at: float = math.inf
    changed_at: float = -math.inf
    samples: list[tuple[float, float]] = field(default_factory=list)
    events: list[float] = field(default_factory=list)
    was: bool = False
    overload: NaiveOverload | None = None
    leakage: NaiveLeakage | None = None
    jumps: NaiveJumps | None = None
    frozen: NaiveFrozen | None = None
    stays: float = math.nan
    outside: bool = False

    def number(self, name: str) -> float:
        return float(self.parameters.get(name, 0.0))

    def take(self, at: float, received: float, value: float, repeated: bool) -> list[tuple[bool, float]]:
        found = self.settle(at)
        late = received - at > LATE_S
        if self.rule.type is RuleType.COUNT:
            return found + self._hold(at, received, self._until(at, value, repeated), late)
        if self.rule.type is RuleType.IMPLAUSIBLE:
            self.jumps = self.jumps or NaiveJumps(
                *map(self.number, ("jump", "within_s")),
                int(self.number("count")),
                *map(self.number, ("window_s", "low", "high")),
            )
            until, self.stays, self.outside = self.jumps.take(at, value, repeated)
            return found + self._hold(at, received, until, late)
        turned, limit = self._turned(at, value)
        hysteresis = self.number("hysteresis")
        if self.rule.type is RuleType.LEAKAGE:
            hysteresis = min(hysteresis, limit / 2)
        if self.raised:
            wants, delay = turned < limit - hysteresis, self.number("off_s")
        else:
            on_s = self.number("hold_s") if self.rule.type is RuleType.DURATION else self.number("on_s")
            wants, delay = turned >= limit, on_s
        self._due(min(self.due_at, at + delay) if wants else math.inf, received, late)
        return found + self.settle(at)

    def heard(self, value: float) -> float:
        """What the other rules of the signal hear."""
        return self.stays if self.raised or self.outside else value

    def settle(self, at: float) -> list[tuple[bool, float]]:
        return [self._flip(self.due_at)] if self.due_at <= at else []

    def tick(self, now: float) -> list[tuple[bool, float]]:
        return [self._flip(self.due_at)] if self.fire_at <= now else []

    def _hold(self, at: float, received: float, until: float, late: bool) -> list[tuple[bool, float]]:
        if until <= at:
            return []
        found = [] if self.raised else [self._flip(at)]
        self._due(until, received, late)
        return found

    def _flip(self, at: float) -> tuple[bool, float]:
        self.changed_at = max(at, self.changed_at)
        self.raised = not self.raised
        self.due_at = self.fire_at = math.inf
        return self.raised, self.changed_at

    def _due(self, due: float, received: float, late: bool) -> None:
        self.due_at = due
        self.fire_at = max(due, received + CATCH_UP_S) if late else due

    def _turned(self, at: float, value: float) -> tuple[float, float]:
        """What is compared, and the limit that it is compared with."""
        match self.rule.type:
            case RuleType.OVERLOAD:
                self.overload = self.overload or NaiveOverload(self.number("rated"), self.number("tau_s"))
                return self.overload.take(at, value), self.number("ratio") ** 2
            case RuleType.LEAKAGE:
                setting, rise, hysteresis = self.number("limit"), self.number("rise"), self.number("hysteresis")
                self.leakage = self.leakage or NaiveLeakage(setting, rise, hysteresis)
                return self.leakage.take(at, value), rise
            case RuleType.FROZEN:
                self.frozen = self.frozen or NaiveFrozen()
                return self.frozen.take(at, value), self.number("still_s")
            case RuleType.OUTSIDE:
                low, high = self.number("low"), self.number("high")
                return abs(value - (high + low) / 2), (high - low) / 2
        sign = -1.0 if self.parameters.get("side") == "below" else 1.0
        if self.rule.type is RuleType.RATE:
            return self._rise(at, value * sign), self.number("change")
        return value * sign, self.number("limit") * sign

    def _rise(self, at: float, value: float) -> float:
        width = self.number("window_s") / PARTS
        self.samples.append((at, value))
        newest = math.floor(at / width)
        return value - min(old for then, old in self.samples if math.floor(then / width) > newest - PARTS)

    def _until(self, at: float, value: float, repeated: bool) -> float:
        on = value >= self.number("limit")
        every = BY_NAME[self.rule.signal].of is SignalClass.EVENT
        event = on and not repeated and (every or not self.was)
        self.was = on
        if not event:
            return -math.inf
        self.events.append(at)
        count = int(self.number("count"))
        return self.events[-count] + self.number("window_s") if len(self.events) >= count else -math.inf


class NaiveCore:
    """What ``Core`` does, readings as tuples (device number, signal number, element, observed, received, value)."""

    def __init__(self, profiles: Profiles, devices: list[CoreDevice], where: str) -> None:
        self.devices = {device.number: device for device in devices}
        self.slots: dict[tuple[int, int, int], list[NaiveSlot]] = {}
        self.seen: dict[tuple[int, int, int], float] = {}
        self.standing: dict[tuple[str, str], int] = {}
        for device in devices:
            profile = profiles.profile(device.profile)
            assert profile is not None
            for rule in profile.rules:
                if rule.where != where or rule.type not in SLOTTED or device.out_of_service:
                    continue
                parameters, _ = parameters_of(rule, device.thresholds, device.device_id)
                room = rule.subject == "room" and device.room_id is not None
                subject = f"room:{device.room_id}" if room else device.device_id
                for element in range(rule.elements + 1):
                    key = (device.number, BY_NAME[rule.signal].number, element)
                    self.slots.setdefault(key, []).append(NaiveSlot(rule, subject, dict(parameters)))

    def take(self, row: tuple[int, int, int, float, float, float]) -> list[Told]:
        number, signal, element, observed, received, value = row
        key = (number, signal, element)
        if key not in self.slots or math.isnan(value) or signal not in BY_NUMBER:
            return []
        at = observed if received - DAY_S <= observed <= received else received
        seen = self.seen.get(key, -math.inf)
        if at < seen:
            return []
        self.seen[key] = at
        broken = {
            place: slot.take(at, received, value, at == seen)
            for place, slot in enumerate(self.slots[key])
            if slot.rule.type is RuleType.IMPLAUSIBLE
        }
        heard = value
        for place in broken:
            heard = self.slots[key][place].heard(heard)
        return [
            told
            for place, slot in enumerate(self.slots[key])
            for raised, when in (broken[place] if place in broken else slot.take(at, received, heard, at == seen))
            for told in self._told(slot, raised, when)
        ]

    def tick(self, now: float) -> list[Told]:
        flips = [
            (when, place, slot, raised)
            for place, slot in enumerate(slot for slots in self.slots.values() for slot in slots)
            for raised, when in slot.tick(now)
        ]
        return [
            told
            for when, _, slot, raised in sorted(flips, key=lambda f: f[:2])
            for told in self._told(slot, raised, when)
        ]

    def _told(self, slot: NaiveSlot, raised: bool, when: float) -> list[Told]:
        key = (slot.rule.rule, slot.subject)
        before = self.standing.get(key, 0)
        self.standing[key] = before + (1 if raised else -1)
        if bool(before) == bool(self.standing[key]):
            return []
        return [(slot.rule.rule, slot.subject, raised, when)]


@dataclass
class NaiveSupervision:
    """Supervision of one gateway's devices: number -> (heartbeat, longest silence), all started at ``start``."""

    periods: dict[int, tuple[float, float]]
    start: float
    heard: dict[int, float] = field(default_factory=dict)
    silent: set[int] = field(default_factory=set)
    gateway_silent: bool = False
    gateway_heard: float = -math.inf
    resume: float = -math.inf

    def hear(self, number: int, received: float) -> list[tuple[int | None, bool, float]]:
        """Who is heard again: (device or None for the gateway, False, when)."""
        found: list[tuple[int | None, bool, float]] = []
        if self.gateway_silent:
            self.gateway_silent = False
            self.resume = received + GRACE_S
            found.append((None, False, received))
        if number in self.silent:
            self.silent.discard(number)
            found.append((number, False, received))
        self.heard[number] = self.gateway_heard = received
        return found

    def tick(self, now: float) -> list[tuple[int | None, bool, float]]:
        if self.gateway_silent:
            return []
        due = {}
        for number, (heartbeat, period) in self.periods.items():
            last = self.heard.get(number, self.start)
            deadline = max(last + period, self.resume)
            if deadline <= now and number not in self.silent:
                others = [beat for other, (beat, _) in self.periods.items() if other != number]
                witness = any(beat <= 2 * heartbeat for beat in others)
                due[number] = (deadline, witness and self.gateway_heard < last + heartbeat)
        blamed = [deadline for deadline, blame in due.values() if blame]
        if blamed:
            self.gateway_silent = True
            return [(None, True, min(blamed))]
        self.silent.update(due)
        return [(number, True, deadline) for number, (deadline, _) in sorted(due.items())]


def naive_falls(words: list[tuple[str, int]]) -> tuple[str, bool, int] | None:
    """What a wearer's words (stage, number of the fall) come to: priority, near fall, count; None: nothing stands.

    ``newest`` is the newest fall that opened or raised the alarm: only it can be recovered from.
    """
    newest, count, state = -1, 0, ""
    for stage, number in words:
        if stage == "recovered":
            state = "low" if number == newest and state == "high" else state
        elif number > newest or (number != newest and state == "low"):
            newest, count = number, count + 1
            state = "emergency" if "emergency" in (state, _PRIORITY_OF[stage]) else "high"
        elif stage == "confirmed":
            state = "emergency"
    return (state, state == "low", count) if count else None
