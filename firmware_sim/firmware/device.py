"""What every simulated device has: a clock that drifts, a battery that drains, a radio that repeats itself."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Protocol

import numpy as np

NEVER = math.inf


@dataclass(frozen=True, slots=True, kw_only=True)
class NativeMessage:
    """A message as the device publishes it; ``topic`` is below ``native/{gateway_id}/``."""

    topic: str
    payload: bytes
    retain: bool = False
    qos: int = 1


class Firmware(Protocol):
    """A device. ``now`` is the simulated time in seconds and never goes back."""

    @property
    def next_at(self) -> float:
        """When it wants to be stepped again; ``NEVER`` when only somebody's hand wakes it."""
        ...

    def boot(self, now: float) -> list[NativeMessage]:
        """What it says when it is switched on or has reconnected."""
        ...

    def step(self, now: float) -> list[NativeMessage]:
        """What it says of itself at ``now``."""
        ...


@dataclass(slots=True, kw_only=True)
class Timeline:
    """How simulated seconds lie on the world's clock: a day may pass ``speed`` times faster than it is told.

    Hardware does not run faster than the world: what is timed by electronics uses ``real(seconds)``.
    """

    simulated_s: float
    world_s: float
    speed: float = 1.0

    def begin(self, world_s: float) -> None:
        """Whoever plays the stage begins at this moment of the world."""
        self.world_s = world_s

    def world(self, now: float) -> float:
        """The world's time (seconds since 1970) of the simulated moment ``now``."""
        return self.world_s + (now - self.simulated_s) / self.speed

    def real(self, seconds: float) -> float:
        """So many seconds of the world, in simulated seconds."""
        return seconds * self.speed


@dataclass(slots=True, kw_only=True)
class DeviceClock:
    """A device's own clock: off by ``offset_s`` at ``set_at`` and drifting by ``drift_ppm`` since."""

    timeline: Timeline
    offset_s: float = 0.0
    drift_ppm: float = 0.0
    set_at: float = 0.0

    def reads(self, now: float) -> float:
        """Seconds since 1970 as the device believes."""
        true = self.timeline.world(now)
        return true + self.offset_s + self.drift_ppm * 1e-6 * (true - self.timeline.world(self.set_at))

    def synchronise(self, now: float) -> None:
        """Set by network time: the offset is gone, the drift goes on."""
        self.offset_s, self.set_at = 0.0, now


@dataclass(slots=True, kw_only=True)
class Battery:
    """A cell that drains with time and with every message; ``percent`` only falls until it is replaced."""

    fresh_v: float = 3.0
    empty_v: float = 2.2
    per_day_pct: float = 0.05
    per_message_pct: float = 0.0005
    left_pct: float = 100.0
    drained_at: float | None = None

    def spend(self, now: float, messages: int = 1) -> None:
        """Drain since the last call and for ``messages`` sent now."""
        hours = 0.0 if self.drained_at is None else max(0.0, now - self.drained_at) / 3600
        self.drained_at = now if self.drained_at is None else max(now, self.drained_at)
        self.left_pct = max(0.0, self.left_pct - self.per_day_pct * hours / 24 - self.per_message_pct * messages)

    def replace(self) -> None:
        self.left_pct = 100.0

    @property
    def percent(self) -> int:
        return round(self.left_pct)

    @property
    def volts(self) -> float:
        """Falls slowly at first and steeply at the end, as a lithium cell does."""
        return self.empty_v + (self.fresh_v - self.empty_v) * math.sqrt(math.sqrt(self.left_pct / 100))

    @property
    def low(self) -> bool:
        return self.left_pct < 10

    @property
    def empty(self) -> bool:
        return self.left_pct <= 0


@dataclass(slots=True, kw_only=True)
class Radio:
    """The way to the hub: its quality wanders, and with ``repeat_share`` a message is heard twice."""

    rng: np.random.Generator
    quality: float = 120.0
    repeat_share: float = 0.0

    def link_quality(self) -> int:
        """Zigbee's 0 to 255 at this moment."""
        self.quality = float(np.clip(self.quality + self.rng.normal(0, 4), 10, 250))
        return round(self.quality)

    def send(self, message: NativeMessage) -> list[NativeMessage]:
        """The message, or the message and its exact repeat."""
        repeated = self.repeat_share > 0 and self.rng.random() < self.repeat_share
        return [message, message] if repeated else [message]
