"""The spool when things go wrong: damage, a second process, a full disk."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.delivery import Delivery
from gateway.errors import SpoolDamagedError, SpoolError, SpoolFullError
from gateway.spool import Spool
from gateway.uplink import Uplink
from ingest.log import Log
from ingest.wire.pack import decode
from ingest.wire.topics import Lane, up

CALL = b'"records":[{"bn":"a/","n":"help_call","vb":true}]'
BIG = 10**9


class Broker:
    """Notes what is published; refuses while it is away."""

    def __init__(self) -> None:
        self.is_there = True
        self.published: list[tuple[str, bytes]] = []

    def publish(self, topic: str, payload: bytes, *, qos: int = 1, retain: bool = False) -> bool:
        if self.is_there:
            self.published.append((topic, payload))
        return self.is_there


def fill_the_disk(spool: Spool) -> None:
    """Let the file grow no more."""
    (pages,) = spool._db.execute("PRAGMA page_count").fetchone()
    spool._db.execute(f"PRAGMA max_page_count={pages}")


def test_a_damaged_file_is_set_aside_and_its_readable_alarms_are_kept(tmp_path: Path) -> None:
    path = tmp_path / "spool.sqlite"
    spool = Spool(path, max_bytes=BIG)
    boot = spool.boot
    spool.append(Lane.ALARM, CALL)
    for _ in range(200):
        spool.append(Lane.DATA, b"x" * 3000)
    spool.close()
    raw = bytearray(path.read_bytes())
    raw[-40_000:] = b"\xa5" * 40_000
    path.write_bytes(raw)

    with pytest.raises(SpoolDamagedError):
        Spool(path, max_bytes=BIG)
    fresh = Spool.open(path, max_bytes=BIG, log=Log("test"))
    assert fresh.boot != boot
    assert [body for _, body in fresh.pending(Lane.ALARM, -1, 10)] == [CALL]
    assert (tmp_path / "spool.sqlite.damaged-1").exists()
    fresh.close()


def test_a_file_that_is_no_spool_at_all_is_set_aside(tmp_path: Path) -> None:
    path = tmp_path / "spool.sqlite"
    path.write_bytes(b"this is not a database, and never was one" * 100)
    spool = Spool.open(path, max_bytes=BIG, log=Log("test"))
    assert spool.append(Lane.ALARM, CALL) == 0
    spool.close()


def test_a_second_process_is_kept_out(tmp_path: Path) -> None:
    first = Spool(tmp_path / "spool.sqlite", max_bytes=BIG)
    with pytest.raises(SpoolError):
        Spool(tmp_path / "spool.sqlite", max_bytes=BIG)
    first.close()


def test_a_full_disk_undoes_the_whole_commit(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "spool.sqlite", max_bytes=BIG)
    spool.append(Lane.ALARM, CALL)
    fill_the_disk(spool)
    with pytest.raises(SpoolFullError), spool.transaction():
        spool.append(Lane.ALARM, CALL)
        spool.append(Lane.DATA, b"x" * 100_000)
    assert spool.pending(Lane.ALARM, -1, 10) == [(0, CALL)]
    assert spool.next_seq(Lane.ALARM) == 1
    spool.close()


def test_with_a_full_disk_alarms_go_out_from_memory_under_a_boot_of_their_own(tmp_path: Path) -> None:
    broker, log = Broker(), Log("test")
    spool = Spool(tmp_path / "spool.sqlite", max_bytes=BIG)
    uplink = Uplink(broker, 7, "g1", 1.0, lambda: 1_763_781_000.0, log)
    uplink.attach(spool)
    delivery = Delivery(tmp_path / "spool.sqlite", BIG, uplink, spool, dict, log)
    delivery.deliver([(Lane.ALARM, CALL)])
    fill_the_disk(spool)
    delivery.deliver([(Lane.ALARM, CALL), (Lane.DATA, b'"records":[' + b" " * 100_000 + b"]")])
    uplink.send(0.0)
    packs = [decode(payload) for topic, payload in broker.published if topic == up(7, "g1", Lane.ALARM)]
    assert len(packs) == 2
    assert len({pack.boot for pack in packs}) == 2
    assert delivery.lost_packs == 1
    uplink.acknowledged("alarms", f'{{"boot":"{packs[1].boot}","alarm":0}}'.encode(), 1.0)
    uplink.send(3.0)
    again = [decode(payload) for topic, payload in broker.published[2:]]
    assert [pack.boot for pack in again] == [spool.boot], "only what is not acknowledged is sent again"
    delivery.close()


def test_damage_found_at_work_loses_no_alarm(tmp_path: Path) -> None:
    broker, log = Broker(), Log("test")
    path = tmp_path / "spool.sqlite"
    spool = Spool(path, max_bytes=BIG)
    uplink = Uplink(broker, 7, "g1", 1.0, lambda: 1_763_781_000.0, log)
    uplink.attach(spool)
    delivery = Delivery(path, BIG, uplink, spool, dict, log)
    for _ in range(50):
        spool.append(Lane.DATA, b"x" * 3000)
    spool._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    with path.open("r+b") as file:
        file.write(b"\xa5" * path.stat().st_size)
    spool._db.execute("PRAGMA cache_size=0")
    spool._db.execute("PRAGMA shrink_memory")
    delivery.deliver([(Lane.ALARM, CALL)])
    uplink.send(0.0)
    calls = [decode(payload) for topic, payload in broker.published if topic == up(7, "g1", Lane.ALARM)]
    assert [record.n for pack in calls for record in pack.records] == ["help_call"]
    delivery.close()
