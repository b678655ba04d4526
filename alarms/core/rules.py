"""Rules: what is judged, from which signal, with which parameters and in which range each may be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from alarms.core.absence import EMPTY_S
from alarms.core.dose import POINTS
from alarms.core.falls import POSTURE_S, STILL_G, STILL_S, TURN_DEG, WATCH_S
from alarms.core.motion.sensitivity import Sensitivity
from alarms.core.standards import Cited, Value
from alarms.lifecycle.alarm import AlarmKind, Priority
from ingest.wire.signals import BY_NAME, SIGNALS, SignalClass


class RuleType(StrEnum):
    """How a rule judges."""

    DIRECT = "direct"  # the record itself is the alarm
    LIMIT = "limit"  # past a limit, with hysteresis, on-delay and off-delay
    RATE = "rate"  # changes too fast
    COUNT = "count"  # too often in a window
    DURATION = "duration"  # stays past a limit for too long
    SILENT = "silent"  # nothing heard
    FALL = "fall"  # a worn accelerometer shows one
    FIRE = "fire"  # a room's detectors show one together
    SMOKE = "smoke"  # dense smoke at one detector, above what soiling has made usual
    SOILING = "soiling"  # a smoke detector is so dirty that it needs cleaning
    BED_LEFT = "bed_left"  # left at night and not back
    OVERLOAD = "overload"  # the heat that a current leaves in its circuit (I²t)
    LEAKAGE = "leakage"  # a residual current beyond the circuit's own natural leakage
    OUTSIDE = "outside"  # out of a band
    IMPLAUSIBLE = "implausible"  # leaps up and back, or is out of its range: the sensor is broken
    FROZEN = "frozen"  # does not move any more though it is said
    DOSE = "dose"  # a concentration adds up: the more, the sooner
    VISIT = "visit"  # in the bathroom for far longer than usual
    INACTIVITY = "inactivity"  # no sign of life for far longer than is usual in a home, at this time of its day
    WITHOUT = "without"  # one thing lasts while another one that belongs to it does not
    EMPTY = "empty"  # past a limit in a home that everybody has left
    VERIFY = "verify"  # judges nothing: how long fire alarms of one detector wait before they sound


class Where(StrEnum):
    """The one place that judges a rule (DESIGN law 9)."""

    ALARMS = "alarms"
    GATEWAY = "gateway"
    PLATFORM = "platform"


class Subject(StrEnum):
    """What a rule's alarm is about."""

    DEVICE = "device"
    ROOM = "room"
    HOME = "home"


@dataclass(frozen=True, slots=True)
class Bound:
    """What a parameter may be: a number from ``low`` to ``high``, or one of ``words``.

    Without a ``default`` it must be given.
    """

    low: float = 0.0
    high: float = 0.0
    default: float | str | None = None
    words: tuple[str, ...] = ()

    def allows(self, value: object) -> bool:
        if self.words:
            return value in self.words
        return isinstance(value, int | float) and not isinstance(value, bool) and self.low <= value <= self.high

    def __str__(self) -> str:
        return " or ".join(map(repr, self.words)) if self.words else f"a number from {self.low:g} to {self.high:g}"


_DAY_S = 86_400.0
_SIDE = Bound(words=("above", "below"), default="above")
_NIGHT = {"night_from_h": Bound(0, 24, default=22.0), "night_to_h": Bound(0, 24, default=5.0)}
_USES = ("bedroom", "bathroom", "kitchen", "living", "corridor", "other")
_LONGEST_WAIT_S = 120
"""Ours: EN 54-2, 7.11 allows ten minutes, in which people look. Nobody is asked to look here."""

_FROM_SIGNAL = Bound(-1e9, 1e9)
_OF_SIGNAL = {"limit", "low", "high", "rated"}
"""The signal's own range is laid over that of these."""

_LEAST_RATED = 0.1

_POINTS = range(1, POINTS + 1)

MAX_COUNT = 64
"""The most events that a COUNT rule can wait for: its memory is fixed."""

