"""A flood of ordinary alarms with a call in its middle: the call is told at once, and nothing of the flood is lost."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from ingest.mqtt import Message
from ingest.wire import pack, topics
from ingest.wire.senml import Record
from tests.loop_house import House

LEAKS = 180


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path)


def message(house: House, seq: int, device: str, signal: str, floor: int) -> Message:
    at_s = house.clock.now().timestamp()
    record = Record(bn=f"{device}/", n=signal, vb=True, t=at_s)
    payload = pack.encode(pack.Pack(boot="flood", seq=seq, floor=floor, records=[record]))
    return Message(topics.up(7, "gw-pine", topics.Lane.ALARM), payload, False, at_s, 1, seq + 1, 1)


def flood(house: House, floor: Callable[[int], int]) -> list[Message]:
    """Leaks of unknown sensors, all through one gateway, and a call as the very last."""
    leaks = [message(house, seq, f"leak-{seq}", "leak", floor(seq)) for seq in range(LEAKS)]
    return [*leaks, message(house, LEAKS, "sos-201", "help_call", floor(LEAKS))]


def floor_of_a_spool(_seq: int) -> int:
    return 0


def floor_without_a_spool(seq: int) -> int:
    """A gateway that keeps nothing says of every pack that none before it will come again."""
    return seq


def devices(house: House) -> list[str]:
    return sorted(alarm.identity.device_id for alarm in house.journal.open_alarms() if alarm.rule != "alarm_flood")


def acknowledged_to(house: House) -> int:
    """The position in the newest acknowledgement to the gateway."""
    acks = [payload for topic, payload, _ in house.session.published if "/down/ack/alarms" in topic]
    return int(msgspec.json.decode(acks[-1])["alarm"])


@pytest.mark.parametrize("floor", [floor_of_a_spool, floor_without_a_spool])
def test_a_call_behind_a_flood_is_told_in_the_first_turn(house: House, floor: Callable[[int], int]) -> None:
    house.turn(*flood(house, floor))
    assert "sos-201" in devices(house)
    assert "sos-201" in [alarm_device(house, task.notice.alarm_id) for task in house.handed.tasks]
    assert len(devices(house)) < 50, "the flood has hardly begun"
    for _ in range(10):
        house.turn()
    assert devices(house) == sorted(["sos-201", *(f"leak-{seq}" for seq in range(LEAKS))])
    assert acknowledged_to(house) == LEAKS
    assert len(house.session.acknowledged) == LEAKS + 1


@pytest.mark.parametrize("floor", [floor_of_a_spool, floor_without_a_spool])
def test_a_crash_in_the_middle_of_a_flood_loses_and_doubles_nothing(house: House, floor: Callable[[int], int]) -> None:
    came = flood(house, floor)
    house.turn(*came)
    told = len(house.handed.tasks)
    house.start()
    house.turn(*came[: LEAKS // 2])  # the broker hands over again what was not acknowledged, and a little more
    house.turn(*came[LEAKS // 2 :])
    for _ in range(10):
        house.turn()
    assert devices(house) == sorted(["sos-201", *(f"leak-{seq}" for seq in range(LEAKS))])
    assert {alarm.count for alarm in house.journal.open_alarms() if alarm.rule != "alarm_flood"} == {1}
    assert acknowledged_to(house) == LEAKS
    assert len(house.handed.tasks) > told


def test_a_press_and_its_cancel_in_a_flood_keep_their_order(house: House) -> None:
    leaks = [message(house, seq, f"leak-{seq}", "leak", 0) for seq in range(LEAKS)]
    press = message(house, LEAKS, "panel-201", "help_call", 0)
    cancel = message(house, LEAKS + 1, "panel-201", "call_cancel", 0)
    again = message(house, LEAKS + 2, "panel-201", "help_call", 0)
    house.turn(*leaks[:90], press, *leaks[90:], cancel, again)
    (call,) = [alarm for alarm in house.journal.open_alarms() if alarm.identity.device_id == "panel-201"]
    assert call.condition == "active"


def test_a_disk_that_fills_in_a_flood_tells_the_call_and_later_takes_all(house: House) -> None:
    came = flood(house, floor_without_a_spool)
    house.journal._db.execute("PRAGMA query_only = 1")
    house.turn(*came)
    assert [task.urgent for task in house.handed.tasks].count(True) >= 1
    house.turn()
    house.journal._db.execute("PRAGMA query_only = 0")
    for _ in range(10):
        house.turn()
    assert devices(house) == sorted(["sos-201", *(f"leak-{seq}" for seq in range(LEAKS))])
    assert acknowledged_to(house) == LEAKS


def test_what_waits_in_a_flood_is_as_old_as_before_when_the_clock_is_set(house: House) -> None:
    house.turn(*flood(house, floor_of_a_spool))
    house.clock.set_by(3600)
    for _ in range(10):
        house.turn()
    raised = {alarm.received_at for alarm in house.journal.open_alarms() if alarm.identity.device_id == "leak-179"}
    assert [abs((moment - house.clock.now()).total_seconds()) < 5 for moment in raised] == [True]


def alarm_device(house: House, alarm_id: str) -> str:
    alarm = house.journal.alarm(alarm_id)
    return alarm.identity.device_id if alarm is not None else ""
