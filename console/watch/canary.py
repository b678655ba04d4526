"""The canary, pure: when it presses, whether it came through, what follows. The time is an argument.

``now_s`` is of a clock that never goes back.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

MISSES_TOLD = 2
"""So many misses in a row are an alarm, and stop the pings."""


class Leg(StrEnum):
    """Where a press is seen, in the order of its way."""

    BROKER = "broker"  # back from the broker
    ALARMS = "alarms"  # journaled, and on its alarm's topic
    FEED = "feed"  # bytes on the console's live feed


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """A press every ``every_s``, the first ``settle_s`` after the start; unseen after ``limit_s`` it is a miss."""

    every_s: float
    limit_s: float
    settle_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Press:
    """Press the button now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Passed:
    """The press came through; ``seen`` is how long after it each leg saw it, in seconds."""

    seen: Mapping[Leg, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Missed:
    """The press was not seen at ``leg``, nor behind it, in time; it is the ``misses``-th in a row."""

    leg: Leg
    misses: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Raise:
    """Tell people that the path is broken at ``leg``."""

    leg: Leg
    misses: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Clear:
    """The path works again."""


Effect = Press | Passed | Missed | Raise | Clear


@dataclass(frozen=True, slots=True, kw_only=True)
class Canary:
    """Where it stands.

    ``pressed_s`` is the press under way and ``seen`` its legs so far. ``misses`` counts those in a row, ``failed`` is
    the leg of the last one. ``told`` is the leg that people were told of; None: nobody was, and it need not be taken
    back. ``passed_s`` is when a press last came through.
    """

    next_s: float
    pressed_s: float | None = None
    seen: Mapping[Leg, float] = field(default_factory=dict)
    misses: int = 0
    failed: Leg | None = None
    told: Leg | None = None
    unsure: bool = True  # after a start: what was told before is not known
    passed_s: float | None = None


def start(
    now_s: float, timing: Timing, *, misses: int = 0, failed: Leg | None = None, passed_s: float | None = None
) -> Canary:
    """The canary after a start of the program, with what is known from before."""
    return Canary(next_s=now_s + timing.settle_s, misses=misses, failed=failed, passed_s=passed_s)


def due_s(canary: Canary, timing: Timing) -> float:
    """When ``turn`` has something to do."""
    return canary.next_s if canary.pressed_s is None else canary.pressed_s + timing.limit_s


def turn(canary: Canary, now_s: float, timing: Timing) -> tuple[Canary, list[Effect]]:
    """Let the time pass: press, or find that a press was missed. Nothing happens before ``due_s``."""
    if now_s < due_s(canary, timing):
        return canary, []
    if canary.pressed_s is None:
        on_time = canary.next_s + timing.every_s
        next_s = on_time if on_time > now_s else now_s + timing.every_s
        return replace(canary, pressed_s=now_s, seen={}, next_s=next_s), [Press()]
    leg = next(leg for leg in Leg if leg not in canary.seen)
    missed = replace(canary, pressed_s=None, misses=canary.misses + 1, failed=leg)
    effects: list[Effect] = [Missed(leg=leg, misses=missed.misses)]
    if missed.misses >= MISSES_TOLD and missed.told is not leg:
        effects.append(Raise(leg=leg, misses=missed.misses))
        missed = replace(missed, told=leg, unsure=False)
    return missed, effects


def saw(canary: Canary, leg: Leg, now_s: float) -> tuple[Canary, list[Effect]]:
    """The press under way was seen at ``leg``, and so has passed every leg before it."""
    if canary.pressed_s is None or leg in canary.seen:
        return canary, []
    after_s = max(0.0, now_s - canary.pressed_s)
    way = list(Leg)
    passed = dict.fromkeys(way[: way.index(leg) + 1], after_s)
    canary = replace(canary, seen=passed | dict(canary.seen))
    if leg is not Leg.FEED:
        return canary, []
    effects: list[Effect] = [Passed(seen=canary.seen)]
    if canary.told is not None or canary.unsure:
        effects.append(Clear())
    return replace(canary, pressed_s=None, misses=0, failed=None, told=None, unsure=False, passed_s=now_s), effects


def well_until_s(canary: Canary, timing: Timing) -> float:
    """Until when the outside watcher may be told that all is well, if nothing new is found.

    A program that hangs, or starts again and again, runs into this moment by itself.
    """
    if canary.passed_s is None or canary.misses >= MISSES_TOLD:
        return float("-inf")
    return canary.passed_s + MISSES_TOLD * timing.every_s + timing.limit_s
