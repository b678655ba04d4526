"""The live picture without a broker: what counts as news, what is resumed, what is ignored."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import msgspec
import pytest

from alarms.lifecycle.alarm import Alarm, Flag, Response
from console.live import Live
from ingest.clock import SystemClock
from tests.console_desk import an_alarm


@pytest.fixture
def live() -> Live:
    return Live(clock=SystemClock(), name_of=str, site_of_gateway=lambda _: "home", ring=4)


def _tell(live: Live, alarm: Alarm, *, retained: bool = False) -> None:
    live.apply_alarm(alarm.identity.site_id, alarm.alarm_id, msgspec.json.encode(alarm), retained=retained)


def test_an_alarm_opens_changes_and_closes(live: Live) -> None:
    _tell(live, an_alarm())
    _tell(live, replace(an_alarm(), version=2, response=Response.ACKNOWLEDGED))
    _tell(live, replace(an_alarm(), version=3, response=Response.RESOLVED))
    live.apply_alarm("home", "a-1", b"", retained=False)
    assert [change.event for change in live.since(0) or []] == ["alarm", "alarm", "closed"]
    assert live.alarms == {}


def test_a_repeated_state_is_no_news(live: Live) -> None:
    alarm = an_alarm()
    _tell(live, alarm)
    _tell(live, alarm)
    _tell(live, alarm, retained=True)
    assert live.head == 1


def test_an_old_retained_copy_does_not_take_an_alarm_back(live: Live) -> None:
    new = replace(an_alarm(), version=5, response=Response.ATTENDED)
    _tell(live, new)
    _tell(live, replace(new, version=2, response=Response.NEW), retained=True)
    assert live.alarms["a-1"].version == 5


def test_an_old_retained_copy_does_not_open_a_closed_alarm_again(live: Live) -> None:
    _tell(live, an_alarm())
    _tell(live, replace(an_alarm(), version=2, response=Response.RESOLVED))
    _tell(live, an_alarm(), retained=True)
    assert live.alarms == {}


def test_the_journals_copy_takes_the_place_of_what_was_told_from_memory(live: Live) -> None:
    """The journal's disk was full: the engine counted on in memory, and the console missed the word after it."""
    _tell(live, replace(an_alarm(), version=5, flags=(Flag.NOT_JOURNALED,)))
    _tell(live, replace(an_alarm(), version=4), retained=True)
    assert (live.alarms["a-1"].version, live.alarms["a-1"].flags) == (4, ())
    _tell(live, replace(an_alarm(), version=6, response=Response.RESOLVED, flags=(Flag.NOT_JOURNALED,)))
    _tell(live, replace(an_alarm(), version=4), retained=True)
    assert live.alarms["a-1"].version == 4


def test_a_live_state_is_believed_even_with_a_lower_version(live: Live) -> None:
    """The engine's journal was restored from a copy: what it says now is what commands will meet."""
    _tell(live, replace(an_alarm(), version=5))
    _tell(live, replace(an_alarm(), version=2))
    assert live.alarms["a-1"].version == 2


def test_what_the_broker_does_not_repeat_is_gone(live: Live) -> None:
    _tell(live, an_alarm("stays"))
    _tell(live, an_alarm("goes"))
    live.begin_sync()
    _tell(live, an_alarm("stays"), retained=True)
    live.end_sync()
    assert list(live.alarms) == ["stays"]


def test_the_ring_says_when_it_cannot_resume(live: Live) -> None:
    for number in range(6):
        _tell(live, an_alarm(f"a-{number}"))
    assert [change.seq for change in live.since(2) or []] == [3, 4, 5, 6]
    assert live.since(6) == []
    assert live.since(1) is None, "fell off the ring"
    assert live.since(7) is None, "a number of another run"


@pytest.mark.parametrize("payload", [b"{", b"[]", b"\xff\xfe", b"null", b'{"alarm_id":"a-1"}', b"1"])
def test_bytes_that_cannot_be_read_are_shown(live: Live, payload: bytes) -> None:
    live.apply_alarm("home", "odd", payload, retained=False)
    assert live.alarms["odd"].kind == "unreadable"
    assert live.unreadable == 1


def test_a_state_under_the_topic_of_another_site_is_not_believed(live: Live) -> None:
    live.apply_alarm("flat", "a-1", msgspec.json.encode(an_alarm()), retained=False)
    assert (live.alarms["a-1"].kind, live.alarms["a-1"].identity.site_id) == ("unreadable", "flat")


@pytest.mark.parametrize("payload", [b"", b"{", b"[]", b'{"state":1}'])
def test_a_gateways_nonsense_is_ignored(live: Live, payload: bytes) -> None:
    live.apply_status("gw", payload)
    assert live.gateways == {}


def test_a_waiting_feed_wakes_at_once(live: Live) -> None:
    async def story() -> float:
        loop = asyncio.get_running_loop()
        waiting = asyncio.create_task(live.wait(0, 5))
        await asyncio.sleep(0)
        began = loop.time()
        _tell(live, an_alarm())
        await waiting
        return loop.time() - began

    assert asyncio.run(story()) < 0.1


def test_the_order_is_priority_then_age_and_a_drill_comes_after_the_real_ones(live: Live) -> None:
    low = an_alarm("low", age_s=99, priority="low")
    drill = an_alarm("drill", age_s=50, flags=(Flag.DRILL,))
    for alarm in (an_alarm("new"), an_alarm("old", age_s=9), low, drill):
        _tell(live, alarm)
    assert [alarm.alarm_id for alarm in live.open_alarms()] == ["old", "new", "drill", "low"]


def test_staff_come_into_a_room_and_leave_it_also_while_the_console_was_away(live: Live) -> None:
    def told() -> list[tuple[str, list[str]]]:
        bodies = [msgspec.json.decode(change.data)["presence"] for change in live.since(0) or []]
        return [(body["room_id"], body["by"]) for body in bodies]

    here = msgspec.json.encode({"by": ["user:mei"], "since": "2026-01-05T08:00:00Z"})
    live.apply_presence("home", "r305", here)
    live.apply_presence("home", "r305", here)
    live.apply_presence("home", "r306", here)
    assert told() == [("r305", ["user:mei"]), ("r306", ["user:mei"])], "a repeated word is no news"
    live.begin_sync()
    live.apply_presence("home", "r306", here)
    live.end_sync()
    assert told()[2:] == [("r305", [])], "the broker did not repeat it: they have left"
