"""The best fixed timer, chosen with hindsight: no sign for T hours; a sign is power X watts over the base load."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from alarms.core.inactivity.clock import SLOT_S
from alarms.core.inactivity.silence import FORGOTTEN_SLOTS
from evaluation.inactivity.recording import DAY_MIN, Recording
from evaluation.inactivity.removal import CAP_MIN, Removal

OVER_W = (25, 50, 75, 100, 150, 200, 300, 400, 600, 800, 1200, 1600)
GAP_MIN = FORGOTTEN_SLOTS * int(SLOT_S // 60)
"""After so long without data the timer begins anew, as ours does."""

_PART_MIN = 120
_PARTS = 12
_STEP_MIN = 5
Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Timer:
    """A timer and what it would have done; ``delay_min`` float64, shape (removals,): inf beyond 48 h, NaN: it stood."""

    over_w: int | None
    after_min: float
    alarms: int
    delay_min: Floats


def best(recording: Recording, removals: Sequence[Removal], most_alarms: int, from_day: int) -> Timer:
    """The timer with the smallest median delay among those with at most so many alarms from that day on.

    For each X, T is the smallest that keeps to it: five minutes more than the longest silence but so many.
    """
    base = base_load(recording)
    found = []
    for over_w in OVER_W if recording.watts.shape[1] else (0,):
        sign = recording.events > 0
        sign |= (recording.watts > base + over_w).any(axis=1)
        silent = silence_min(sign, recording.known)
        lengths = np.sort(episodes(silent)[from_day * DAY_MIN :].ravel())[::-1]
        lengths = lengths[lengths > 0]
        after_min = float(lengths[most_alarms] + _STEP_MIN) if len(lengths) > most_alarms else _STEP_MIN
        alarms = int((lengths >= after_min).sum())
        delay = np.array([_delay_min(one, base[one.minute], over_w, silent, after_min) for one in removals])
        found.append(Timer(over_w=over_w or None, after_min=after_min, alarms=alarms, delay_min=delay))
    return min(found, key=lambda timer: median(timer.delay_min))


def median(delay_min: Floats) -> float:
    """In minutes; beyond 48 h counts as 48 h, moments at which an alarm stood already are left out."""
    there = delay_min[~np.isnan(delay_min)]
    return float(np.median(np.minimum(there, CAP_MIN))) if len(there) else np.inf


def base_load(recording: Recording) -> NDArray[np.float32]:
    """As ours has it, of each meter: the second lowest of the minima of twelve parts of two hours, shape as watts."""
    minutes, meters = recording.watts.shape
    if not meters:
        return recording.watts
    minima = np.where(np.isfinite(recording.watts), recording.watts, np.inf).reshape(-1, _PART_MIN, meters).min(axis=1)
    base = np.full(minima.shape, np.nan, np.float32)
    for part in range(1, len(minima)):
        seen = np.sort(minima[max(0, part - _PARTS) : part], axis=0)
        second = seen[min(1, len(seen) - 1)]
        base[part] = np.where(np.isfinite(second), second, np.where(np.isfinite(seen[0]), seen[0], base[part - 1]))
    return np.repeat(base, _PART_MIN, axis=0)[:minutes]


def silence_min(sign: Bools, known: Bools, before_min: int = 0) -> NDArray[np.int64]:
    """For how many known minutes there was no sign, int64, shape (minutes,); 0 at a sign and after a gap.

    ``before_min``: so many there had been when it begins.
    """
    place = np.arange(len(sign))
    unknown = np.cumsum(~known)
    last_known = np.maximum.accumulate(np.where(known, place, -1))
    anew = sign | (place - last_known >= GAP_MIN)
    since = np.maximum.accumulate(np.where(anew, place, -1))
    before = np.where(since >= 0, unknown[np.maximum(since, 0)], before_min)
    silent: NDArray[np.int64] = (place - since) - (unknown - before)
    return np.maximum(silent, 0)


def episodes(silent: NDArray[np.int64]) -> NDArray[np.int64]:
    """Each silence's length at its last minute, 0 elsewhere."""
    ends = np.r_[silent[1:] == 0, True]
    return np.where(ends, silent, 0)


def _delay_min(
    removal: Removal, base: NDArray[np.float32], over_w: int, silent: NDArray[np.int64], after_min: float
) -> float:
    before = int(silent[removal.minute - 1])
    if before >= after_min:
        return np.nan
    sign = np.asarray((removal.watts > base + over_w).any(axis=1))
    blind = np.asarray(np.isnan(removal.watts).all(axis=1)) if removal.watts.shape[1] else np.zeros(CAP_MIN, np.bool_)
    over = np.flatnonzero(silence_min(sign, ~blind, before) >= after_min)
    return float(over[0] + 1) if len(over) else np.inf
