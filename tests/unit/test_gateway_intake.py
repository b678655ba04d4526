"""What comes of native messages: who it was, what goes on which lane, what the site does at once."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec
import numpy as np
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from alarms.core.profiles import load_profiles
from alarms.lifecycle.effects import LampState
from gateway import packing
from gateway.adapters.families import Families
from gateway.commands import Command, Commands
from gateway.config_file import ConfigFile
from gateway.devices import Devices, stranger_id
from gateway.errors import ConfigError
from gateway.folding import Folding
from gateway.intake import Found, Intake
from gateway.judge import Judge
from gateway.lamps import NativeLamps
from gateway.on_the_spot import OnTheSpot
from gateway.packing import Datum
from gateway.planned import Planned
from gateway.siren import CommandSiren, FileSiren, Sounding
from gateway.states import States
from gateway.verification import Verification
from ingest.log import Log
from ingest.wire import motion, site_config
from ingest.wire.motion import MotionWindow, Placement
from ingest.wire.pack import decode
from ingest.wire.senml import Resolved, resolve
from ingest.wire.signals import Kind
from ingest.wire.site_config import ConfiguredDevice, ConfiguredWindow, SiteConfig
from ingest.wire.topics import Lane, valid_id

NOW = 1_763_781_000.0


def device(number: int, name: str, profile: str, kind: Kind = Kind.FIRE) -> ConfiguredDevice:
    return ConfiguredDevice(
        device_id=f"d{number}", number=number, native=f"zigbee2mqtt:{name}", kind=kind, profile=profile
    )


CONFIG = SiteConfig(
    version=1,
    site_id="home",
    gateway_id="g1",
    devices=(
        device(1, "SOS", "sos_button", Kind.BUTTON),
        device(2, "Smoke", "smoke_alarm"),
        device(3, "Heat", "heat_alarm"),
        device(4, "Flow", "flow_switch", Kind.WATER),
        device(5, "Bed", "bed_sensor", Kind.AMBIENT),
        device(6, "Radar", "fall_radar", Kind.AMBIENT),
    ),
)


class Noise:
    """A siren that notes what it did."""

    def __init__(self) -> None:
        self.heard: list[str] = []

    def sound(self, reason: str) -> None:
        self.heard.append(reason)

    def silence(self) -> None:
        self.heard.append("silence")


class House:
    """Devices speak, and what came of it can be looked at."""

    def __init__(self) -> None:
        self.states = States(None)
        self.judge = Judge(load_profiles(), CONFIG, Log("test"))
        self.intake = Intake(Families(), Devices(CONFIG), self.states)
        self.noise = Noise()
        self.sounding = Sounding(self.noise)
        self.spot = OnTheSpot(
            self.judge,
            self.sounding,
            self.states,
            Verification(load_profiles(), CONFIG),
            Planned(load_profiles(), CONFIG),
        )
        self.now = NOW

    def says(self, name: str, payload: object, *, retained: bool = False, after_s: float = 1.0) -> Found:
        self.now += after_s
        body = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
        found = Found()
        self.intake.read(name, body, retained=retained, received_s=self.now, into=found)
        for known, datum in found.alarms:
            self.spot.act(known, datum, self.now)
        return found


@pytest.fixture
def house() -> House:
    return House()


def alarms(found: Found) -> list[tuple[str, str, object]]:
    return [(datum.device_id, datum.signal, datum.value) for _, datum in found.alarms]


def test_a_press_is_told_once_though_it_comes_on_two_topics(house: House) -> None:
    first = house.says("zigbee2mqtt/SOS", {"action": "emergency", "linkquality": 90})
    second = house.says("zigbee2mqtt/SOS/action", b"emergency", after_s=0.1)
    third = house.says("zigbee2mqtt/SOS", {"action": "emergency"}, after_s=0.5)
    assert alarms(first) == alarms(third) == [("d1", "help_call", True)]
    assert alarms(second) == []


def test_the_profile_says_what_identical_bytes_mean(house: House) -> None:
    assert alarms(house.says("zigbee2mqtt/Flow", {"water_leak": True})) == [("d4", "water_flow", True)]
    assert alarms(house.says("zigbee2mqtt/Heat", {"smoke": True})) == [("d3", "heat_alarm", True)]
    assert alarms(house.says("zigbee2mqtt/SOS", {"action": "single"})) == [("d1", "help_call", True)]
    assert [d.signal for d in house.says("zigbee2mqtt/Bed", {"presence": True}).telemetry] == ["bed_occupied"]


def test_a_fall_is_one_record_until_the_radar_takes_it_back(house: House) -> None:
    fall = {"fall_down_status": "fall", "presence": True}
    assert alarms(house.says("zigbee2mqtt/Radar", fall)) == [("d6", "fall", "confirmed")]
    assert alarms(house.says("zigbee2mqtt/Radar", fall)) == []
    assert alarms(house.says("zigbee2mqtt/Radar", {"fall_down_status": "none"})) == [("d6", "fall", "none")]
    assert alarms(house.says("zigbee2mqtt/Radar", fall)) == [("d6", "fall", "confirmed")]


def test_a_senml_fall_is_an_event_each_time_but_a_repeated_message_is_not(house: House) -> None:
    def record(at: float) -> list[dict[str, object]]:
        return [{"bn": "belt/", "bt": at, "n": "fall", "vs": "confirmed"}]

    assert alarms(house.says("senml/belt", record(NOW))) == [("belt", "fall", "confirmed")]
    assert alarms(house.says("senml/belt", record(NOW))) == []
    assert alarms(house.says("senml/belt", record(NOW + 5))) == [("belt", "fall", "confirmed")]


def test_an_impossible_clock_is_replaced_and_shown(house: House) -> None:
    found = house.says("zigbee2mqtt/Smoke", {"smoke": True, "last_seen": "2000-01-01T00:00:00Z"})
    ((_, datum),) = found.alarms
    assert datum.at_s == house.now
    assert datum.evidence == {"device_clock": "2000-01-01T00:00:00+00:00"}


def test_a_retained_state_counts_when_its_own_time_is_recent(house: House) -> None:
    def smoke(at: float) -> dict[str, object]:
        return {"smoke": True, "temperature": 20, "last_seen": at}

    old = house.says("zigbee2mqtt/Smoke", smoke(NOW - 3600), retained=True)
    assert alarms(old) == []
    assert [(d.signal, d.at_s) for d in old.telemetry] == [("temp_c", NOW - 3600)], "as history it may serve"
    untimed = house.says("zigbee2mqtt/Smoke", {"smoke": True, "temperature": 20}, retained=True)
    assert (alarms(untimed), untimed.telemetry) == ([], [])
    assert alarms(house.says("zigbee2mqtt/Smoke", smoke(NOW - 10), retained=True)) == [("d2", "smoke", True)]


def test_availability_is_told_but_not_of_strangers_long_gone(house: House) -> None:
    offline = {"state": "offline"}
    assert alarms(house.says("zigbee2mqtt/Smoke/availability", offline, retained=True)) == [("d2", "online", False)]
    assert alarms(house.says("zigbee2mqtt/Gone/availability", offline, retained=True)) == []
    assert alarms(house.says("zigbee2mqtt/bridge/state", offline)) == [("native-zigbee2mqtt-bridge", "online", False)]


def test_a_message_without_telemetry_is_a_sign_of_life_at_a_limited_rate(house: House) -> None:
    def beats(found: Found) -> int:
        return sum(datum.signal == "heartbeat" for datum in found.telemetry)

    assert beats(house.says("zigbee2mqtt/Smoke", {"smoke": False})) == 1
    assert beats(house.says("zigbee2mqtt/Smoke", {"smoke": False})) == 0
    assert beats(house.says("zigbee2mqtt/Smoke", {"smoke": False}, after_s=20)) == 1
    assert beats(house.says("zigbee2mqtt/Smoke", {"temperature": 20}, after_s=20)) == 0
    assert beats(house.says("zigbee2mqtt/Smoke/set", {"x": 1}, after_s=20)) == 0


def test_what_cannot_be_read_is_counted_and_on_a_call_topic_calls(house: House) -> None:
    assert alarms(house.says("zigbee2mqtt/Smoke", b'{"smoke":tru')) == []
    assert alarms(house.says("zigbee2mqtt/SOS/action", b"\xff\xfe")) == [("d1", "help_call", True)]
    assert alarms(house.says("zigbee2mqtt/SOS/action", b"\xff\xfe", retained=True)) == []
    assert house.intake.refused == {"zigbee2mqtt/not_json": 1, "zigbee2mqtt/not_text": 2}


def test_the_siren_sounds_for_life_safety_and_stops_with_the_last_reason(house: House) -> None:
    house.says("zigbee2mqtt/Smoke", {"smoke": True, "battery_low": True})
    house.says("zigbee2mqtt/Flow", {"water_leak": True})
    assert house.noise.heard == ["smoke d2", "water_flow d4"]
    house.says("zigbee2mqtt/Smoke", {"smoke": False})
    assert house.noise.heard[-1] != "silence"
    house.says("zigbee2mqtt/Flow", {"water_leak": False})
    assert house.noise.heard[-1] == "silence"


def test_a_device_in_test_is_told_and_stays_silent(house: House) -> None:
    found = house.says("zigbee2mqtt/Smoke", {"smoke": True, "test": True})
    assert alarms(found) == [("d2", "test", True), ("d2", "smoke", True)]
    assert house.noise.heard == []


def test_announced_work_sounds_no_siren_and_smoke_beside_it_does(house: House) -> None:
    window = ConfiguredWindow(begins_s=NOW, ends_s=NOW + 60, kinds=("water_flow",))
    house.spot.configure(msgspec.structs.replace(CONFIG, windows=(window,)))
    assert alarms(house.says("zigbee2mqtt/Flow", {"water_leak": True})) == [("d4", "water_flow", True)]
    house.says("zigbee2mqtt/Smoke", {"smoke": True})
    assert house.noise.heard == ["smoke d2"]
    house.says("zigbee2mqtt/Flow", {"water_leak": False})
    house.says("zigbee2mqtt/Flow", {"water_leak": True}, after_s=90)
    assert house.noise.heard[-1] == "water_flow d4", "the window is over"


def test_a_flow_is_drawn_with_the_pressure_before_it(house: House) -> None:
    ((known, flow),) = house.says("zigbee2mqtt/Flow", {"water_leak": True}).alarms
    assert house.judge.drawn(known, flow).evidence is None, "nobody told any pressure"
    for second, kpa in enumerate((420.0, 415.0, 310.0)):
        told = Datum(device_id="d4", signal="water_pressure_kpa", value=kpa, at_s=NOW + second)
        house.judge.update([(known, told, NOW + second)], NOW + second)
    evidence = house.judge.drawn(known, flow).evidence
    assert evidence is not None
    assert evidence["series"][0]["values"] == [420, 415, 310]


def test_a_press_of_a_stranger_sounds_too(house: House) -> None:
    ((device_id, signal, _),) = alarms(house.says("zigbee2mqtt/新吊坠 7", {"action": "emergency"}))
    assert signal == "help_call"
    assert valid_id(device_id)
    assert house.noise.heard == [f"help_call {device_id}"]


def test_dense_smoke_is_judged_by_the_core_on_the_spot(house: House) -> None:
    judged: list[Datum] = []
    for second in range(12):
        found = house.says("zigbee2mqtt/Smoke", {"smoke_density_dbm": 1.5 if second > 2 else 0.0})
        judged += house.judge.update(found.heard, house.now)
        judged += house.judge.tick(house.now)
    assert [(datum.signal, datum.value) for datum in judged] == [("judge/smoke_dense", True)]
    saved = house.judge.state()
    again = Judge(load_profiles(), CONFIG, Log("test"))
    assert again.restore(saved, house.now) == []
    removed = Judge(load_profiles(), None, Log("test"))
    assert [(d.signal, d.value) for d in removed.restore(saved, house.now)] == [("judge/smoke_dense", False)]


def test_strangers_with_like_names_have_different_ids() -> None:
    names = ["厨房", "客厅", "a b", "a  b", "x" * 90, "x" * 91]
    ids = {stranger_id("zigbee2mqtt", name) for name in names}
    assert len(ids) == len(names)
    assert all(valid_id(device_id) for device_id in ids)


def test_states_survive_a_restart() -> None:
    states = States(None)
    datum = Datum(device_id="d2", signal="smoke", value=True, at_s=NOW)
    assert states.is_change(datum)
    assert not States(states.encode()).is_change(datum)
    assert States(b"nonsense").is_change(datum)


def test_tellings_are_paired_only_within_the_window() -> None:
    folding = Folding()
    assert not folding.is_repeat("d", "help_call", "a", 0.0)
    assert not folding.is_repeat("d", "help_call", "a/action", 10.0)
    assert folding.is_repeat("d", "help_call", "a", 10.5)
    assert not folding.is_repeat("d", "help_call", "a", 10.6)


def test_packs_say_what_was_put_in() -> None:
    meters = [
        Datum(device_id=f"m{n}", signal=signal, value=float(n), at_s=NOW + n, element=element)
        for n in range(5)
        for signal, element in (("power_w", 0), ("voltage_v", 1), ("voltage_v", 2))
    ]
    odd = [Datum(device_id="x", signal="unknown_text", value="word", at_s=NOW)]
    (body,) = packing.data_bodies([*meters, *odd])
    pack = decode(packing.message(Lane.DATA, body, boot="b", seq=3, floor=2, sent_at=NOW))
    assert (pack.boot, pack.seq, pack.floor, pack.sent_at) == ("b", 3, 2, NOW)
    (table,) = pack.tables
    told = {
        (device, name, round(table.bt + at, 3), value)
        for device, at, values in zip(table.d, table.t, table.v, strict=True)
        for name, value in zip(table.n, values, strict=True)
    }
    assert told == {(d.device_id, d.name, d.at_s, d.value) for d in meters}
    assert list(resolve(pack.records)) == [Resolved("x", "unknown_text", "word", NOW)]


def test_many_records_are_spread_over_packs_that_a_broker_takes() -> None:
    evidence = {"text": "x" * 10_000}
    alarms = [Datum(device_id="d", signal="smoke", value=True, at_s=NOW + n, evidence=evidence) for n in range(100)]
    bodies = list(packing.alarm_bodies(alarms))
    assert len(bodies) > 1
    ats = []
    for body in bodies:
        pack = decode(packing.message(Lane.ALARM, body, boot="b", seq=0, floor=0, sent_at=NOW))
        ats += [record.at for record in resolve(pack.records) if isinstance(record, Resolved)]
    assert ats == [NOW + n for n in range(100)]
    assert len(list(packing.data_bodies([Datum(device_id="d", signal="power_w", value=1.0, at_s=NOW)] * 5000))) == 3


def test_a_window_keeps_its_samples_under_the_registered_name() -> None:
    window = MotionWindow(
        boot="native",
        seq=1,
        floor=1,
        device_id="belt",
        placement=Placement.WRIST,
        start_s=float("nan"),
        rate_hz=50,
        range_g=8,
        counts=np.arange(30, dtype=np.int16).reshape(10, 3),
    )
    body = packing.motion_body(window, "d9", NOW)
    sent = motion.decode(packing.message(Lane.MOTION, body, boot="b", seq=5, floor=4, sent_at=NOW))
    assert (sent.boot, sent.seq, sent.floor, sent.device_id, sent.start_s) == ("b", 5, 4, "d9", NOW)
    assert np.array_equal(sent.counts, window.counts)


def test_a_command_is_obeyed_once_and_in_time() -> None:
    commands = Commands()
    body = json.dumps({"cmd": "test", "expires_at": NOW + 60, "nonce": "n1"}).encode()
    assert isinstance(commands.accept(body, retained=False, now_s=NOW), Command)
    assert commands.accept(body, retained=False, now_s=NOW) == "repeated"
    assert Commands(commands.encode()).accept(body, retained=False, now_s=NOW) == "repeated"
    late = json.dumps({"cmd": "test", "expires_at": NOW - 1, "nonce": "n2"}).encode()
    assert commands.accept(late, retained=False, now_s=NOW) == "expired"
    other = json.dumps({"cmd": "test", "expires_at": NOW + 60, "nonce": "n3"}).encode()
    assert commands.accept(other, retained=True, now_s=NOW) == "retained"
    endless = json.dumps({"cmd": "test", "expires_at": NOW + 1e9, "nonce": "n4"}).encode()
    assert commands.accept(endless, retained=False, now_s=NOW) == "valid_too_long"
    assert commands.accept(b"\xff", retained=False, now_s=NOW) == "unreadable"


def test_only_a_newer_configuration_of_this_gateway_is_taken(tmp_path: Path) -> None:
    key = Ed25519PrivateKey.generate()

    def message(version: int, gateway_id: str = "g1") -> bytes:
        signed = site_config.encode(SiteConfig(version=version, site_id="home", gateway_id=gateway_id))
        return site_config.envelope(signed, key.sign(signed).hex())

    public = key.public_key().public_bytes_raw().hex()
    file = ConfigFile(tmp_path / "c.json", "g1", public)
    assert file.offer(message(5))
    assert not file.offer(message(5))
    assert not file.offer(message(4))
    with pytest.raises(ConfigError, match="gateway g2"):
        file.offer(message(9, "g2"))
    tampered = message(9).replace(b'"site_id":"home"', b'"site_id":"fake"')
    with pytest.raises(ConfigError, match="signature"):
        file.offer(tampered)
    again = ConfigFile(tmp_path / "c.json", "g1", public)
    assert again.config is not None
    assert again.config.version == 5
    (tmp_path / "c.json").write_bytes(tampered)
    assert ConfigFile(tmp_path / "c.json", "g1", public).config is None


def test_the_siren_goes_on_after_a_restart_and_runs_the_sites_own_command(tmp_path: Path) -> None:
    told = tmp_path / "told"
    script = tmp_path / "siren.sh"
    script.write_text(f'#!/bin/sh\necho "$@" >> {told}\n')
    script.chmod(0o755)
    log = Log("test")
    siren = CommandSiren([str(script)], FileSiren(tmp_path / "siren", log), log)
    sounding = Sounding(siren)
    sounding.start("smoke", "d2")
    again = Noise()
    resumed = Sounding(again, sounding.encode())
    assert again.heard == ["smoke d2"]
    resumed.stop("help_call", "d2")
    assert again.heard == ["smoke d2"]
    resumed.stop(None, None)
    assert again.heard == ["smoke d2", "silence"]
    siren.finish(10)
    assert told.read_text() == "on smoke d2\n"
    assert (tmp_path / "siren").read_text() == "on smoke d2\n"
    Sounding(CommandSiren(["/no/such/program"], again, log)).start("smoke", "d2")
    assert again.heard[-1] == "smoke d2"


def test_a_lamp_is_set_in_the_familys_own_way() -> None:
    told: list[tuple[str, bytes]] = []

    def publish(topic: str, payload: bytes) -> bool:
        told.append((topic, payload))
        return True

    lamps = NativeLamps(publish, "native/g1/", "zigbee2mqtt")
    assert lamps.show("zigbee2mqtt:SOS bedroom", LampState.HELP_COMING)
    assert told == [("native/g1/zigbee2mqtt/SOS bedroom/set", b'{"lamp":"help_coming"}')]
    assert not lamps.show("shelly_gen2:shellyplus1-01", LampState.OFF)
    assert not lamps.show("zigbee2mqtt:bad/#", LampState.OFF)


@pytest.mark.parametrize("native", ["zigbee2mqtt:SOS", "motion:belt-7", "canonical:pad-2"])
def test_what_the_gateway_tells_a_device_comes_back_to_it_and_is_no_message(house: House, native: str) -> None:
    told: list[tuple[str, bytes]] = []

    def publish(topic: str, payload: bytes) -> bool:
        told.append((topic, payload))
        return True

    NativeLamps(publish, "", "zigbee2mqtt").show(native, LampState.RECEIVED)
    (topic, payload) = told[0]
    found = house.says(topic, payload)
    assert (found.alarms, found.telemetry) == ([], [])
    assert not house.intake.refused


def test_a_clock_that_is_set_back_swallows_no_press_and_no_sign_of_life(house: House) -> None:
    house.says("zigbee2mqtt/SOS", {"action": "emergency"})
    house.now -= 3600
    house.intake.clock_set(-3600)
    second = house.says("zigbee2mqtt/SOS/action", b"emergency", after_s=20)
    assert alarms(second) == [("d1", "help_call", True)]
    assert [datum.signal for datum in second.telemetry] == ["heartbeat"]
