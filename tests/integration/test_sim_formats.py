"""What the simulated devices say is what the gateway's adapters read."""

from __future__ import annotations

import pytest

from firmware_sim.firmware.device import Timeline
from firmware_sim.places import demo_places
from firmware_sim.scenarios import SCENARIOS
from firmware_sim.stage import Send
from gateway.adapters.families import Families
from gateway.adapters.native import Decoded, NativeMessage


def decoded(name: str) -> list[Decoded]:
    scenario = SCENARIOS[name]
    stage = scenario.stage(
        demo_places(), Timeline(simulated_s=scenario.starts_s, world_s=1.76e9, speed=scenario.speed), 1
    )
    families = Families()
    return [
        told
        for doing in stage.advance(stage.last_cue_at + 60)
        if isinstance(doing, Send)
        for told in families.decode(
            NativeMessage(topic=doing.message.topic, payload=doing.message.payload, retained=False)
        )
    ]


@pytest.mark.parametrize("name", sorted(SCENARIOS))
def test_every_message_is_understood_whole_and_comes_from_a_registered_device(name: str) -> None:
    devices = [device for place in demo_places() for device in place.devices]
    known = {device.native for device in devices} | {"zigbee2mqtt:bridge"}
    # devices that speak our own form may also call themselves by their id
    known |= {f"canonical:{device.device_id}" for device in devices}
    for told in decoded(name):
        assert told.dropped == ()
        assert not told.ignored
        assert told.native in known


def test_the_demonstration_says_everything_that_its_alarms_need() -> None:
    told = decoded("demo")
    events = {event for item in told for event in item.events}
    signals = {(item.native, r.signal) for item in told for r in item.readings if r.value is True}
    assert "help_call" in events
    assert ("zigbee2mqtt:Smoke kitchen", "smoke") in signals
    assert ("canonical:flow-kitchen", "water_flow") in signals
    heat = [r.value for i in told if i.native == "zigbee2mqtt:Heat kitchen" for r in i.readings if r.signal == "temp_c"]
    assert max(float(value) for value in heat) > 57
    assert any(item.window is not None and item.native == "motion:demo-huaiyin:107-wearable" for item in told)


def test_a_meter_speaks_of_power_voltage_current_and_energy() -> None:
    told = [item for item in decoded("demo") if item.native.startswith("shelly_gen2:shellyproem50")]
    names = {reading.signal for item in told for reading in item.readings}
    assert {"power_w", "voltage_v", "current_a", "energy_kwh", "power_factor", "frequency_hz"} <= names
