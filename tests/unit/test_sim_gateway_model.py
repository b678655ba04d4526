"""The light gateway: nothing is released before every consumer has it, and nothing is lost by a restart."""

from __future__ import annotations

from pathlib import Path

import msgspec
import numpy as np

from firmware_sim.fleet_load import FleetLoad, FleetMember, LoadShape
from firmware_sim.fleet_spool import FleetSpool, LaneStart, SpooledPack, SpooledPress, held_packs, spooled_presses
from firmware_sim.gateway_model import GatewayModel, LaneModel
from ingest.wire import pack
from ingest.wire.topics import Lane
from ingest.wire.window import LaneWindow


def lane(*consumers: str, made: int = 0) -> LaneModel:
    model = LaneModel(next_seq=0, floor=0, window=LaneWindow(Lane.DATA, consumers))
    for _ in range(made):
        model.make()
    return model


def test_the_slowest_consumer_decides() -> None:
    data = lane("ingest", "detect", made=5)
    assert not data.acknowledged("ingest", 3, 1.0)
    assert data.acknowledged("detect", 1, 1.0)
    assert data.floor == 2
    assert not data.acknowledged("alarms", 4, 1.0)


def test_old_telemetry_is_shed_when_nobody_takes_it() -> None:
    data = lane("ingest", made=10)
    assert data.shed(4)
    assert data.floor == 6
    assert not data.shed(4)
    assert data.portion(0.0) == (5, 4)


def test_an_acknowledgement_for_another_boot_means_nothing() -> None:
    gateway = GatewayModel("g1", 1, "boot1", {Lane.ALARM: _start(3), Lane.DATA: _start(0)})
    assert gateway.hear("alarms", b'{"boot":"other","alarm":2}', 0.0) == []
    assert gateway.hear("alarms", b"nonsense", 0.0) == []
    assert gateway.hear("alarms", b'{"boot":"boot1","alarm":2}', 0.0) == [Lane.ALARM]


def test_a_pack_carries_a_fresh_floor_and_its_first_seq_and_times() -> None:
    gateway = GatewayModel("g1", 1, "boot1", {Lane.ALARM: _start(3), Lane.DATA: _start(0)})
    body = b'"records":[{"bn":"b1/","bt":1760000000.5,"n":"help_call","vb":true}]}'
    decoded = pack.decode(gateway.compose(Lane.ALARM, 2, body, 1_760_000_001.0))
    assert (decoded.boot, decoded.seq, decoded.floor, decoded.sent_at) == ("boot1", 2, 0, 1_760_000_001.0)
    assert decoded.records[0].bt == 1_760_000_000.5


def test_a_spool_that_is_opened_again_goes_on(tmp_path: Path) -> None:
    spool = FleetSpool(tmp_path)
    boot = spool.boot("g1")
    press = SpooledPress(gateway_id="g1", boot=boot, seq=0, at_s=5.0, device_id="b1")
    spool.write([SpooledPack("g1", Lane.ALARM, 0, b"x"), SpooledPack("g1", Lane.ALARM, 1, b"y")], [press], [])
    spool.write([], [], [("g1", Lane.ALARM, 1)])
    spool.close()

    again = FleetSpool(tmp_path)
    start = again.lane("g1", Lane.ALARM)
    assert again.boot("g1") == boot
    assert (start.next_seq, start.floor) == (2, 1)
    assert again.packs("g1", Lane.ALARM, 0, 10) == [(1, b"y")]
    assert spooled_presses(tmp_path) == [press]
    assert held_packs(tmp_path) == 1
    again.write([], [], [("g1", Lane.ALARM, 2)])
    assert again.lane("g1", Lane.ALARM).next_seq == 2
    again.close()


def test_a_fleet_sends_its_rate_on_an_even_beat() -> None:
    members = {f"g{i}": FleetMember(password="", shard=i, meters=tuple(f"m{j}" for j in range(10))) for i in range(4)}
    shape = LoadShape(readings_per_s=200, presses_per_s=2)
    load = FleetLoad(members=members, shape=shape, rng=np.random.default_rng(1), started_at=1_760_000_000.0)
    readings, presses = 0, 0
    for step in range(1000):
        now = 1_760_000_000.0 + step / 50
        for name, body in load.packs(now):
            table = msgspec.json.decode(b"{" + body)["tables"][0]
            readings += sum(len(row) for row in table["v"])
            assert table["d"] == list(members[name].meters)
        presses += len(load.presses(now))
    assert abs(readings - 200 * 20) <= 200
    assert 20 < presses < 60


def test_fresh_buttons_are_never_used_twice() -> None:
    load = FleetLoad(
        members={"g1": FleetMember(password="", shard=0)},
        shape=LoadShape(readings_per_s=0, presses_per_s=20, fresh_buttons=True),
        rng=np.random.default_rng(1),
        started_at=1_760_000_000.0,
    )
    ids = [d for step in range(500) for _, d, _, _ in load.presses(1_760_000_000.0 + step / 50)]
    assert len(ids) > 100
    assert len(ids) == len(set(ids))


def _start(next_seq: int) -> LaneStart:
    return LaneStart(next_seq=next_seq, floor=0)
