"""The firmware of a place's device, chosen by its family and profile."""

from __future__ import annotations

import zlib

import numpy as np

from firmware_sim.errors import SimulatorError
from firmware_sim.firmware.device import Battery, DeviceClock, Firmware, Radio, Timeline
from firmware_sim.firmware.senml import SenmlDevice
from firmware_sim.firmware.shelly import ShellyMeter, ShellySmoke
from firmware_sim.firmware.wearable import Wearable
from firmware_sim.firmware.zigbee2mqtt import FieldValue, ZigbeeButton, ZigbeeDevice, ZigbeeMotion
from firmware_sim.places import DeviceSpec

BUTTONS = ("sos_button", "pendant", "pull_cord")

_STATES: dict[str, dict[str, float | bool]] = {
    "bed_sensor": {"bed_occupied": False},
    "floor_mat": {"floor_occupied": False},
    "presence_button": {"staff_present": False},
    "flow_switch": {"water_flow": False, "water_pressure_kpa": 420.0, "valve_open": True},
    "flow_switch_plain": {"water_flow": False, "water_pressure_kpa": 420.0, "valve_open": True},
    "fire_pump": {"pump_running": False, "water_pressure_kpa": 420.0, "valve_open": True, "tank_level_pct": 96.0},
}
_FIELDS: dict[str, dict[str, FieldValue]] = {
    "smoke_alarm": {"smoke": False, "battery_low": False, "test": False},
    "heat_alarm": {"smoke": False, "battery_low": False, "test": False, "temperature": 24.0},
    "gas_alarm": {"gas": False},
    "co_alarm": {"carbon_monoxide": False, "battery_low": False},
    "leak_sensor": {"water_leak": False, "tamper": False, "battery_low": False},
    "door_contact": {"contact": True, "battery_low": False},
    "entrance_door": {"contact": True, "battery_low": False},
    "motion_sensor": {"occupancy": False, "illuminance_lux": 40, "battery_low": False},
    "ambient": {"temperature": 22.5, "humidity": 48.0},
}


def firmware_for(device: DeviceSpec, timeline: Timeline, seed: int) -> Firmware:
    """The model of ``device``; the same seed gives the same device with the same quirks.

    Raises
    ------
    SimulatorError
        No model for this family and profile.
    """
    rng = np.random.default_rng([seed, zlib.crc32(device.device_id.encode())])
    clock = DeviceClock(
        timeline=timeline,
        offset_s=float(rng.normal(0, 0.4)),
        drift_ppm=float(rng.normal(0, 15)),
        set_at=timeline.simulated_s,
    )
    radio = Radio(rng=rng, quality=float(rng.uniform(60, 200)), repeat_share=0.02)
    if device.family == "motion":
        return Wearable(name=device.native_name, clock=clock, rng=rng)
    if device.family == "canonical" and device.profile in _STATES:
        states = dict(_STATES[device.profile])
        return SenmlDevice(name=device.native_name, clock=clock, radio=radio, states=states)
    if device.family == "shelly_gen2":
        return _shelly(device, clock, radio)
    if device.family == "zigbee2mqtt":
        return _zigbee(device, clock, radio)
    raise SimulatorError(f"there is no firmware model for the family {device.family!r} of {device.device_id}")


def _shelly(device: DeviceSpec, clock: DeviceClock, radio: Radio) -> Firmware:
    name = device.native_name
    if device.profile == "smoke_alarm":
        return ShellySmoke(name=name, clock=clock, radio=radio, battery=_battery(radio.rng))
    if device.profile == "meter":
        phases = 3 if name.startswith("shellypro3em") else 1
        energy_wh = float(radio.rng.uniform(1e5, 5e6))
        return ShellyMeter(name=name, clock=clock, radio=radio, phases=phases, energy_wh=energy_wh)
    if device.profile == "cooker":
        return ShellyMeter(name=name, clock=clock, radio=radio, load_w=0.0)
    raise SimulatorError(f"there is no Shelly model for the profile {device.profile!r} of {device.device_id}")


def _zigbee(device: DeviceSpec, clock: DeviceClock, radio: Radio) -> Firmware:
    rng = radio.rng
    battery = _battery(rng)
    if device.profile in BUTTONS:
        legacy = bool(rng.random() < 0.3)
        # The buttons of Tuya's SOS family do not know their battery: Zigbee2MQTT says null.
        return ZigbeeButton(
            name=device.native_name,
            clock=clock,
            radio=radio,
            battery=battery,
            check_in_s=14_400.0,
            tells_battery=device.profile != "sos_button",
            legacy=legacy,
        )
    if device.profile not in _FIELDS:
        raise SimulatorError(f"there is no Zigbee model for the profile {device.profile!r} of {device.device_id}")
    fields = dict(_FIELDS[device.profile])
    tells_time = bool(rng.random() < 0.5)
    if device.profile == "motion_sensor":
        return ZigbeeMotion(
            name=device.native_name, clock=clock, radio=radio, battery=battery, tells_time=tells_time, fields=fields
        )
    on_mains = device.profile == "gas_alarm"
    return ZigbeeDevice(
        name=device.native_name,
        clock=clock,
        radio=radio,
        battery=None if on_mains else battery,
        check_in_s=240.0 if on_mains else 3000.0,
        tells_time=tells_time,
        fields=fields,
    )


def _battery(rng: np.random.Generator) -> Battery:
    return Battery(left_pct=float(rng.uniform(35, 100)))
