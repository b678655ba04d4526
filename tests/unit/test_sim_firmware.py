"""Device models by themselves: what they say, when, and in which form."""

from __future__ import annotations

import json

import numpy as np
import pytest

from firmware_sim.firmware.device import NEVER, Battery, DeviceClock, NativeMessage, Radio, Timeline
from firmware_sim.firmware.senml import SenmlDevice
from firmware_sim.firmware.shelly import ShellyMeter, ShellySmoke
from firmware_sim.firmware.wearable import Posture, Wearable, simulated_fall
from firmware_sim.firmware.zigbee2mqtt import ZigbeeButton, ZigbeeDevice, ZigbeeMotion
from ingest.wire import motion, pack, senml

NOW = 1000.0
WORLD = 1_760_000_000.0


def parts(speed: float = 1.0, repeat: float = 0.0) -> tuple[DeviceClock, Radio]:
    clock = DeviceClock(timeline=Timeline(simulated_s=NOW, world_s=WORLD, speed=speed), set_at=NOW)
    return clock, Radio(rng=np.random.default_rng(7), repeat_share=repeat)


def body(message: NativeMessage) -> dict[str, object]:
    decoded = json.loads(message.payload)
    assert isinstance(decoded, dict)
    return decoded


def test_a_press_is_an_emergency_action_with_an_unknown_battery() -> None:
    clock, radio = parts()
    button = ZigbeeButton(name="SOS room 201", clock=clock, radio=radio, battery=Battery(), tells_battery=False)
    (message,) = button.press(NOW)
    assert message.topic == "zigbee2mqtt/SOS room 201"
    assert not message.retain
    assert body(message)["action"] == "emergency"
    assert body(message)["battery"] is None


def test_an_older_zigbee2mqtt_tells_a_press_three_ways_and_the_last_one_is_empty() -> None:
    clock, radio = parts()
    button = ZigbeeButton(name="SOS", clock=clock, radio=radio, legacy=True)
    first, text, after = button.press(NOW)
    assert body(first)["action"] == "emergency"
    assert (text.topic, text.payload) == ("zigbee2mqtt/SOS/action", b"emergency")
    assert body(after)["action"] == ""


def test_a_heartbeat_of_a_button_repeats_no_action() -> None:
    clock, radio = parts()
    button = ZigbeeButton(name="SOS", clock=clock, radio=radio, battery=Battery())
    button.boot(NOW)
    button.press(NOW)
    (beat,) = button.step(button.next_at)
    assert "action" not in body(beat)


def test_an_empty_battery_is_silent() -> None:
    clock, radio = parts()
    button = ZigbeeButton(name="SOS", clock=clock, radio=radio, battery=Battery(left_pct=0.0001))
    assert button.press(NOW) == []


def test_zigbee2mqtt_repeats_all_known_fields_and_tells_the_local_time() -> None:
    clock, radio = parts()
    door = ZigbeeDevice(name="Door", clock=clock, radio=radio, tells_time=True, fields={"contact": True})
    door.report(NOW, contact=False)
    (message,) = door.report(NOW + 5)
    assert body(message)["contact"] is False
    assert str(body(message)["last_seen"]).endswith("+08:00")


def test_a_motion_sensor_tells_the_first_movement_and_the_end() -> None:
    clock, radio = parts()
    sensor = ZigbeeMotion(name="Motion", clock=clock, radio=radio, fields={"occupancy": False}, check_in_s=1e6)
    sensor.boot(NOW)
    assert body(sensor.move(NOW + 1)[0])["occupancy"] is True
    assert sensor.move(NOW + 30) == []
    assert sensor.next_at == NOW + 30 + sensor.hold_s
    assert body(sensor.step(sensor.next_at)[0])["occupancy"] is False


def test_a_sleepy_smoke_alarm_wakes_without_a_clock_and_then_tells_its_state() -> None:
    clock, radio = parts()
    smoke = ShellySmoke(name="shellyplussmoke-0a", clock=clock, radio=radio)
    smoke.boot(NOW)
    rpc, status, power = smoke.smell(NOW + 10, smoke=True)
    params = body(rpc)["params"]
    assert rpc.topic == "shellyplussmoke-0a/events/rpc"
    assert isinstance(params, dict)
    assert params["ts"] is None
    assert params["smoke:0"] == {"id": 0, "alarm": True}
    assert (status.topic, body(status)) == (
        "shellyplussmoke-0a/status/smoke:0",
        {"id": 0, "alarm": True, "mute": False},
    )
    assert power.topic == "shellyplussmoke-0a/status/devicepower:0"
    assert smoke.smell(NOW + 11, smoke=True) == []


