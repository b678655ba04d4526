"""A fire of ``firmware_sim.fires`` as a room's devices tell it: smoke, then heat, then the sprinkler's water."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from firmware_sim.fires.scenes import Played, Scenes, draw, play
from firmware_sim.firmware.device import NativeMessage
from firmware_sim.firmware.senml import SenmlDevice
from firmware_sim.firmware.shelly import ShellySmoke
from firmware_sim.firmware.zigbee2mqtt import FieldValue, ZigbeeDevice
from firmware_sim.places import DeviceSpec, Place
from firmware_sim.stage import Stage

ALARM_DB_M = 0.15
"""A smoke alarm's contact closes here: EN 14604 allows 0.05 to 0.20."""

HEAT_C = 62.0
RISE_C = 18.0
"""A rate-of-rise rule has seen so much of a rise when it answers."""

DIES_C = 110.0
"""A detector's own electronics give up."""

EVERY_S = 5
LASTS_S = 330
FLOWS_AFTER_S = 4.0
"""From the opened sprinkler to the flow switch."""

KITCHEN = {"ambient_c": 24.0, "area_m2": 25.0, "base_m": 0.9, "begins_s": 30.0, "incubation_s": 0.0, "door_open": 0.05,
           "growth_s": 150.0, "peak_kw": 2000.0, "fuel_mj": 500.0, "link_c_opens": 68.0}  # fmt: skip
"""A fast fire on the worktop of a nursing home's kitchen, its door nearly shut."""


def kitchen_fire(seed: int) -> Scenes:
    """The demonstration's fire."""
    return draw("fast", [seed], "kitchen", KITCHEN)


def burn(stage: Stage, place: Place, room_id: str, scene: Scenes, ignition_s: float) -> None:
    """Let the room burn as a single scene plays: cues for its devices and the alarms that must follow.

    Smoke alarms read as the first detector, heat alarms as the second; both fall silent when they are too hot.
    """
    played = play(scene, LASTS_S)
    starts_s = ignition_s - float(scene.flames_s[0])
    for device in (d for d in place.devices if d.room_id == room_id):
        if device.profile == "smoke_alarm":
            _smoke(stage, place, device, played, starts_s)
        elif device.profile == "heat_alarm":
            _heat(stage, place, device, played, starts_s)
        elif device.profile == "flow_switch":
            at_s = starts_s + float(played.sprinkler_s[0]) + FLOWS_AFTER_S
            stage.cue(at_s, device, SenmlDevice, _flow)
            stage.expect("kitchen fire: sprinkler flow", at_s, place, "water_flow", device=device)


def _smoke(stage: Stage, place: Place, device: DeviceSpec, played: Played, starts_s: float) -> None:
    obscuration_db_m = played.obscuration_db_m[0, 0]
    alarm_s = int((obscuration_db_m >= ALARM_DB_M).argmax())
    if device.family == "shelly_gen2":
        stage.cue(starts_s + alarm_s, device, ShellySmoke, lambda alarm, now: alarm.smell(now, smoke=True))
    else:
        for at_s in sorted({alarm_s, *_moments(played, 0)}):
            smoke, dense_db_m = at_s >= alarm_s, round(float(obscuration_db_m[at_s]), 2)
            stage.cue(starts_s + at_s, device, ZigbeeDevice, _reports(smoke=smoke, smoke_density_dbm=dense_db_m))
        room = f"room:{device.room_id}"
        stage.expect("kitchen fire: the room", starts_s + alarm_s, place, "fire", subject=room, within_s=60.0)
    stage.expect("kitchen fire: smoke", starts_s + alarm_s, place, "fire", device=device)


def _heat(stage: Stage, place: Place, device: DeviceSpec, played: Played, starts_s: float) -> None:
    temp_c = played.temp_c[0, 1]
    for at_s in _moments(played, 1):
        felt_c = round(float(temp_c[at_s]), 1)
        # The Zigbee heat alarms tell their alarm in the field of smoke alarms; the profile knows better.
        stage.cue(starts_s + at_s, device, ZigbeeDevice, _reports(temperature=felt_c, smoke=felt_c >= HEAT_C))
    risen_s = next(at_s for at_s in _moments(played, 1) if temp_c[at_s] >= temp_c[0] + RISE_C)
    # A rate-of-rise rule answers here, a fixed temperature later; either is the heat alarm.
    stage.expect("kitchen fire: heat", starts_s + risen_s, place, "fire", device=device, within_s=25.0)


def _moments(played: Played, detector: int) -> Iterator[int]:
    """The seconds of the scene at which a detector reports, until it is too hot to."""
    for at_s in range(0, LASTS_S, EVERY_S):
        if played.temp_c[0, detector, at_s] >= DIES_C:
            return
        yield at_s


def _reports(**fields: FieldValue) -> Callable[[ZigbeeDevice, float], list[NativeMessage]]:
    return lambda device, now: device.report(now, **fields)


def _flow(device: SenmlDevice, now: float) -> list[NativeMessage]:
    return device.report(now, water_flow=True, water_pressure_kpa=310.0)
