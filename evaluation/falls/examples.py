"""Recordings to examples: the impacts that the run-time detector would look at, each a fall or not."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from alarms.core.falls import Falls
from alarms.core.motion.features import LENGTH
from alarms.core.motion.frames import COLUMNS
from evaluation.errors import NothingToMeasureError
from firmware_sim.recordings.trial import Group, Recording
from ingest.wire.motion import MotionWindow, Placement

SLOWER_HZ = (100.0, 50.0, 25.0, 20.0)
"""Fast recordings are also used as a slower device would have made them, at one of these rates drawn by chance."""

SHIFTS = (-2, 2)
"""Frames by one of which an example is also shifted: where exactly the strongest moment lies is chance."""

_OWN_S = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Examples:
    """Impacts; all arrays have the same length n.

    Attributes
    ----------
    windows : float16, shape (n, LENGTH, COLUMNS)
        Frames around an impact, in g.
    is_fall : bool
        The impact of a fall, or one of daily life.
    recording : int64
        Which recording it is from.
    as_worn : bool
        Neither slowed down nor shifted: what the detector itself would see.
    """

    windows: NDArray[np.float16]
    is_fall: NDArray[np.bool_]
    recording: NDArray[np.int64]
    as_worn: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.is_fall)


@dataclass(frozen=True, slots=True, kw_only=True)
class Collected:
    """Examples and the recordings that they are from; arrays have an entry per recording, also without an impact.

    ``person`` and ``dataset`` (int64) are places in ``people`` (``data set/subject``) and ``datasets``; ``placement``
    (int8) is where it is worn, ``fall`` (bool) whether it is one, ``elder`` (bool) whether its person is.
    """

    examples: Examples
    people: tuple[str, ...]
    datasets: tuple[str, ...]
    placement: NDArray[np.int8]
    person: NDArray[np.int64]
    dataset: NDArray[np.int64]
    fall: NDArray[np.bool_]
    elder: NDArray[np.bool_]


def collect(recordings: Iterable[Recording], *, seed: int) -> Collected:
    """Every impact of every recording.

    In a recorded fall the strongest impact (within the annotated interval, where there is one) is the fall; others in
    the same recording are left out, since they may be parts of it.

    Raises
    ------
    NothingToMeasureError
        There is no recording.
    """
    random = np.random.default_rng(seed)
    parts: list[_Part] = []
    columns: list[tuple[float, ...]] = []
    people: dict[str, int] = {}
    datasets: dict[str, int] = {}
    recording_of: list[int] = []
    for number, recording in enumerate(recordings):
        trial = recording.trial
        person = people.setdefault(trial.person, len(people))
        dataset = datasets.setdefault(trial.dataset, len(datasets))
        columns.append((int(trial.placement), person, dataset, trial.fall, trial.group is Group.ELDER))
        parts.append(_part(recording, 1, int(random.choice(SHIFTS))))
        slower = [round(trial.rate_hz / rate_hz) for rate_hz in SLOWER_HZ if rate_hz <= trial.rate_hz / 2]
        if slower:
            parts.append(_part(recording, int(random.choice(slower)), int(random.choice(SHIFTS))))
        recording_of += [number] * (len(parts) - len(recording_of))
    if not parts:
        raise NothingToMeasureError("there are no recordings to learn from")
    table = np.array(columns)
    return Collected(
        examples=Examples(
            windows=np.concatenate([part.windows for part in parts]),
            is_fall=np.concatenate([part.is_fall for part in parts]),
            as_worn=np.concatenate([part.as_worn for part in parts]),
            recording=np.repeat(recording_of, [len(part.is_fall) for part in parts]),
        ),
        people=tuple(people),
        datasets=tuple(datasets),
        placement=table[:, 0].astype(np.int8),
        person=table[:, 1].astype(np.int64),
        dataset=table[:, 2].astype(np.int64),
        fall=table[:, 3].astype(bool),
        elder=table[:, 4].astype(bool),
    )


class _Collector:
    """In the place of a model: keeps what it is asked about, and takes nothing for a fall."""

    def __init__(self) -> None:
        self.windows: list[NDArray[np.float16]] = []

    def logits(self, windows: NDArray[np.float32], placement: NDArray[np.int8]) -> NDArray[np.float64]:
        self.windows.append(windows.astype(np.float16))
        return np.full(len(placement), -1.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Part:
    """The examples of one recording at one rate."""

    windows: NDArray[np.float16]
    is_fall: NDArray[np.bool_]
    as_worn: NDArray[np.bool_]


def _part(recording: Recording, every: int, shift: int) -> _Part:
    """The impacts of a recording, only each so many-th sample taken; each also shifted."""
    seen = _Collector()
    wearer = np.zeros(1)
    falls = Falls(
        limits=np.zeros((1, len(Placement))), turn_deg=wearer, still_g=wearer, still_s=wearer, model=seen, every=True
    )
    counts = recording.counts[::every]
    rate_hz = recording.trial.rate_hz / every
    window = MotionWindow(
        boot="training", seq=1, floor=1, device_id="worn", placement=recording.trial.placement, start_s=0.0,
        rate_hz=rate_hz, range_g=recording.range_g, counts=counts,
    )  # fmt: skip
    end_s = len(counts) / rate_hz
    told = [*falls.update([(0, window)], end_s), *falls.tick(2 * end_s + 60)]
    at_s = np.array([fall.impact_at for fall in told])
    peak_g = np.array([fall.peak_g for fall in told])
    windows = np.concatenate(seen.windows) if seen.windows else np.zeros((0, LENGTH, COLUMNS), np.float16)
    kept = np.ones(len(told), bool)
    is_fall = np.zeros(len(told), bool)
    if recording.trial.fall and told:
        first_s, last_s = recording.trial.interval_s or (0.0, end_s)
        own = np.flatnonzero((at_s >= first_s - _OWN_S) & (at_s <= last_s + _OWN_S))
        if own.size:
            is_fall[own[np.argmax(peak_g[own])]] = True
        kept = is_fall
    windows, is_fall = windows[kept], is_fall[kept]
    shifted = windows[:, np.clip(np.arange(LENGTH) + shift, 0, LENGTH - 1)]
    return _Part(
        windows=np.concatenate([windows, shifted]),
        is_fall=np.tile(is_fall, 2),
        as_worn=np.repeat([every == 1, False], len(is_fall)),
    )
