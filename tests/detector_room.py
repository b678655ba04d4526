"""One detector that tells one signal, and what the gateway judged of it."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from alarms.core.engine import Core, CoreDevice, Judgement
from alarms.core.profiles import load_profiles
from ingest.wire.batch import ReadingBatch
from ingest.wire.signals import BY_NAME

PROFILES = load_profiles()
START = 1_700_000_000.0


class Detector:
    """A device with one signal, and a clock."""

    def __init__(self, signal: str, profile: str, **thresholds: object) -> None:
        self.signal = BY_NAME[signal].number
        self.device = CoreDevice(device_id="d", number=1, profile=profile, thresholds=thresholds)
        self.core = Core(PROFILES, [self.device], "gateway")
        self.now = START
        self.judged: list[Judgement] = []

    def report(self, values: Iterable[float], every_s: float = 1.0) -> None:
        """One value after the other, the first ``every_s`` from now; time passes with each."""
        for value in values:
            self.now += every_s
            self.judged += self.core.tick(self.now)
            batch = ReadingBatch(
                device=np.array([1], np.int32),
                signal=np.array([self.signal], np.int16),
                element=np.zeros(1, np.int8),
                observed_s=np.array([self.now]),
                received_s=np.array([self.now]),
                value=np.array([value], np.float64),
            )
            self.judged += self.core.update(batch, self.now)

    def forward(self, seconds: float) -> None:
        """Nothing is said for so long."""
        self.now += seconds
        self.judged += self.core.tick(self.now)

    def restart(self) -> None:
        saved = self.core.state()
        self.core = Core(PROFILES, [self.device], "gateway")
        assert self.core.restore(saved, self.now) == []

    def first(self, rule: str) -> Judgement | None:
        """The first time that it was raised."""
        return next((one for one in self.judged if one.rule == rule and one.raised), None)

    def told(self, *rules: str) -> list[tuple[str, bool]]:
        """What was judged since last asked; of all rules where none is named."""
        told, self.judged = [(one.rule, one.raised) for one in self.judged], []
        return [one for one in told if not rules or one[0] in rules]
