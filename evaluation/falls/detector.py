"""The detector that is measured, as the evaluation sees it, and the one that ships."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Protocol

import numpy as np

from alarms.core.falls import STILL_G, STILL_S, TURN_DEG, Fall, Falls
from alarms.core.motion.model import FallModel, shipped
from alarms.core.motion.sensitivity import Sensitivity
from firmware_sim.recordings.trial import Recording
from ingest.wire.fall_stage import Stage
from ingest.wire.motion import MotionWindow, Placement

RAISED = (Stage.SUSPECTED, Stage.CONFIRMED)
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


class MotionDetector:
    """The detector that runs in ``detect``, for wearers of one sensitivity, telling every impact."""

    def __init__(self, wearers: int, model: Model | None, *, sensitivity: Sensitivity = Sensitivity.NORMAL) -> None:
        weights = model if isinstance(model, FallModel) else shipped()
        limits = [weights.limit(placement, sensitivity) for placement in Placement]
        turn_deg, still_g, still_s = (np.full(wearers, value) for value in (TURN_DEG, STILL_G, STILL_S))
        self._falls = Falls(
            limits=np.tile(limits, (wearers, 1)), turn_deg=turn_deg, still_g=still_g, still_s=still_s, model=weights,
            every=True,
        )  # fmt: skip

    def update(self, windows: Sequence[tuple[int, MotionWindow]], now_s: float) -> list[Fall]:
        return self._falls.update(windows, now_s)

    def tick(self, now_s: float) -> list[Fall]:
        return self._falls.tick(now_s)


def shipped_people() -> frozenset[str]:
    """The people that the weights that ship were fitted to, as ``dataset/subject``."""
    return shipped().trained_on
