"""Recordings sent through the detector as a device would: window after window, each when its last sample is there."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from itertools import islice

from evaluation.falls.detector import Found, MakeDetector, Model
from evaluation.falls.outcome import Outcome, events_of
from firmware_sim.recordings.trial import Recording
from ingest.wire import motion
from ingest.wire.motion import MotionWindow

START_S = 1_700_000_000.0
"""Every recording begins at this moment."""

AT_ONCE = 64
"""Wearers of one detector; nobody's windows matter to another one."""

SILENT_S = 10.0
"""So long after the last window time goes on: a detector may judge what it has when no more comes."""

_ROUNDING = 1e-6


def judge(
    recordings: Iterable[Recording], make: MakeDetector, model: Model | None, window_s: float
) -> Iterator[Outcome]:
    """The outcome of each recording, in their order; every one has a wearer of its own, never seen before."""
    left = iter(recordings)
    while batch := list(islice(left, AT_ONCE)):
        detector = make(len(batch), model)
        told: list[list[tuple[float, Found]]] = [[] for _ in batch]
        steps = max(_steps(recording, window_s) for recording in batch)
        for step in range(steps + math.ceil(SILENT_S / window_s) + 1):
            now_s = START_S + (step + 1) * window_s
            windows = [
                (wearer, _window(recording, step, window_s))
                for wearer, recording in enumerate(batch)
                if step < _steps(recording, window_s)
            ]
            for found in (*detector.update(windows, now_s), *detector.tick(now_s)):
                told[found.wearer].append((now_s, found))
        for recording, heard in zip(batch, told, strict=True):
            yield Outcome(
                trial=recording.trial,
                impact_s=recording.impact_s if recording.trial.fall else None,
                events=events_of(heard, START_S),
            )


def _steps(recording: Recording, window_s: float) -> int:
    """Windows of the recording; the last one may be short."""
    return math.ceil((len(recording.counts) - _ROUNDING) / (window_s * recording.trial.rate_hz))


def _samples(recording: Recording, steps: int, window_s: float) -> int:
    """Samples that are there after so many windows."""
    return int(steps * window_s * recording.trial.rate_hz + _ROUNDING)


def _window(recording: Recording, step: int, window_s: float) -> MotionWindow:
    """A window as ``detect`` decodes it."""
    trial = recording.trial
    first = _samples(recording, step, window_s)
    window = MotionWindow(
        boot="evaluation",
        seq=step + 1,
        floor=1,
        device_id="worn",
        placement=trial.placement,
        start_s=START_S + first / trial.rate_hz,
        rate_hz=trial.rate_hz,
        range_g=recording.range_g,
        counts=recording.counts[first : _samples(recording, step + 1, window_s)],
    )
    return motion.decode(motion.encode(window))
