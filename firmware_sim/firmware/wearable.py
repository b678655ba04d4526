"""A worn accelerometer: windows of samples while its wearer lies, sits, walks or falls.

It hands its windows to the gateway on ``native/{gateway_id}/motion/{name}`` in the form of ``ingest.wire.motion``
with its own name as device; the gateway sets boot and seq anew. The name is its device id, so that what it tells in
SenML is known as its own too.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from firmware_sim.firmware import senml
from firmware_sim.firmware.device import NEVER, Battery, DeviceClock, NativeMessage
from ingest.wire import motion
from ingest.wire.motion import MotionWindow, Placement
from ingest.wire.pack import Pack, encode
from ingest.wire.senml import Record
from ingest.wire.signals import BY_NAME

TOPIC = "motion"
"""Below ``native/{gateway_id}/``; the device's native name follows."""

G_UP = np.array([0.0, 1.0, 0.0])
G_LYING = np.array([0.0, 0.0, 1.0])


class Posture(StrEnum):
    """What the wearer does."""

    LYING = "lying"
    SITTING = "sitting"
    WALKING = "walking"


@dataclass(slots=True, kw_only=True)
class Wearable:
    """A belt or pendant with an accelerometer, sending ``window_s`` of samples at a time.

    A window is sent at its end, when all of its samples are there; its start is the device's own time.
    On the charger (``worn`` False) it sends no windows but says so every ``idle_s``, in SenML as mattress pads do.
    ``queue`` holds samples that are played before the posture's own: a fall, a recording; shape (n, 3), in g.
    """

    name: str
    clock: DeviceClock
    rng: np.random.Generator
    battery: Battery = field(default_factory=lambda: Battery(fresh_v=4.2, empty_v=3.3, per_day_pct=12.0))
    placement: Placement = Placement.WAIST
    rate_hz: float = 50.0
    range_g: float = 8.0
    window_s: float = 2.0
    idle_s: float = 60.0
    posture: Posture = Posture.SITTING
    silent: bool = False
    worn: bool = True
    queue: NDArray[np.float64] = field(default_factory=lambda: np.empty((0, 3)))
    sample: int = 0
    sent: int = 0
    window_at: float = 0.0

    @property
    def next_at(self) -> float:
        if self.silent:
            return NEVER
        return self.window_at + self.clock.timeline.real(self.window_s if self.worn else self.idle_s)

    def boot(self, now: float) -> list[NativeMessage]:
        self.window_at = now + self.clock.timeline.real(self.window_s) * float(self.rng.random())
        return [self._condition(now)]

    def put_on(self, now: float) -> list[NativeMessage]:
        """Off the charger and onto the wearer."""
        self.worn, self.window_at = True, now
        return [self._condition(now)]

    def step(self, now: float) -> list[NativeMessage]:
        if now < self.next_at:
            return []
        start = self.window_at
        self.window_at = self.next_at
        if not self.worn:
            return [self._condition(now)]
        self.battery.spend(now)
        accel_g = self._samples(round(self.window_s * self.rate_hz))
        return [] if self.battery.empty else [self._message(start, accel_g)]

    def fall(self, now: float) -> list[NativeMessage]:
        """The wearer falls now and stays down."""
        self.play(simulated_fall(self.rng, self.rate_hz))
        self.posture = Posture.LYING
        return self.step(now)

    def play(self, accel_g: NDArray[np.float64]) -> None:
        """Samples (n, 3) in g, at the device's rate, that come next."""
        self.queue = np.concatenate([self.queue, accel_g])

    def _samples(self, count: int) -> NDArray[np.float64]:
        played, self.queue = self.queue[:count], self.queue[count:]
        rest = _still_or_moving(self.rng, self.posture, self.rate_hz, self.sample, count - len(played))
        self.sample += count
        return np.concatenate([played, rest])

    def _condition(self, now: float) -> NativeMessage:
        records = [
            Record(bn=f"{self.name}/", bt=round(self.clock.reads(now), 3), n="worn", vb=self.worn),
            Record(n="battery_pct", u=BY_NAME["battery_pct"].unit, v=self.battery.percent),
        ]
        return NativeMessage(topic=f"{senml.TOPIC}/{self.name}", payload=encode(Pack(records=records)))

    def _message(self, start: float, accel_g: NDArray[np.float64]) -> NativeMessage:
        counts = np.clip(np.round(accel_g * 32768 / self.range_g), -32768, 32767).astype(np.int16)
        window = MotionWindow(
            boot="native",
            seq=self.sent,
            floor=0,
            device_id=self.name,
            placement=self.placement,
            start_s=self.clock.reads(start),
            rate_hz=self.rate_hz,
            range_g=self.range_g,
            counts=counts,
        )
        self.sent += 1
        return NativeMessage(topic=f"{TOPIC}/{self.name}", payload=motion.encode(window))


