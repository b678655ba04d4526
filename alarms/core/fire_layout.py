"""Where a plan's fire detectors are: the rooms that are judged as a whole, and the inputs of each detector."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from alarms.core.fire.channels import CHANNELS
from alarms.core.fire.fires import Rooms
from alarms.core.fire.smoke import Smoke
from alarms.core.intake import Sensors
from alarms.core.plan import CoreDevice, Plan
from alarms.core.profiles import Profiles
from alarms.core.rules import Rule, RuleType, Where
from alarms.core.thresholds import ThresholdProblem, parameters_of
from ingest.wire.signals import Kind

CLOUDY = ("kitchen", "bathroom")
"""Uses of rooms in which cooking or steam is usual: they have a score of their own."""

SIGNALS = tuple(channel.signal for channel in CHANNELS)
_KINDS = (Kind.FIRE, Kind.AMBIENT)

Floats = NDArray[np.float64]


class FireLayout:
    """The rooms in which a detector has the rule; one without a room is a room of its own.

    Every fire detector and climate sensor of such a room tells what it can: an input per signal of ``CHANNELS``. Its
    inputs lie together. ``places`` are the detectors' among the plan's devices, ``rooms`` names, and of each room
    ``first`` is the place of the device that speaks for it and ``rules`` its rule. ``keys`` and ``numbers`` name
    inputs and detectors in a way that outlives the layout.
    """

    def __init__(self, profiles: Profiles, plan: Plan, where: Where) -> None:
        self._plan = plan
        self.problems: list[ThresholdProblem] = []
        names = {device.profile for device in plan.devices}
        rules = {name: _first(profiles.judged(name, RuleType.FIRE, where)) for name in names}
        self._smoke_rules = {name: _first(profiles.judged(name, RuleType.SMOKE, where)) for name in names}
        places = [place for place, device in enumerate(plan.devices) if _tells(profiles, device)]
        first: dict[str, int] = {}
        for place in sorted(places, key=lambda place: plan.devices[place].number):
            if rules[plan.devices[place].profile] is not None:
                first.setdefault(_room(plan.devices[place]), place)
        self.rooms = sorted(first)
        self.first = np.array([first[room] for room in self.rooms], np.int64)
        self.rules = [rule for room in self.rooms if (rule := rules[plan.devices[first[room]].profile]) is not None]
        self.places = np.array([place for place in places if _room(plan.devices[place]) in first], np.int64)
        devices = [plan.devices[place] for place in self.places.tolist()]
        number = {name: place for place, name in enumerate(self.rooms)}
        self.room = np.repeat(np.array([number[_room(device)] for device in devices], np.int64), len(CHANNELS))
        self.numbers = np.array([device.number for device in devices], np.int64)
        self.sensors = Sensors(len(plan.devices), self.places.tolist(), SIGNALS)
        self._channel = np.tile(np.arange(len(CHANNELS)), len(devices))
        self.keys = (np.repeat(self.numbers, len(CHANNELS)) << 8) | self._channel
        self.cloudy = np.array([plan.devices[place].room_use in CLOUDY for place in self.first.tolist()], np.bool_)

    def inputs(self) -> Rooms:
        """Which inputs are in which room."""
        return Rooms.of(len(self.rooms), self.room, self._channel)

    def limits(self) -> tuple[Floats, Floats]:
        """Each room's logit that a fire must reach, and for how long, in seconds."""
        limit, hold_s = np.zeros(len(self.rooms)), np.zeros(len(self.rooms))
        for room, (rule, place) in enumerate(zip(self.rules, self.first.tolist(), strict=True)):
            device = self._plan.devices[place]
            given, problems = parameters_of(rule, device.thresholds, device.device_id)
            self.problems += problems
            score = float(given["cloudy_score" if self.cloudy[room] else "score"])
            limit[room], hold_s[room] = np.log(score / (1 - score)), float(given["hold_s"])
        return limit, hold_s

    def smoke(self) -> Smoke:
        """Each detector's own smoke; one without the rule has a limit that no smoke reaches."""
        column = {name: np.zeros(len(self.places)) for name in ("clear", "on_s", "cloudy_on_s", "off_s")}
        limit = np.full(len(self.places), np.inf)
        for sensor, place in enumerate(self.places.tolist()):
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

    def of_room(self, room: int) -> tuple[str, str]:
        """Rule and subject of a room's fire."""
        rule = self.rules[room]
        return rule.rule, self._plan.subject(int(self.first[room]), rule)

    def of_detector(self, sensor: int) -> tuple[str, str]:
        """Rule and subject of a detector's own smoke."""
        place = int(self.places[sensor])
        rule = self._smoke_rules[self._plan.devices[place].profile]
        assert rule is not None  # one without the rule has no limit
        return rule.rule, self._plan.subject(place, rule)

    def nbytes(self) -> int:
        """Bytes of all arrays."""
        return sum(value.nbytes for value in vars(self).values() if isinstance(value, np.ndarray))


def _first(rules: Sequence[Rule]) -> Rule | None:
    return next(iter(rules), None)


def _tells(profiles: Profiles, device: CoreDevice) -> bool:
    profile = profiles.profile(device.profile)
    return profile is not None and profile.kind in _KINDS and not device.out_of_service


def _room(device: CoreDevice) -> str:
    """A room's name, or one that no room has."""
    return device.room_id if device.room_id is not None else f"device:{device.device_id}"
