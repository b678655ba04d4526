"""Devices and rules laid out as arrays: which reading goes to which slot, with which parameters."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from alarms.core.home import Home, Nights
from alarms.core.profiles import Profiles
from alarms.core.rules import Rule, RuleType, Where
from alarms.core.thresholds import ThresholdProblem, Thresholds, parameters_of
from ingest.wire.signals import BY_NAME, SIGNALS, SignalClass

ELEMENTS = 8
SIGNAL_SPAN = max(signal.number for signal in SIGNALS) + 1
COLUMNS = SIGNAL_SPAN * ELEMENTS
STAGED = (
    RuleType.RATE, RuleType.BED_LEFT, RuleType.OVERLOAD, RuleType.LEAKAGE, RuleType.OUTSIDE, RuleType.FROZEN,
)  # fmt: skip
"""Types whose samples are turned into something else before they are compared with the limit."""

_SLOTTED = (RuleType.LIMIT, RuleType.DURATION, RuleType.COUNT, RuleType.IMPLAUSIBLE, *STAGED)


@dataclass(frozen=True, slots=True, kw_only=True)
class CoreDevice:
    """A device as the core needs it; ``thresholds`` are those of site, room and device already laid over each other.

    A device out of service is heard but not judged. ``room_use`` is the registry's word, such as bathroom.
    """

    device_id: str
    number: int
    profile: str
    gateway_id: str = ""
    room_id: str | None = None
    room_use: str | None = None
    home: Home = field(default_factory=Home)
    thresholds: Thresholds = field(default_factory=dict)
    out_of_service: bool = False


@dataclass(frozen=True, slots=True)
class Feed:
    """Where the readings of one type of rule go.

    Attributes
    ----------
    reached : bool, shape (inputs,)
        Which inputs go anywhere: each to a slot of the first layer.
    layers : list of int64, shape (inputs,)
        The slot or -1.
    """

    reached: NDArray[np.bool_]
    layers: list[NDArray[np.int64]]

    def nbytes(self) -> int:
        """Bytes of all arrays."""
        return self.reached.nbytes + sum(layer.nbytes for layer in self.layers)


class Plan:
    """The layout for one place's rules. An input is a (device, signal, element) that some rule reads.

    Slots and inputs of a device lie together, in the order of the profile's rules.
    """

    def __init__(self, profiles: Profiles, devices: Sequence[CoreDevice], where: Where) -> None:
        self.devices = tuple(devices)
        self.problems: list[ThresholdProblem] = []
        self.rules: list[Rule] = []
        self._rule_index: dict[str, int] = {}
        names = sorted({(device.profile, device.home.away) for device in devices})
        patterns = [_Pattern(_slotted(profiles, name, where, away=away)) for name, away in names]
        place_of = {name: index for index, name in enumerate(names)}
        self.profile = np.array([place_of[device.profile, device.home.away] for device in devices], np.int64)
        judged = np.array([not device.out_of_service for device in devices], np.bool_)
        n_inputs = np.array([len(pattern.columns) for pattern in patterns] or [0], np.int64)
        n_slots = np.array([len(pattern.slots) for pattern in patterns] or [0], np.int64)
        self.first_input = _starts(np.where(judged, n_inputs[self.profile], 0))
        self.first_slot = _starts(np.where(judged, n_slots[self.profile], 0))
        self.inputs, self.slots = int(self.first_input[-1]), int(self.first_slot[-1])
        self.index = _numbered(devices)
        self.column = np.full((len(patterns) + 1) * COLUMNS, -1, np.int16)
        # a device out of service has the layout behind the last one: no columns at all
        self.column_base = np.where(judged, self.profile, len(patterns)).astype(np.int32) * COLUMNS
        self._allocate()
        for number, pattern in enumerate(patterns):
            self.column[number * COLUMNS + np.array(list(pattern.columns), np.int64)] = np.arange(len(pattern.columns))
            self._fill(np.flatnonzero(judged & (self.profile == number)), pattern)
        self._overlay(patterns)
        self._number_kinds()
        left = self.of_type(RuleType.BED_LEFT)
        zones = [devices[place].home.timezone for place in self.device[left].tolist()]
        self.nights = Nights(zones, self.low[left], self.high[left])

    def known(self, numbers: NDArray[Any]) -> tuple[NDArray[np.int64], NDArray[np.int32]]:  # Any: any integers
        """The rows of registered devices in ``numbers``, shape (k,), and those devices' places."""
        stranger = len(self.index) - 1
        if len(numbers) and not 0 <= int(numbers.min()) <= int(numbers.max()) <= stranger:
            numbers = np.where((numbers < 0) | (numbers > stranger), stranger, numbers)
        place = self.index[numbers]
        known = place >= 0
        rows = np.arange(len(place)) if known.all() else np.flatnonzero(known)
        return rows, place if len(rows) == len(place) else place[rows]

    def feed(self, types: tuple[RuleType, ...]) -> Feed:
        """The slots that the readings of such rules go to."""
        wanted = np.isin(self.type, [_SLOTTED.index(type_) for type_ in types])
        reached = np.zeros(self.inputs, np.bool_)
        reached[self.input[wanted]] = True
        layers = []
        for layer in range(int(self.layer[wanted].max()) + 1 if wanted.any() else 0):
            target = np.full(self.inputs, -1, np.int64)
            rows = np.flatnonzero(wanted & (self.layer == layer))
            target[self.input[rows]] = rows
            layers.append(target)
        return Feed(reached, layers)

    def slot_keys(self, rule_numbers: Mapping[str, int]) -> NDArray[np.int64]:
        """A name for every slot that outlives the layout: device number, rule, element."""
        rules = np.array([rule_numbers[rule.rule] for rule in self.rules] or [0], np.int64)
        return (self._numbers[self.device] << 24) | (rules[self.rule] << 8) | self.element

    def input_keys(self) -> NDArray[np.int64]:
        """A name for every input that outlives the layout: device number, signal, element."""
        return (self._numbers[self.input_device] << 24) | self.input_column

    def rule_number(self, rule: Rule) -> int:
        """The place of ``rule`` in ``rules``."""
        if rule.rule not in self._rule_index:
            self._rule_index[rule.rule] = len(self.rules)
            self.rules.append(rule)
        return self._rule_index[rule.rule]

    def subject(self, device: int, rule: Rule) -> str:
        """What an alarm of ``rule`` at this device is about."""
        about = self.devices[device]
        if rule.subject == "room" and about.room_id is not None:
            return f"room:{about.room_id}"
        return about.device_id

    def _allocate(self) -> None:
        n = self.slots
        self.sign = np.ones(n)
        self.limit = np.zeros(n)
        self.clear = np.zeros(n)
        self.on_s = np.zeros(n)
        self.off_s = np.zeros(n)
        self.norm = np.zeros(n)
        self.window_s = np.ones(n)
        self.count = np.full(n, 2, np.int64)
        self.low, self.high = np.zeros(n), np.zeros(n)
        self.every = np.zeros(n, np.bool_)
        self.device = np.zeros(n, np.int32)
        self.rule = np.zeros(n, np.int16)
        self.element = np.zeros(n, np.int8)
        self.type = np.zeros(n, np.int8)
        self.layer = np.zeros(n, np.int8)
        self.input = np.zeros(n, np.int32)
        self.input_device = np.zeros(self.inputs, np.int32)
        self.input_column = np.zeros(self.inputs, np.int16)
        self._numbers = np.array([device.number for device in self.devices] or [0], np.int64)

    def _fill(self, devices: NDArray[np.intp], pattern: _Pattern) -> None:
        for place, column in enumerate(pattern.columns):
            rows = self.first_input[devices] + place
            self.input_device[rows] = devices
            self.input_column[rows] = column
        for place, (rule, element, column, layer) in enumerate(pattern.slots):
            rows = self.first_slot[devices] + place
            self.device[rows] = devices
            self.rule[rows] = self.rule_number(rule)
            self.element[rows] = element
            self.type[rows] = _SLOTTED.index(rule.type)
            self.layer[rows] = layer
            self.input[rows] = self.first_input[devices] + pattern.columns[column]
            self.every[rows] = BY_NAME[rule.signal].of is SignalClass.EVENT
            self._set(rows, rule, rule.parameters)

    def _overlay(self, patterns: Sequence[_Pattern]) -> None:
        for index, device in enumerate(self.devices):
            if not device.thresholds or device.out_of_service:
                continue
            for place, (rule, element, _, _) in enumerate(patterns[self.profile[index]].slots):
                parameters, problems = parameters_of(rule, device.thresholds, device.device_id)
                self.problems += problems if element == 0 else []
                row = np.array([self.first_slot[index] + place])
                self._set(row, rule, parameters)

    def _set(self, rows: NDArray[np.intp], rule: Rule, parameters: Mapping[str, float | str]) -> None:
        def number(name: str) -> float:
            return float(parameters.get(name, 0.0))

        sign = -1.0 if parameters.get("side") == "below" else 1.0
        limit, norm = _limit_and_norm(rule.type, number)
        self.sign[rows] = sign
        self.limit[rows] = limit if rule.type in STAGED else limit * sign
        least = limit / 2 if rule.type is RuleType.LEAKAGE else -np.inf  # a small rise clears, too
        self.clear[rows] = np.maximum(self.limit[rows] - number("hysteresis"), least)
        self.norm[rows] = norm
        self.on_s[rows] = number("hold_s") or number("on_s")
        self.off_s[rows] = number("off_s")
        self.window_s[rows] = number("window_s") or number("tau_s") or 1.0
        self.count[rows] = int(number("count")) or 2
        night = rule.type is RuleType.BED_LEFT
        self.low[rows] = number("night_from_h" if night else "low")
        self.high[rows] = number("night_to_h" if night else "high")

    def _number_kinds(self) -> None:
        """``own``: the place of a slot among those of its type, where the type keeps something."""
        self.own = np.zeros(self.slots, np.int64)
        for type_ in (RuleType.COUNT, RuleType.IMPLAUSIBLE, *STAGED):
            rows = self.of_type(type_)
            self.own[rows] = np.arange(len(rows))

    def of_type(self, type_: RuleType) -> NDArray[np.intp]:
        """The slots of rules of one type."""
        return np.flatnonzero(self.type_is(type_))

    def type_is(self, type_: RuleType) -> NDArray[np.bool_]:
        """Which slots are of rules of one type, bool, shape (slots,)."""
        is_it: NDArray[np.bool_] = self.type == _SLOTTED.index(type_)
        return is_it

    def nbytes(self) -> int:
        """Bytes of all arrays."""
        return sum(value.nbytes for value in vars(self).values() if isinstance(value, np.ndarray))