PARAMETERS: Mapping[RuleType, Mapping[str, Bound]] = {
    RuleType.DIRECT: {"when": Bound(0, 2, default=1.0)},
    RuleType.LIMIT: {
        "side": _SIDE,
        "limit": _FROM_SIGNAL,
        "hysteresis": Bound(0, 1e9, default=0.0),
        "on_s": Bound(0, 7 * _DAY_S, default=0.0),
        "off_s": Bound(0, 7 * _DAY_S, default=0.0),
    },
    RuleType.DURATION: {
        "side": _SIDE,
        "limit": _FROM_SIGNAL,
        "hysteresis": Bound(0, 1e9, default=0.0),
        "hold_s": Bound(1, 30 * _DAY_S),
    },
    RuleType.RATE: {
        "side": _SIDE,
        "change": Bound(1e-6, 1e9),
        "hysteresis": Bound(0, 1e9, default=0.0),
        "window_s": Bound(1, _DAY_S),
    },
    RuleType.COUNT: {
        "limit": _FROM_SIGNAL,
        "count": Bound(2, MAX_COUNT),
        "window_s": Bound(1, 7 * _DAY_S),
    },
    RuleType.OVERLOAD: {
        "rated": _FROM_SIGNAL,
        "ratio": Bound(1, 10),
        "tau_s": Bound(1, _DAY_S),
        "hysteresis": Bound(0, 1, default=0.4),
    },
    RuleType.LEAKAGE: {
        "limit": _FROM_SIGNAL,
        "rise": Bound(1, 1e9),
        "hysteresis": Bound(0, 1e9, default=0.0),
        "on_s": Bound(0, 7 * _DAY_S, default=0.0),
        "off_s": Bound(0, 7 * _DAY_S, default=0.0),
    },
    RuleType.OUTSIDE: {
        "low": _FROM_SIGNAL,
        "high": _FROM_SIGNAL,
        "hysteresis": Bound(0, 1e9, default=0.0),
        "on_s": Bound(0, 7 * _DAY_S, default=0.0),
        "off_s": Bound(0, 7 * _DAY_S, default=0.0),
    },
    RuleType.IMPLAUSIBLE: {
        "jump": Bound(1e-6, 1e9),
        "within_s": Bound(0.1, 600, default=10.0),
        "count": Bound(2, MAX_COUNT),
        "window_s": Bound(1, _DAY_S),
        "low": _FROM_SIGNAL,
        "high": _FROM_SIGNAL,
    },
    RuleType.FROZEN: {"still_s": Bound(60, 30 * _DAY_S)},
    RuleType.DOSE: {
        **{f"level_{point}": Bound(0.1, 1e6) for point in _POINTS},
        **{f"after_{point}_s": Bound(1, 30 * _DAY_S) for point in _POINTS},
        "share": Bound(0.01, 1, default=1.0),
        "half_life_s": Bound(60, 7 * _DAY_S),
        "hysteresis": Bound(0, 1e9, default=0.0),
        "off_s": Bound(0, 7 * _DAY_S, default=0.0),
    },
    RuleType.SILENT: {
        "missed": Bound(1, 100, default=3.0),
        "grace_s": Bound(0, _DAY_S, default=0.0),
        "heartbeat_s": Bound(0, 7 * _DAY_S, default=0.0),
    },
    RuleType.FALL: {
        "sensitivity": Bound(words=tuple(Sensitivity), default=Sensitivity.NORMAL),
        "turn_deg": Bound(5, 180, default=TURN_DEG),
        "still_g": Bound(0.01, 1, default=STILL_G),
        "still_s": Bound(POSTURE_S, WATCH_S, default=STILL_S),
    },
    RuleType.FIRE: {
        "score": Bound(0.5, 0.9999),
        "cloudy_score": Bound(0.5, 0.99999),
        "hold_s": Bound(0, 120, default=2.0),
    },
    RuleType.SMOKE: {
        "limit": _FROM_SIGNAL,
        "hysteresis": Bound(0, 1e9, default=0.0),
        "on_s": Bound(0, 120, default=4.0),
        "cloudy_on_s": Bound(0, 3600, default=900.0),
        "off_s": Bound(0, 3600, default=0.0),
    },
    RuleType.SOILING: {
        "share": Bound(0.1, 1),
        "hysteresis": Bound(0, 1, default=0.2),
        "hold_s": Bound(60, 30 * _DAY_S),
    },
    RuleType.BED_LEFT: {"hold_s": Bound(60, 0.5 * _DAY_S), **_NIGHT},
    RuleType.VISIT: {
        "night_s": Bound(300, 14_400),
        "day_s": Bound(300, 14_400),
        "factor": Bound(1, 10),
        "longest_s": Bound(300, 14_400),
        "gap_s": Bound(60, 3600),
        **_NIGHT,
    },
    RuleType.INACTIVITY: {
        "patience": Bound(0.5, 3, default=1.0),
        "ask_ahead_s": Bound(1800, 4 * 3600, default=1800.0),
    },
    RuleType.WITHOUT: {
        "side": _SIDE,
        "limit": _FROM_SIGNAL,
        "hysteresis": Bound(0, 1e9, default=0.0),
        "other": Bound(words=tuple(signal.name for signal in SIGNALS if signal.of is SignalClass.STATE)),
        "hold_s": Bound(1, _DAY_S),
    },
    RuleType.EMPTY: {
        "limit": _FROM_SIGNAL,
        "hysteresis": Bound(0, 1e9, default=0.0),
        "hold_s": Bound(0, _DAY_S, default=0.0),
        "empty_s": Bound(120, _DAY_S, default=EMPTY_S),
    },
    RuleType.VERIFY: {
        **{f"{use}_s": Bound(0, _LONGEST_WAIT_S, default=0.0) for use in _USES},
        "night_from_h": Bound(0, 24, default=22.0),
        "night_to_h": Bound(0, 24, default=7.0),
    },
}
"""Every type's parameters. ``on_s``, ``off_s`` and ``hold_s`` are seconds of the sample's own time.

A ``heartbeat_s`` of 0 is the profile's. Hours are the site's; an end that is not later is the next day's.
"""


