"""A slow twin of the frames of worn accelerometers: one wearer, one sample after the other."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from ingest.wire.motion import MotionWindow

FRAME_S, GAP_S, REWIND_S = 0.05, 1.0, 60.0

Sample = tuple[float, float, float]


@dataclass
class NaiveFrames:
    """The frames of one wearer since the stream began; each is mean x, y, z, strongest and weakest, in g."""

    began_s: float = math.nan
    rate_hz: float = 0.0
    samples: int = 0
    frames: list[list[float]] = field(default_factory=list)
    open: list[Sample] = field(default_factory=list)

    def take(self, window: MotionWindow, now_s: float) -> None:
        samples = [(x, y, z) for x, y, z in window.accel_g.tolist()]
        expected_s = self.began_s + self.samples / self.rate_hz if self.rate_hz else math.nan
        start_s = expected_s if math.isnan(window.start_s) else window.start_s
        at_latest_s = now_s - len(samples) / window.rate_hz
        is_long_ago = math.isnan(window.start_s) and at_latest_s - expected_s > REWIND_S
        if math.isnan(start_s) or start_s > now_s or is_long_ago:
            start_s = at_latest_s
        ahead_s = start_s - expected_s
        if not (-REWIND_S <= ahead_s <= GAP_S and window.rate_hz == self.rate_hz):
            self.began_s, self.rate_hz, self.samples, self.frames, self.open = start_s, window.rate_hz, 0, [], []
            ahead_s = 0.0
        missing = round(ahead_s * self.rate_hz)
        if abs(missing) <= self.rate_hz * FRAME_S:
            missing = 0
        for sample in samples[:1] * missing + samples[max(-missing, 0) :]:
            self._add(sample)

    def _add(self, sample: Sample) -> None:
        self.open.append(sample)
        self.samples += 1
        following = int(self.samples * (20 / self.rate_hz) + 1e-6)
        if following == len(self.frames):
            return
        strengths = [math.hypot(*each) for each in self.open]
        means = [sum(axis) / len(self.open) for axis in zip(*self.open, strict=True)]
        while len(self.frames) < following:  # below 20 Hz a frame without a sample is like the one before
            self.frames.append([*means, max(strengths), min(strengths)])
        self.open = []
