"""The detector that is measured, as the evaluation sees it, and the one that ships."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from alarms.core.falls import Falls
from firmware_sim.recordings.trial import Recording
from ingest.wire.motion import MotionWindow

SUSPECTED, CONFIRMED, RECOVERED = "suspected", "confirmed", "recovered"
RAISED = (SUSPECTED, CONFIRMED)
"""Stages that raise an alarm."""


class Found(Protocol):
    """What a detector tells of a wearer: a fall, a later stage of the same fall, or what it did not take for one.

    Times are in the samples' time. One fall keeps its ``impact_at``. ``stage`` is None when ``logit`` was too small.
    """

    @property
    def wearer(self) -> int: ...
    @property
    def stage(self) -> str | None: ...
    @property
    def impact_at(self) -> float: ...
    @property
    def logit(self) -> float: ...


class Model(Protocol):
    """Weights. ``trained_on`` names the people that they were fitted to, as ``dataset/subject``."""

    @property
    def trained_on(self) -> Collection[str]: ...


class Detector(Protocol):
    """Rows of wearers, judged as their windows arrive."""

    def update(self, windows: Sequence[tuple[int, MotionWindow]], now_s: float) -> Sequence[Found]: ...

    def tick(self, now_s: float) -> Sequence[Found]:
        """Time has passed."""


class MakeDetector(Protocol):
    """Makes a detector of so many wearers, each of whom it has never seen."""

    def __call__(self, wearers: int, model: Model | None) -> Detector:
        """``model`` None: the weights that ship."""


class Train(Protocol):
    """Fits weights to recordings, which may be gone through more than once."""

    def __call__(self, recordings: Iterable[Recording], *, seed: int, progress: Callable[[str], None]) -> Model: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class _RuleFound:
    wearer: int
    stage: str | None
    impact_at: float
    logit: float


class ShippedDetector:
    """The rule of ``alarms.core.falls`` with the parameters of the profiles."""

    def __init__(self, wearers: int, model: Model | None) -> None:
        del model
        self._falls = Falls(
            impact_g=np.full(wearers, 2.5),
            turn_deg=np.full(wearers, 45.0),
            within_s=np.full(wearers, 4.0),
            still_g=np.full(wearers, 0.1),
        )

    def update(self, windows: Sequence[tuple[int, MotionWindow]], now_s: float) -> list[_RuleFound]:
        return [
            _RuleFound(wearer=fall.wearer, stage=CONFIRMED, impact_at=fall.impact_at, logit=0.0)
            for wearer, window in windows
            for fall in self._falls.update(wearer, window.start_s, window.rate_hz, window.accel_g, now_s)
        ]

    def tick(self, now_s: float) -> list[_RuleFound]:
        del now_s
        return []


def shipped_people() -> frozenset[str]:
    """The people that the weights that ship were fitted to, as ``dataset/subject``."""
    return frozenset()