def simulated_fall(rng: np.random.Generator, rate_hz: float) -> NDArray[np.float64]:
    """A fall while walking, and eight seconds of lying; shape (n, 3), in g.

    Two seconds of steps, a stumble, the body turning to the ground within half a second, a blow of 4 to 6 g with two
    weaker ones after it, limbs that come to rest, then stillness: the phases of Noury and others 2007, "Fall detection
    - principles and methods", IEEE EMBS, doi 10.1109/IEMBS.2007.4352627.
    """
    seconds = 12.5
    at_s = np.arange(round(seconds * rate_hz)) / rate_hz
    begin_s, hit_s = 2.0, 2.75
    turned = np.clip((at_s - begin_s) / (hit_s + 0.1 - begin_s), 0, 1) ** 2
    angle = np.pi / 2 * turned
    gravity = np.cos(angle)[:, None] * G_UP + np.sin(angle)[:, None] * G_LYING
    dropping = np.clip((at_s - begin_s) / (hit_s - begin_s), 0, 1) * (at_s < hit_s)
    path = gravity * (1 - 0.55 * dropping)[:, None]
    steps = (at_s < begin_s + 0.3) * 0.25 * np.sin(2 * np.pi * 1.8 * at_s)
    path += steps[:, None] * G_UP
    impact_g = float(rng.uniform(4.0, 6.0))
    toward = G_UP * 0.35 + G_LYING * 0.9
    for late_s, share, width_s in ((0.0, 1.0, 0.05), (0.16, 0.4, 0.06), (0.36, 0.22, 0.08)):
        blow = share * impact_g * np.exp(-(((at_s - hit_s - late_s) / width_s) ** 2))
        path += blow[:, None] * (toward + rng.normal(0, 0.15, 3))
    unrest = np.where(at_s < begin_s, 0.05, np.where(at_s < hit_s, 0.15, 0.3 * np.exp(-(at_s - hit_s) / 0.8)))
    sway = rng.normal(0, 1, (round(seconds * 8) + 2, 3))
    places = np.arange(len(sway)) / 8
    swaying = np.column_stack([np.interp(at_s, places, sway[:, axis]) for axis in range(3)])
    found: NDArray[np.float64] = path + unrest[:, None] * swaying + rng.normal(0, 0.01, path.shape)
    return found


def _still_or_moving(
    rng: np.random.Generator, posture: Posture, rate_hz: float, first: int, count: int
) -> NDArray[np.float64]:
    gravity = G_LYING if posture is Posture.LYING else G_UP
    accel_g = np.repeat(gravity[None, :], count, axis=0) + rng.normal(0, 0.008, (count, 3))
    if posture is Posture.WALKING:
        t = (first + np.arange(count)) / rate_hz
        accel_g[:, 1] += 0.28 * np.sin(2 * np.pi * 1.8 * t)
        accel_g[:, 2] += 0.12 * np.sin(2 * np.pi * 0.9 * t)
    return accel_g