def test_a_shelly_says_hello_and_leaves_a_will() -> None:
    clock, radio = parts()
    meter = ShellyMeter(name="shellyproem50-0b", clock=clock, radio=radio)
    (birth,) = meter.boot(NOW)
    will = meter.will()
    assert (birth.topic, birth.payload, birth.retain) == ("shellyproem50-0b/online", b"true", True)
    assert (will.topic, will.payload, will.retain) == ("shellyproem50-0b/online", b"false", True)


def test_a_meter_counts_energy_in_watt_hours_and_stops_with_the_mains() -> None:
    clock, radio = parts()
    meter = ShellyMeter(name="m", clock=clock, radio=radio, load_w=1200)
    meter.boot(NOW)
    told = [m for after in range(0, 3600, 10) for m in meter.step(NOW + after)]
    assert 1180 < meter.energy_wh <= 1200
    assert {m.topic for m in told} == {"m/status/em1:0", "m/status/em1data:0"}
    meter.cut(NOW + 3600)
    assert meter.next_at == NEVER
    assert meter.step(NOW + 4000) == []


def test_three_phases_have_a_total() -> None:
    clock, radio = parts()
    meter = ShellyMeter(name="m", clock=clock, radio=radio, phases=3)
    meter.boot(NOW)
    (message,) = meter.draw(NOW, 3000)
    params = body(message)["params"]
    assert isinstance(params, dict)
    em = params["em:0"]
    assert em["total_act_power"] == pytest.approx(em["a_act_power"] + em["b_act_power"] + em["c_act_power"], abs=0.01)
    assert em["a_act_power"] > em["c_act_power"]


def test_small_changes_of_the_load_wait_for_the_beat() -> None:
    clock, radio = parts()
    meter = ShellyMeter(name="m", clock=clock, radio=radio, load_w=500)
    meter.boot(NOW)
    assert meter.draw(NOW, 505) == []
    assert len(meter.draw(NOW, 505, always=True)) == 1
    assert len(meter.draw(NOW, 900)) == 1


def test_electronics_keep_the_worlds_time_when_the_day_runs_faster() -> None:
    clock, radio = parts(speed=60)
    meter = ShellyMeter(name="m", clock=clock, radio=radio, every_s=10)
    meter.boot(NOW)
    first = meter.next_at
    meter.step(first)
    assert clock.timeline.world(meter.next_at) - clock.timeline.world(first) == pytest.approx(10)


def test_a_mattress_pad_speaks_senml_with_its_own_time() -> None:
    clock, radio = parts()
    pad = SenmlDevice(name="bed-101", clock=clock, radio=radio, states={"bed_occupied": False})
    (message,) = pad.report(NOW, bed_occupied=True)
    (reading,) = senml.resolve(pack.decode(message.payload).records)
    assert message.topic == "senml/bed-101"
    assert not isinstance(reading, Exception)
    assert (reading.device, reading.signal, reading.value, reading.at) == ("bed-101", "bed_occupied", True, WORLD)


def test_a_belt_hands_over_windows_that_join_without_a_gap() -> None:
    clock, radio = parts()
    belt = Wearable(name="belt-1", clock=clock, rng=radio.rng, posture=Posture.WALKING)
    belt.boot(NOW)
    windows = [motion.decode(belt.step(belt.next_at)[0].payload) for _ in range(5)]
    starts = np.array([window.start_s for window in windows])
    assert np.diff(starts) == pytest.approx(2.0)
    assert all(len(window.counts) == 100 for window in windows)
    assert windows[0].device_id == "belt-1"


def test_a_belt_on_its_charger_says_so_and_sends_no_windows() -> None:
    clock, radio = parts()
    belt = Wearable(name="belt-1", clock=clock, rng=radio.rng, worn=False)
    belt.boot(NOW)
    (message,) = belt.step(belt.next_at)
    values = {r.n: r.vb for r in pack.decode(message.payload).records}
    assert message.topic == "senml/belt-1"
    assert values["worn"] is False


def test_a_fall_is_weightless_then_hard_then_turned_and_still() -> None:
    path = simulated_fall(np.random.default_rng(3), 50)
    size = np.linalg.norm(path, axis=1)
    impact = int(np.argmax(size))
    assert size[:impact].min() < 0.5
    assert size[impact] > 3
    last = path[-100:]
    assert np.linalg.norm(last.mean(axis=0) - np.array([0, 0, 1])) < 0.05
    assert last.std() < 0.5


def test_a_wearer_who_falls_stays_down() -> None:
    clock, radio = parts()
    belt = Wearable(name="belt-1", clock=clock, rng=radio.rng)
    belt.boot(NOW)
    belt.fall(NOW)
    windows = [motion.decode(belt.step(belt.next_at)[0].payload).accel_g for _ in range(8)]
    assert max(np.linalg.norm(w, axis=1).max() for w in windows) > 3
    assert abs(float(windows[-1][:, 2].mean()) - 1) < 0.05