class _Pattern:
    """The inputs (column -> place) and slots (rule, element, column, layer) of one profile's devices."""

    def __init__(self, rules: Iterable[Rule]) -> None:
        self.columns: dict[int, int] = {}
        self.slots: list[tuple[Rule, int, int, int]] = []
        taken: dict[tuple[int, str], int] = {}
        for rule in rules:
            family = "level" if rule.type in (RuleType.LIMIT, RuleType.DURATION) else rule.type
            for element in range(rule.elements + 1):
                column = BY_NAME[rule.signal].number * ELEMENTS + element
                self.columns.setdefault(column, len(self.columns))
                layer = taken.get((column, family), -1) + 1
                taken[column, family] = layer
                self.slots.append((rule, element, column, layer))


def _slotted(profiles: Profiles, name: str, where: Where, *, away: bool) -> list[Rule]:
    """Of somebody away no bed is left; of somebody at home nothing is unattended."""
    profile = profiles.profile(name)
    rules = profile.rules if profile is not None else profiles.every
    judged = [rule for rule in rules if rule.where is where and rule.type in _SLOTTED]
    return [rule for rule in judged if not (rule.type is RuleType.BED_LEFT if away else rule.only_away)]


def _limit_and_norm(type_: RuleType, number: Callable[[str], float]) -> tuple[float, float]:
    """What the latch compares with, and what the type measures against: a rating, a setting, the middle of a band."""
    match type_:
        case RuleType.RATE:
            return number("change"), 0.0
        case RuleType.BED_LEFT:
            return 1.0, 0.0
        case RuleType.OVERLOAD:
            return number("ratio") ** 2, number("rated")
        case RuleType.LEAKAGE:
            return number("rise"), number("limit")
        case RuleType.IMPLAUSIBLE:
            return number("jump"), number("within_s")
        case RuleType.FROZEN:
            return number("still_s"), 0.0
        case RuleType.OUTSIDE:
            return (number("high") - number("low")) / 2, (number("high") + number("low")) / 2
        case _:
            return number("limit"), 0.0


def _starts(sizes: NDArray[np.int64]) -> NDArray[np.int64]:
    return np.concatenate([np.zeros(1, np.int64), np.cumsum(sizes)])


def _numbered(devices: Sequence[CoreDevice]) -> NDArray[np.int32]:
    """Device number -> index, -1 for a number that no device has."""
    index = np.full(max((device.number for device in devices), default=0) + 2, -1, np.int32)
    for place, device in enumerate(devices):
        index[device.number] = place
    return index
