"""The rule about fire: which detectors are in one room, and what they say together."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from alarms.core import fire_evidence
from alarms.core.fire.channels import CHANNELS, SMOKE
from alarms.core.fire.fires import Fires, Rooms
from alarms.core.fire.model import shipped
from alarms.core.fire.smoke import Smoke
from alarms.core.history import History
from alarms.core.intake import Intake, Sensors
from alarms.core.judgement import Judgement
from alarms.core.latch import Flips, Latch
from alarms.core.plan import CoreDevice, Plan
from alarms.core.profiles import Profiles
from alarms.core.rules import Rule, RuleType, Where
from alarms.core.saved import Array, matching
from alarms.core.thresholds import ThresholdProblem, parameters_of
from ingest.wire.batch import ReadingBatch
from ingest.wire.signals import Kind

CLOUDY = ("kitchen", "bathroom")
"""Uses of rooms in which cooking or steam is usual: they have a score of their own."""

_KINDS = (Kind.FIRE, Kind.AMBIENT)
_LEVELS = ("fast", "slow", "usual", "at_s")
_LATCH = ("raised", "due_at", "fire_at", "changed_at")
_SIGNALS = tuple(channel.signal for channel in CHANNELS)


class FireWatch:
    """The rooms of a plan in which a detector has the rule; one without a room is a room of its own.

    Every fire detector and climate sensor of such a room tells what it can: an input per signal of ``CHANNELS``.
    """

    def __init__(self, profiles: Profiles, plan: Plan, where: Where) -> None:
        self._plan = plan
        self._judge = shipped()
        self.problems: list[ThresholdProblem] = []
        names = {device.profile for device in plan.devices}
        rules = {name: _rule(profiles, name, where, RuleType.FIRE) for name in names}
        self._smoke_rules = {name: _rule(profiles, name, where, RuleType.SMOKE) for name in names}
        places = [place for place, device in enumerate(plan.devices) if _tells(profiles, device)]
        first: dict[str, int] = {}
        for place in sorted(places, key=lambda place: plan.devices[place].number):
            if rules[plan.devices[place].profile] is not None:
                first.setdefault(_room(plan.devices[place]), place)
        self._rooms = sorted(first)
        self._first = [first[room] for room in self._rooms]
        self._rules = [rule for place in self._first if (rule := rules[plan.devices[place].profile]) is not None]
        self._places = [place for place in places if _room(plan.devices[place]) in first]
        self._lay_out()
        self._fires = self._build()
        self._history = History(len(self._keys))

    def update(
        self, batch: ReadingBatch, rows: NDArray[np.int64], device: NDArray[np.int32]
    ) -> list[tuple[int, Judgement]]:
        """What the rows of registered devices mean, by row."""
        if not self._rooms:
            return []
        found: list[tuple[int, Judgement]] = []
        for samples in self._intake.rounds(batch, rows, device):
            fresh = ~samples.repeated
            self._history.add(samples.input[fresh], samples.at_s[fresh], samples.value[fresh])
            fires, smoke = self._fires.update(samples.input, samples.at_s, samples.received_s, samples.value)
            for flips in fires:
                sensor = samples.input[flips.row] // len(CHANNELS)
                found += self._told(flips, samples.row[flips.row], self._device[sensor])
            for flips in smoke:
                found += self._told_smoke(flips, samples.row[flips.row])
        found.sort(key=lambda pair: pair[0])
        return found

    def tick(self, now_s: float) -> list[Judgement]:
        """Judge the passing of time."""
        found: list[tuple[int, Judgement]] = []
        fires, smoke = self._fires.tick(now_s)
        for flips in fires:
            found += self._told(flips, flips.row, np.array(self._first, np.int64)[flips.slot])
        for flips in smoke:
            found += self._told_smoke(flips, flips.row)
        return [judgement for _, judgement in sorted(found, key=lambda pair: pair[1].at_s)]

    def clock_set(self, by_s: float) -> None:
        """The wall clock was set."""
        self._intake.clock_set(by_s)
        self._fires.clock_set(by_s)

    def standing(self) -> list[tuple[str, str]]:
        """Rule and subject of every room that burns."""
        rooms = np.flatnonzero(self._fires.latch.raised).tolist()
        smoky = [self._smoke(int(sensor)) for sensor in np.flatnonzero(self._fires.smoke.raised)]
        return sorted([*((self._rules[room].rule, self._subject(room)) for room in rooms), *smoky])

    def saved(self) -> tuple[dict[str, Any], dict[str, Array]]:  # Any: JSON values
        """Facts and arrays to be kept."""
        fires = self._fires
        return {"fire.rooms": self._rooms}, {
            "fire.inputs": self._keys,
            "fire.detectors": self._numbers,
            "fire.seen_at": self._intake.seen_at,
            "fire.stirred": fires.stirred,
            "fire.since_s": fires.since_s,
            **{f"fire.level.{name}": getattr(fires.levels, name) for name in _LEVELS},
            **{f"{key}.{name}": getattr(latch, name) for key, latch in self._latches() for name in _LATCH},
        }

    def restore(self, facts: Mapping[str, Any], arrays: Mapping[str, Array]) -> None:  # Any: JSON values
        """Take over the inputs and rooms that are still there."""
        fires = self._fires
        here, there = matching(self._keys, arrays["fire.inputs"])
        self._intake.seen_at[here] = arrays["fire.seen_at"][there]
        fires.stirred[here] = arrays["fire.stirred"][there]
        for name in _LEVELS:
            getattr(fires.levels, name)[here] = arrays[f"fire.level.{name}"][there]
        place = {name: number for number, name in enumerate(facts["fire.rooms"])}
        pairs = [(number, place[name]) for number, name in enumerate(self._rooms) if name in place]
        here, there = np.array(pairs, np.int64).reshape(-1, 2).T
        fires.since_s[here] = arrays["fire.since_s"][there]
        for key, latch in self._latches():
            if latch is not fires.latch:
                here, there = matching(self._numbers, arrays["fire.detectors"])
            for name in _LATCH:
                getattr(latch, name)[here] = arrays[f"{key}.{name}"][there]
            latch.revive()

    def nbytes(self) -> int:
        """Bytes of all arrays."""
        return (
            self._device.nbytes
            + self._keys.nbytes
            + self._intake.nbytes()
            + self._fires.nbytes()
            + self._history.nbytes()
        )

    def _lay_out(self) -> None:
        """Each device's inputs lie together; the layout is the one that ``Intake`` reads."""
        plan = self._plan
        self._device = np.array(self._places, np.int64)
        number = {name: place for place, name in enumerate(self._rooms)}
        room = np.array([number[_room(plan.devices[place])] for place in self._places], np.int64)
        self._room = np.repeat(room, len(CHANNELS))
        self._numbers = np.array([plan.devices[place].number for place in self._places], np.int64)
        channel = np.tile(np.arange(len(CHANNELS)), len(self._places))
        self._keys = (np.repeat(self._numbers, len(CHANNELS)) << 8) | channel
        self._intake = Intake(Sensors(len(plan.devices), self._places, _SIGNALS), self._room)

    def _build(self) -> Fires:
        cloudy = np.array([self._plan.devices[place].room_use in CLOUDY for place in self._first], np.bool_)
        limit, hold_s = np.zeros(len(self._rooms)), np.zeros(len(self._rooms))
        for room, (rule, place) in enumerate(zip(self._rules, self._first, strict=True)):
            device = self._plan.devices[place]
            given, problems = parameters_of(rule, device.thresholds, device.device_id)
            self.problems += problems
            score = float(given["cloudy_score" if cloudy[room] else "score"])
            limit[room], hold_s[room] = np.log(score / (1 - score)), float(given["hold_s"])
        channel = np.tile(np.arange(len(CHANNELS)), len(self._places))
        rooms = Rooms.of(len(self._rooms), self._room, channel)
        smoke = self._build_smoke()
        return Fires(rooms=rooms, judge=self._judge, limit=limit, hold_s=hold_s, cloudy=cloudy, smoke=smoke)

    def _build_smoke(self) -> Smoke:
        """A detector without the rule has a limit that no smoke reaches."""
        column = {name: np.zeros(len(self._places)) for name in ("clear", "on_s", "cloudy_on_s", "off_s")}
        limit = np.full(len(self._places), np.inf)
        for sensor, place in enumerate(self._places):
            device = self._plan.devices[place]
            rule = self._smoke_rules[device.profile]
            if rule is None:
                continue
            given, problems = parameters_of(rule, device.thresholds, device.device_id)
            self.problems += problems
            limit[sensor] = float(given["limit"])
            column["clear"][sensor] = limit[sensor] - float(given["hysteresis"])
            for name in ("on_s", "cloudy_on_s", "off_s"):
                column[name][sensor] = float(given[name])
        return Smoke(limit=limit, **column)

    def _latches(self) -> tuple[tuple[str, Latch], ...]:
        smoke = self._fires.smoke
        return (
            ("fire.latch", self._fires.latch),
            ("fire.alone", smoke.alone),
            ("fire.told_apart", smoke.told_apart),
        )

    def _told(self, flips: Flips, row: NDArray[np.int64], device: NDArray[np.int64]) -> list[tuple[int, Judgement]]:
        return [
            (int(of_row), self._judged(int(room), bool(raised), float(at_s), int(place)))
            for of_row, room, raised, at_s, place in zip(row, flips.slot, flips.raised, flips.at_s, device, strict=True)
        ]

    def _told_smoke(self, flips: Flips, row: NDArray[np.int64]) -> list[tuple[int, Judgement]]:
        return [
            (int(of_row), self._judged_smoke(int(sensor), bool(raised), float(at_s)))
            for of_row, sensor, raised, at_s in zip(row, flips.slot, flips.raised, flips.at_s, strict=True)
        ]

    def _judged_smoke(self, sensor: int, raised: bool, at_s: float) -> Judgement:
        place, levels = self._places[sensor], self._fires.levels
        rule, subject = self._smoke(sensor)
        row = np.array([sensor * len(CHANNELS) + SMOKE])
        level = fire_evidence.Level(
            _SIGNALS[SMOKE],
            float(levels.above(row)[0]),
            float(levels.usual[row[0]]),
            float(self._fires.smoke.limit[sensor]),
            self._history.last(int(row[0])),
        )
        return Judgement(
            rule=rule,
            subject=subject,
            device_number=self._plan.devices[place].number,
            raised=raised,
            at_s=at_s,
            evidence=fire_evidence.of_smoke(level),
        )

    def _smoke(self, sensor: int) -> tuple[str, str]:
        """Rule and subject of a detector's own smoke."""
        place = self._places[sensor]
        rule = self._smoke_rules[self._plan.devices[place].profile]
        assert rule is not None  # one without the rule has no limit
        return rule.rule, self._plan.subject(place, rule)

    def _judged(self, room: int, raised: bool, at_s: float, place: int) -> Judgement:
        fires = self._fires
        looks = dict(zip(self._judge.looks, fires.shares[room].tolist(), strict=True))
        return Judgement(
            rule=self._rules[room].rule,
            subject=self._subject(room),
            device_number=self._plan.devices[place].number,
            raised=raised,
            at_s=at_s,
            evidence=fire_evidence.of_fire(looks, self._levels(room), raised=raised),
        )

    def _levels(self, room: int) -> list[fire_evidence.Level]:
        """What stood out: of each signal the detector that is farthest above the usual."""
        found = []
        sensors = np.flatnonzero(self._room == room)[:: len(CHANNELS)] // len(CHANNELS)
        for channel, of in enumerate(CHANNELS):
            inputs = sensors * len(CHANNELS) + channel
            above = self._fires.levels.above(inputs)
            most = int(np.argmax(above))
            if not np.isnan(self._fires.levels.fast[inputs[most]]):
                drawn = self._history.last(int(inputs[most]))
                usual = float(self._fires.levels.usual[inputs[most]])
                found.append(fire_evidence.Level(of.signal, float(above[most]), usual, of.calm, drawn))
        return found

    def _subject(self, room: int) -> str:
        return self._plan.subject(self._first[room], self._rules[room])


def _rule(profiles: Profiles, name: str, where: Where, type_: RuleType) -> Rule | None:
    profile = profiles.profile(name)
    rules = profile.rules if profile is not None else ()
    return next((rule for rule in rules if rule.type is type_ and rule.where is where), None)


def _tells(profiles: Profiles, device: CoreDevice) -> bool:
    profile = profiles.profile(device.profile)
    return profile is not None and profile.kind in _KINDS and not device.out_of_service


def _room(device: CoreDevice) -> str:
    """A room's name, or one that no room has."""
    return device.room_id if device.room_id is not None else f"device:{device.device_id}"