Choices = Mapping[str, Mapping[str, Mapping[str, float]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One rule; ``rule`` is its id in every profile, topic and alarm.

    ``elements``: 0 judges the signal's single value, n also its phases 1 to n. ``siren``: the gateway sounds at once;
    ``verify``: after the site's verification where one detector says so (docs/fire.md).
    ``clears``: the record is no alarm, it takes back the alarm of that rule where it began. ``presence``: it is none
    either, it says whether staff are in the room. ``only_away``: judged only while all who live there are away.
    ``parameters`` are complete: defaults are filled in. ``cited``: those that the file takes from a standard;
    ``settable``: those that a standard lets be set in a range. ``choices``: parameters whose word stands for others, as
    a class for its limit: parameter -> word -> numbers, the file's own word first. ``beside``: signals that are drawn
    as evidence too, of the device or else of others behind its gateway.
    """

    rule: str
    type: RuleType
    signal: str
    kind: AlarmKind
    priority: Priority
    latching: bool = False
    where: Where = Where.ALARMS
    subject: Subject = Subject.DEVICE
    siren: bool = False
    verify: bool = False
    elements: int = 0
    clears: str | None = None
    presence: bool = False
    only_away: bool = False
    beside: tuple[str, ...] = ()
    parameters: Mapping[str, float | str] = field(default_factory=dict)
    cited: Mapping[str, Cited] = field(default_factory=dict)
    settable: Mapping[str, Value] = field(default_factory=dict)
    choices: Choices = field(default_factory=dict)
    text_en: str = ""
    text_zh: str = ""

    def number(self, parameter: str) -> float:
        """A parameter that is a number."""
        return float(self.parameters[parameter])

    def source(self, parameter: str, number: float) -> Value | None:
        """The standard behind a parameter that has this number; None: it was set otherwise, or is our own."""
        cited = self.cited.get(parameter)
        return cited.value if cited is not None and cited.number == number else None

    def bounds(self) -> dict[str, Bound]:
        """What each parameter may be."""
        found = bounds(self.type, self.signal)
        for name, value in self.settable.items():
            found[name] = replace(found[name], low=value.low, high=value.high)
        for name, words in self.choices.items():
            found[name] = Bound(words=tuple(words), default=next(iter(words)))
        return found

    def chosen(self, given: Mapping[str, object]) -> dict[str, object]:
        """The given parameters, and under them those that a chosen word stands for."""
        numbers: dict[str, object] = {}
        for name, words in self.choices.items():
            numbers |= words.get(str(given.get(name)), {})
        return {**numbers, **given}

    @property
    def momentary(self) -> bool:
        """True when no later reading clears it: a press, a fall."""
        if self.type is RuleType.DIRECT:
            return BY_NAME[self.signal].of is SignalClass.EVENT
        return self.type is RuleType.FALL

    def verdict(self, value: float) -> bool | None:
        """Of a DIRECT rule: True raised, False cleared, None when ``value`` says neither (a false event)."""
        if value == self.number("when"):
            return True
        return None if self.momentary else False


def bounds(type_: RuleType, signal: str) -> dict[str, Bound]:
    """What each parameter of such a rule may be."""
    found = dict(PARAMETERS[type_])
    for name in _OF_SIGNAL & found.keys():
        known = BY_NAME[signal]
        default = 0.5 if known.of is not SignalClass.MEASURE else None
        found[name] = Bound(known.low, known.high, default=default)
    if "rated" in found:
        found["rated"] = replace(found["rated"], low=_LEAST_RATED)
    return found
