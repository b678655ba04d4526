"""A growing fire as a room's devices see it: smoke, then heat, then the sprinkler's water."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from firmware_sim.firmware.device import NativeMessage
from firmware_sim.firmware.senml import SenmlDevice
from firmware_sim.firmware.shelly import ShellySmoke
from firmware_sim.firmware.zigbee2mqtt import ZigbeeDevice
from firmware_sim.places import DeviceSpec, Place
from firmware_sim.stage import Stage

ALPHA_KW_S2 = {"slow": 0.00293, "medium": 0.01172, "fast": 0.0469}
"""Heat release grows as alpha * t squared; the classes are those of fire engineering."""

SMOKE_KW = 8.0
HEAT_C = 62.0
SPRINKLER_C = 68.0
EVERY_S = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Fire:
    """A fire of one growth class in one room, ``ceiling_m`` below its ceiling."""

    growth: str = "fast"
    ceiling_m: float = 2.6
    ambient_c: float = 22.0

    def heat_kw(self, age_s: float) -> float:
        """Heat release ``age_s`` after ignition."""
        return ALPHA_KW_S2[self.growth] * max(0.0, age_s) ** 2

    def ceiling_c(self, age_s: float) -> float:
        """Temperature in the plume under the ceiling (Alpert), lagged as a detector's housing lags."""
        felt_s = max(0.0, age_s - 6.0)
        return float(min(600.0, self.ambient_c + 16.9 * self.heat_kw(felt_s) ** (2 / 3) / self.ceiling_m ** (5 / 3)))

    def smoke_at_s(self) -> float:
        """When a photoelectric chamber answers."""
        return float((SMOKE_KW / ALPHA_KW_S2[self.growth]) ** 0.5)

    def reaches_s(self, temp_c: float) -> float:
        """When the ceiling reaches a temperature."""
        age_s = 0.0
        while self.ceiling_c(age_s) < temp_c:
            age_s += 0.5
        return age_s


def burn(stage: Stage, place: Place, room_id: str, fire: Fire, ignition_s: float) -> None:
    """Let the room burn: cues for its devices and the alarms that must follow."""
    for device in (d for d in place.devices if d.room_id == room_id):
        if device.profile == "smoke_alarm":
            _smoke(stage, place, device, ignition_s + fire.smoke_at_s())
        elif device.profile == "heat_alarm":
            for at_s, temp_c in _warming(fire):
                stage.cue(ignition_s + at_s, device, ZigbeeDevice, _heat(temp_c))
            # A rate-of-rise rule answers here, a fixed temperature later; either is the heat alarm.
            at_s = ignition_s + next(at for at, temp_c in _warming(fire) if temp_c >= fire.ambient_c + 18)
            stage.expect("kitchen fire: heat", at_s, place, "fire", device=device, within_s=25.0)
        elif device.profile == "flow_switch":
            at_s = ignition_s + fire.reaches_s(SPRINKLER_C) + 4.0
            stage.cue(at_s, device, SenmlDevice, _flow)
            stage.expect("kitchen fire: sprinkler flow", at_s, place, "water_flow", device=device)


def _smoke(stage: Stage, place: Place, device: DeviceSpec, at_s: float) -> None:
    if device.family == "shelly_gen2":
        stage.cue(at_s, device, ShellySmoke, lambda alarm, now: alarm.smell(now, smoke=True))
    else:
        stage.cue(at_s, device, ZigbeeDevice, lambda alarm, now: alarm.report(now, smoke=True))
    stage.expect("kitchen fire: smoke", at_s, place, "fire", device=device)


def _warming(fire: Fire) -> Iterator[tuple[float, float]]:
    """The heat alarm's reports while it grows hot, until its own electronics give up."""
    age_s = 0.0
    while fire.ceiling_c(age_s) < 110:
        if fire.ceiling_c(age_s) > fire.ambient_c + 2:
            yield age_s, round(fire.ceiling_c(age_s), 1)
        age_s += EVERY_S
    yield age_s, 110.0


def _heat(temp_c: float) -> Callable[[ZigbeeDevice, float], list[NativeMessage]]:
    def act(device: ZigbeeDevice, now: float) -> list[NativeMessage]:
        # The Zigbee heat alarms tell their alarm in the field of smoke alarms; the profile knows better.
        return device.report(now, temperature=temp_c, smoke=temp_c >= HEAT_C)

    return act


def _flow(device: SenmlDevice, now: float) -> list[NativeMessage]:
    return device.report(now, water_flow=True, water_pressure_kpa=310.0)
