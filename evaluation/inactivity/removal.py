"""People removed from a home at a moment: what would have been recorded from then on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evaluation.inactivity.recording import DAY_MIN, Floats, Recording

CAP_H = 48
CAP_MIN = CAP_H * 60
FROM_MIN, UNTIL_MIN = 7 * 60, 20 * 60
BEFORE_MIN = 360
"""So long before the moment everything is known."""

_NIGHT_MIN, _BLOCK_MIN = 60, 180
_JOIN_MIN = 60
_NIGHTS = 14
_LEAST_NIGHTS = 4
_RUNS_W = 20.0
_STANDBY = 5  # percentile


@dataclass(frozen=True, slots=True, kw_only=True)
class Removal:
    """People of home ``home`` are gone from minute ``minute`` on; ``watts`` float32, shape (``CAP_MIN``, m)."""

    home: int
    minute: int
    watts: Floats


def draw(recording: Recording, home: int, count: int, seed: int, from_day: int) -> list[Removal]:
    """``count`` moments between 07:00 and 20:00, drawn evenly; fewer where the recording has no such moment."""
    rng = np.random.default_rng([seed, *recording.home.encode()])
    known = np.cumsum(np.r_[0, recording.known])
    last_day = recording.minutes // DAY_MIN
    found: list[Removal] = []
    if from_day >= last_day:
        return found
    for _ in range(20 * count):
        minute = int(rng.integers(from_day, last_day)) * DAY_MIN + int(rng.integers(FROM_MIN, UNTIL_MIN))
        if known[minute + 1] - known[minute + 1 - BEFORE_MIN] < BEFORE_MIN:
            continue
        watts = _continued(recording, minute, rng)
        if watts is not None:
            found.append(Removal(home=home, minute=minute, watts=watts))
        if len(found) == count:
            break
    return found


def _continued(recording: Recording, minute: int, rng: np.random.Generator) -> Floats | None:
    """What meters and plugs would show; None: too few nights are known."""
    meters = recording.watts.shape[1]
    if meters == 1:
        house = _house(recording, 0, minute, rng)
        return None if house is None else house[:, None]
    watts = np.full((CAP_MIN, meters), np.nan, np.float32)
    before = recording.watts[max(0, minute - DAY_MIN) : minute]
    for plug in range(meters):
        house = _house(recording, plug, minute, rng) if recording.own[plug] else None
        if house is not None:
            watts[:, plug] = house
        elif not recording.own[plug] and np.isfinite(before[:, plug]).any():
            watts[:, plug] = np.nanpercentile(before[:, plug], _STANDBY)
    return watts


def _house(recording: Recording, meter: int, minute: int, rng: np.random.Generator) -> Floats | None:
    """What the house does by itself: its nights from 01:00 to 04:00 in a row, on the base load of the day before."""
    blocks = _quiet_nights(recording, meter, minute // DAY_MIN)
    before = recording.without_machine[max(0, minute - DAY_MIN) : minute, meter]
    if not blocks or not np.isfinite(before).any():
        return None
    parts: list[Floats] = []
    length, last = 0, None
    while length < CAP_MIN:
        block = blocks[rng.integers(len(blocks))]
        if last is None:
            begin = int(rng.integers(_JOIN_MIN))
        else:
            begin = int(np.argmin(np.abs(block[:_JOIN_MIN] - last) + 3 * rng.random(_JOIN_MIN)))
        parts.append(block[begin:])
        length += len(block) - begin
        last = block[-1]
    house = np.concatenate(parts)[:CAP_MIN] + np.nanpercentile(before, _STANDBY)
    if len(recording.machine):
        house += recording.machine[minute : minute + CAP_MIN]
    return house.astype(np.float32)


def _quiet_nights(recording: Recording, meter: int, day: int) -> list[Floats]:
    """Of the nights up to two weeks before and after: no appliance runs, and of these the half with least energy.

    Each is laid on its own base load. Steps, which the judgement looks at, are not looked at.
    """
    blocks: list[Floats] = []
    watts = recording.without_machine
    for night in range(max(0, day - _NIGHTS), day + _NIGHTS + 1):
        begin = night * DAY_MIN + _NIGHT_MIN
        block = watts[begin : begin + _BLOCK_MIN, meter]
        if len(block) < _BLOCK_MIN or not np.isfinite(block).all() or _runs(recording, begin):
            continue
        blocks.append(block - np.percentile(block, _STANDBY))
    if len(blocks) < _LEAST_NIGHTS:
        return []
    order = np.argsort([float(block.mean()) for block in blocks])
    return [blocks[place] for place in order[: max(3, len(blocks) // 2)]]


def _runs(recording: Recording, begin: int) -> bool:
    """An appliance runs in the block that begins there: it takes 20 W more than its own standby of these days."""
    around: NDArray[np.float32] = recording.appliances[max(0, begin - 3 * DAY_MIN) : begin + 3 * DAY_MIN]
    block = recording.appliances[begin : begin + _BLOCK_MIN]
    known = np.isfinite(around).any(axis=0)
    standby = np.nanpercentile(around[:, known], 10, axis=0)
    return bool((np.nan_to_num(block[:, known]) > standby + _RUNS_W).any())
