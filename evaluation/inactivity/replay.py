"""Recordings through the judgement, all homes side by side; then every removal as a home of its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from alarms.core.inactivity.clock import SLOT_S, SLOTS
from alarms.core.inactivity.silence import SETTLE_S, Silence
from alarms.core.inactivity.steps import Step
from alarms.core.saved import Array
from evaluation.inactivity.recording import DAY_MIN, Recording
from evaluation.inactivity.removal import CAP_MIN, Removal

_SLOT_MIN = int(SLOT_S // 60)


class HomeClock:
    """The clocks of homes that began at different moments; ``began_s``, float64, shape (n,): since 1970, local."""

    def __init__(self, began_s: NDArray[np.float64]) -> None:
        self._began_s = began_s

    def slots(self, at_s: float) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        slot = np.floor((self._began_s + at_s) / SLOT_S).astype(np.int64)
        return slot % SLOTS, slot // SLOTS


@dataclass(slots=True, kw_only=True)
class Steps:
    """Minutes, since the recording began, at which a home was asked and alarmed."""

    asked: list[int] = field(default_factory=list)
    alarmed: list[int] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class Replayed:
    """``steps`` and learned days of each home, ``states`` of the judgement at each removal, in their order."""

    steps: list[Steps]
    shares: list[NDArray[np.float64]]
    states: list[dict[str, Array]]


def replay(recordings: Sequence[Recording], removals: Sequence[Removal]) -> Replayed:
    """Every home from its first minute to its last."""
    silence, home_of = _silence(recordings, np.array([one.first_day * DAY_MIN * 60.0 for one in recordings]))
    lasts = max(one.minutes for one in recordings)
    watts = np.full((lasts, len(home_of)), np.nan, np.float32)
    events, doors = (np.zeros((lasts, len(recordings)), np.int16) for _ in range(2))
    sensed = np.zeros((lasts, len(recordings)), np.bool_)
    for home, one in enumerate(recordings):
        watts[: one.minutes, home_of == home] = one.watts
        events[: one.minutes, home], doors[: one.minutes, home] = one.events, one.doors
        sensed[: one.minutes, home] = one.sensed
    waiting: dict[int, list[int]] = {}
    for place, removal in enumerate(removals):
        waiting.setdefault(removal.minute // _SLOT_MIN, []).append(place)
    states: list[dict[str, Array]] = [{} for _ in removals]
    steps = [Steps() for _ in recordings]
    silence.tick(0.0)
    for slot in range(lasts // _SLOT_MIN):
        first = slot * _SLOT_MIN
        for place in waiting.get(slot, ()):
            states[place] = _state(silence, removals[place].home, home_of)
        _feed(silence, first, slice(first, first + _SLOT_MIN), watts, events, doors)
        for told in silence.tick((first + _SLOT_MIN) * 60 + SETTLE_S, ~sensed[first + _SLOT_MIN - 1]):
            _note(steps[told.home], told.step, first + _SLOT_MIN)
    shares = [silence.any.rhythm.shares(home) for home in range(len(recordings))]
    return Replayed(steps=steps, shares=shares, states=states)


def delays_min(
    recordings: Sequence[Recording], removals: Sequence[Removal], states: Sequence[dict[str, Array]]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Minutes from each removal to the question and to the alarm, float64, shape (removals,).

    inf: not within 48 h; NaN: it stood already.
    """
    homes = [recordings[one.home] for one in removals]
    starts = np.array([one.minute // _SLOT_MIN * _SLOT_MIN for one in removals])
    began_s = np.array([one.first_day * DAY_MIN for one in homes]) * 60.0 + starts * 60.0
    silence, home_of = _silence(homes, began_s)
    _take_over(silence, states, starts)
    lasts = CAP_MIN + _SLOT_MIN
    watts = np.full((lasts, len(home_of)), np.nan, np.float32)
    events, doors = (np.zeros((lasts, len(homes)), np.int16) for _ in range(2))
    for place, (removal, one) in enumerate(zip(removals, homes, strict=True)):
        begins, real = removal.minute - starts[place], slice(starts[place], removal.minute)
        meters = np.flatnonzero(home_of == place)
        watts[:begins, meters] = one.watts[real]
        watts[begins : begins + CAP_MIN, meters] = removal.watts
        events[:begins, place], doors[:begins, place] = one.events[real], one.doors[real]
    asked, alarmed = np.full(len(homes), np.inf), np.full(len(homes), np.inf)
    asked[np.isfinite(silence.asked_at)] = np.nan
    alarmed[silence.alarmed] = np.nan
    for first in range(0, lasts, _SLOT_MIN):
        _feed(silence, first, slice(first, first + _SLOT_MIN), watts, events, doors)
        for told in silence.tick((first + _SLOT_MIN) * 60 + SETTLE_S):
            into = {Step.ASK: asked, Step.ALARM: alarmed}.get(told.step)
            after_min = first + _SLOT_MIN - (removals[told.home].minute - starts[told.home])
            if into is not None and np.isinf(into[told.home]) and after_min <= CAP_MIN:
                into[told.home] = after_min
    return asked, alarmed


def _silence(recordings: Sequence[Recording], began_s: NDArray[np.float64]) -> tuple[Silence, NDArray[np.int64]]:
    home_of = np.repeat(np.arange(len(recordings)), [one.watts.shape[1] for one in recordings])
    sensed = np.array([bool(one.sensed.any()) for one in recordings])
    return Silence(HomeClock(began_s), home_of, sensed), home_of


def _feed(
    silence: Silence,
    at_min: int,
    minutes: slice,
    watts: NDArray[np.float32],
    events: NDArray[np.int16],
    doors: NDArray[np.int16],
) -> None:
    every = np.arange(watts.shape[1])
    for after, row in enumerate(watts[minutes]):
        silence.power(every, np.full(len(every), (at_min + after) * 60.0), row.astype(np.float64))
    for counts, door in ((events[minutes] - doors[minutes], False), (doors[minutes], True)):
        home = np.flatnonzero(counts.any(axis=0))
        if home.size:
            silence.event(home, counts[:, home].sum(axis=0).astype(np.int64), door=door)


def _note(steps: Steps, step: Step, minute: int) -> None:
    if step is Step.ASK:
        steps.asked.append(minute)
    elif step is Step.ALARM:
        steps.alarmed.append(minute)


def _state(silence: Silence, home: int, home_of: NDArray[np.int64]) -> dict[str, Array]:
    meters = np.flatnonzero(home_of == home)
    _, arrays = silence.saved()
    return {
        name: array[meters].copy() if name.startswith("silence.meters.") else array[home : home + 1].copy()
        for name, array in arrays.items()
    }


def _take_over(silence: Silence, states: Sequence[dict[str, Array]], starts: NDArray[np.int64]) -> None:
    """Every removal's state, its moments counted from the removal's slot on."""
    arrays = {name: np.concatenate([state[name] for state in states]) for name in states[0]}
    meters = np.arange(len(arrays["silence.meters.minute"]))
    begun = np.repeat(starts, [len(state["silence.meters.minute"]) for state in states])
    minute = arrays["silence.meters.minute"]
    arrays["silence.meters.minute"] = np.where(minute >= 0, minute - begun, minute)
    arrays["silence.home.asked_at"] = arrays["silence.home.asked_at"] - starts * 60.0
    homes = np.arange(len(starts))
    silence.restore({"silence.began_at": 0.0}, arrays, (homes, homes), (meters, meters))
