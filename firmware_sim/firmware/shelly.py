"""Shelly Gen2 devices: own MQTT connection with a last will, component status and RPC notifications."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import msgspec
import numpy as np

from firmware_sim.firmware.device import NEVER, Battery, DeviceClock, NativeMessage, Radio


@dataclass(slots=True, kw_only=True)
class ShellyDevice:
    """What all Shelly devices share; ``name`` is the MQTT prefix, model and hardware address.

    ``synchronised`` is False until network time is known: until then notifications carry ``"ts":null``.
    """

    name: str
    clock: DeviceClock
    radio: Radio
    synchronised: bool = True
    silent: bool = False

    def will(self) -> NativeMessage:
        """The broker tells this when the connection breaks."""
        return NativeMessage(topic=f"{self.name}/online", payload=b"false", retain=True)

    def birth(self) -> NativeMessage:
        return NativeMessage(topic=f"{self.name}/online", payload=b"true", retain=True)

    def status(self, component: str, state: dict[str, Any]) -> NativeMessage:  # Any: a JSON object
        """The whole state of one component, on its status topic."""
        return NativeMessage(topic=f"{self.name}/status/{component}", payload=msgspec.json.encode(state))

    def notify(self, now: float, component: str, part: dict[str, Any]) -> NativeMessage:  # Any: a JSON object
        """A part of a component's state, as an RPC notification with the device's time."""
        at = round(self.clock.reads(now), 2) if self.synchronised else None
        body = {
            "src": self.name,
            "dst": f"{self.name}/events",
            "method": "NotifyStatus",
            "params": {"ts": at, component: part},
        }
        return NativeMessage(topic=f"{self.name}/events/rpc", payload=msgspec.json.encode(body))


@dataclass(slots=True, kw_only=True)
class ShellySmoke(ShellyDevice):
    """Plus Smoke: sleeps, wakes every ``wake_s`` and at once at an alarm."""

    battery: Battery = field(default_factory=Battery)
    wake_s: float = 14_400.0
    wake_at: float = 0.0
    alarm: bool = False
    mute: bool = False

    @property
    def next_at(self) -> float:
        return NEVER if self.silent else self.wake_at

    def boot(self, now: float) -> list[NativeMessage]:
        self.wake_at = now + self.wake_s * float(self.radio.rng.random())
        return [] if self.silent else [self.birth()]

    def step(self, now: float) -> list[NativeMessage]:
        if now < self.wake_at:
            return []
        self.wake_at = now + self.wake_s * float(self.radio.rng.uniform(0.95, 1.05))
        self.synchronised = True
        return self._wake(now)

    def smell(self, now: float, *, smoke: bool) -> list[NativeMessage]:
        """The chamber changes; it wakes and tells, before network time is known."""
        if smoke == self.alarm:
            return []
        self.alarm, self.mute = smoke, False
        self.battery.spend(now, 2)
        if self.silent or self.battery.empty:
            return []
        self.synchronised = False
        told = self.radio.send(self.notify(now, "smoke:0", {"id": 0, "alarm": smoke}))
        self.synchronised = True
        return [*told, *self._wake(now)]

    def _wake(self, now: float) -> list[NativeMessage]:
        self.battery.spend(now, 2)
        if self.battery.empty:
            return []
        power = {"V": round(self.battery.volts, 2), "percent": self.battery.percent}
        return [
            self.status("smoke:0", {"id": 0, "alarm": self.alarm, "mute": self.mute}),
            self.status("devicepower:0", {"id": 0, "battery": power, "external": {"present": False}}),
        ]


@dataclass(slots=True, kw_only=True)
class ShellyMeter(ShellyDevice):
    """An electricity meter on mains: Pro 3EM (``phases`` 3) or Pro EM-50 (1), power every ``every_s``.

    ``load_w`` is what the house draws; energy is counted from it in watt-hours and told every minute.
    """

    phases: int = 1
    every_s: float = 10.0
    load_w: float = 200.0
    mains: bool = True
    energy_wh: float = 0.0
    told_at: float = 0.0
    due_at: float = 0.0
    energy_due_at: float = 0.0

    @property
    def next_at(self) -> float:
        return self.due_at if self.mains and not self.silent else NEVER

    def boot(self, now: float) -> list[NativeMessage]:
        self.told_at = now
        self.due_at = now + self.clock.timeline.real(self.every_s) * float(self.radio.rng.random())
        self.energy_due_at = now
        return [] if self.silent or not self.mains else [self.birth()]

    def draw(self, now: float, watts: float, *, always: bool = False) -> list[NativeMessage]:
        """The load changes; a step of more than 5 % and 10 W is told at once, a smaller one only with ``always``."""
        self._count(now)
        told = always or abs(watts - self.load_w) > max(10.0, 0.05 * abs(self.load_w))
        self.load_w = watts
        return [self._power(now)] if told and self.mains and not self.silent else []

    def step(self, now: float) -> list[NativeMessage]:
        if now < self.due_at or not self.mains:
            return []
        self._count(now)
        # Real meters answer on their own second, whatever the load of the network.
        self.due_at = max(self.due_at + self.clock.timeline.real(self.every_s), now)
        sent = self.radio.send(self._power(now))
        if now >= self.energy_due_at:
            self.energy_due_at = now + self.clock.timeline.real(60.0)
            sent.append(self._energy())
        return sent

    def cut(self, now: float) -> None:
        """Mains are gone and the meter with them; its connection breaks."""
        self._count(now)
        self.mains = False

    def restore(self, now: float) -> list[NativeMessage]:
        self.mains = True
        return self.boot(now)

    def _count(self, now: float) -> None:
        if self.mains:
            self.energy_wh += self.load_w * max(0.0, now - self.told_at) / 3600
        self.told_at = now

    def _power(self, now: float) -> NativeMessage:
        rng = self.radio.rng
        if self.phases == 1:
            state = _phase(rng, self.load_w, "")
            return self.status("em1:0", {"id": 0, **state, "calibration": "factory"})
        shares = np.array([0.5, 0.3, 0.2]) * self.load_w
        state = {}
        for phase, watts in zip("abc", shares, strict=True):
            state |= _phase(rng, float(watts), f"{phase}_")
        state["n_current"] = None
        for what in ("current", "act_power", "aprt_power"):
            state[f"total_{what}"] = round(sum(state[f"{phase}_{what}"] for phase in "abc"), 3)
        return self.notify(now, "em:0", {"id": 0, **state})

    def _energy(self) -> NativeMessage:
        if self.phases == 1:
            energy = {"total_act_energy": round(self.energy_wh, 2), "total_act_ret_energy": 0.0}
            return self.status("em1data:0", {"id": 0, **energy})
        each = dict(zip("abc", (0.5, 0.3, 0.2), strict=True))
        body: dict[str, Any] = {"id": 0}  # Any: a JSON object
        for phase, share in each.items():
            body[f"{phase}_total_act_energy"] = round(self.energy_wh * share, 2)
            body[f"{phase}_total_act_ret_energy"] = 0.0
        return self.status("emdata:0", {**body, "total_act": round(self.energy_wh, 2), "total_act_ret": 0.0})


def _phase(rng: np.random.Generator, watts: float, prefix: str) -> dict[str, Any]:  # Any: a JSON object
    volts = 230.0 + float(rng.normal(0, 0.6))
    factor = 0.95
    apparent = abs(watts) / factor
    return {
        f"{prefix}current": round(apparent / volts, 3),
        f"{prefix}voltage": round(volts, 1),
        f"{prefix}act_power": round(watts + float(rng.normal(0, 0.3)), 1),
        f"{prefix}aprt_power": round(apparent, 1),
        f"{prefix}pf": factor,
        f"{prefix}freq": round(50.0 + float(rng.normal(0, 0.01)), 2),
    }
