"""What the holder of a link sees, and how a person's channels are shown: nothing more than is needed."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from alarms.lifecycle.alarm import Act, Response
from console.answers.limits import Limit
from console.answers.names import public_name_of
from console.answers.reaches import FORMS, lines, people_of, shown
from console.answers.standing import Standing, holder, standing
from console.auth.visitor import Visitor
from console.names import name_of
from ingest.registry.model import Reach
from tests.console_desk import a_registry, an_alarm

AT = datetime(2026, 3, 1, 3, 0, tzinfo=UTC)
LI, ZHAO = Act(by="li", at=AT), Act(by="zhao", at=AT)
PUSH = json.dumps({"endpoint": "https://push.example/s/very-secret", "keys": {"p256dh": "k", "auth": "a"}})


def taken(*acts: Act, needed: int = 1) -> dict[str, Any]:
    return {"response": Response.ACKNOWLEDGED, "acknowledged": acts[0], "takers": acts, "needed": needed}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, Standing.OPEN),
        (taken(LI), Standing.MINE),
        (taken(ZHAO), Standing.TAKEN),
        (taken(ZHAO, needed=2), Standing.MORE),
        (taken(LI, needed=2), Standing.MINE),
        (taken(ZHAO, LI, needed=2), Standing.MINE),
        ({**taken(ZHAO), "response": Response.ATTENDED, "attended": LI}, Standing.MINE),
        ({**taken(LI), "response": Response.ATTENDED, "attended": ZHAO}, Standing.MINE),
        ({"response": Response.RESOLVED, "resolved": ZHAO}, Standing.OVER),
        # it came back: who had it in the round before has it no more
        ({"acknowledged": LI, "takers": (), "round": 1}, Standing.OPEN),
        ({**taken(ZHAO), "acknowledged": LI, "round": 1}, Standing.TAKEN),
    ],
)
def test_how_an_alarm_stands_for_li(changes: dict[str, Any], expected: Standing) -> None:
    assert standing(replace(an_alarm(), **changes), "li", synced=True) is expected


def test_an_alarm_that_nobody_knows_is_over_unless_the_console_has_only_just_started() -> None:
    assert standing(None, "li", synced=True) is Standing.OVER
    assert standing(None, "li", synced=False) is Standing.UNKNOWN
    assert Standing.UNKNOWN.can_answer, "the engine may know it"
    assert not Standing.TAKEN.can_answer


def test_who_has_it_is_who_took_it_in_this_round() -> None:
    later = replace(an_alarm(), **{**taken(ZHAO), "acknowledged": LI, "round": 1})
    assert holder(later) == ZHAO
    assert holder(an_alarm()) is None


def test_a_page_without_a_log_in_names_staff_and_no_family() -> None:
    registry = a_registry()
    assert public_name_of(registry, "lina") == "李娜"
    assert public_name_of(registry, "contact:c1") == "王*"
    assert public_name_of(registry, "duty:0") == ""
    assert name_of(registry, "contact:c1").startswith("王磊")


@pytest.mark.parametrize(
    ("channel", "address", "seen"),
    [
        ("web_push", PUSH, "push.example · "),
        ("web_push", "nonsense", "… · "),
        ("webhook", "https://hook.example/secret?key=1", "hook.example · "),
        ("apprise", "wecombot://secret-key", "wecombot · "),
        ("voice", "+86 138 0013 8000", "+86…8000"),
        ("voice", "8001", "8001"),
        ("mqtt", "corridor", "corridor"),
    ],
)
def test_an_address_is_shown_so_that_nobody_else_can_use_it(channel: str, address: str, seen: str) -> None:
    text = shown(Reach(person="user:li", rank=1, channel=channel, address=address))
    assert text.startswith(seen)
    assert "secret" not in text


def test_two_addresses_of_one_service_can_be_told_apart() -> None:
    texts = {shown(Reach(person="user:li", rank=1, channel="apprise", address=f"wecombot://{n}")) for n in range(9)}
    assert len(texts) == 9


def result(minutes: float, *, ok: bool, channel: str = "webhook") -> dict[str, Any]:
    at = AT - timedelta(minutes=minutes)
    return {"channel": channel, "due_at": at, "sent_at": at if ok else None, "result": "HTTP 200" if ok else "HTTP 503"}


def test_a_channel_looks_broken_when_nobody_took_the_last_three_messages() -> None:
    reach = Reach(person="user:li", rank=1, channel="webhook", address="https://x.example", answered_at=AT)
    failed = [result(n, ok=False) for n in range(3)]
    (line,) = lines([reach], [*failed, result(4, ok=True)])
    assert (line.failure, line.sent_at) == ("HTTP 503", AT - timedelta(minutes=4))
    assert line.reach.counts, "shown, not taken off the list: an outage must not leave a person without channels"
    for results in (
        [*failed[:2], result(2, ok=True)],
        failed[:2],
        [result(n, ok=False, channel="voice") for n in range(3)],
    ):
        (line,) = lines([reach], results)
        assert line.failure == ""


def test_a_supervisor_of_one_site_edits_its_people_only() -> None:
    registry = a_registry()
    whole = Visitor(user=registry.user["supervisor"], session="s", csrf="c")
    flat = Visitor(user=registry.user["only-flat"], session="s", csrf="c")
    assert {"user:lina", "user:only-flat", "contact:c1"} <= {whom.person for whom in people_of(registry, whole)}
    assert [whom.person for whom in people_of(registry, flat)] == ["user:only-flat"]


@pytest.mark.parametrize(
    ("channel", "good"),
    [
        ("apprise", ["wecombot://key", "mailto://u:p@x.cn", "dingtalk://a/1"]),
        ("webhook", ["https://x.cn/h", "http://10.0.0.2:8/h"]),
        ("voice", ["+8613800138000", "8001", "+86 138-0013-8000"]),
        ("mqtt", ["corridor-2"]),
    ],
)
def test_addresses_that_may_be_added(channel: str, good: list[str]) -> None:
    assert all(FORMS[channel].fullmatch(address) for address in good)
    assert not any(FORMS[channel].fullmatch(bad) for bad in ("", " ", "a b", "x://a b"))


def test_a_limit_counts_each_caller_by_itself_and_forgets() -> None:
    limit = Limit(3, 60)
    assert [limit.allows("a", 0.0) for _ in range(4)] == [True, True, True, False]
    assert limit.allows("b", 1.0)
    assert not limit.allows("a", 59.0)
    assert limit.allows("a", 60.0)
    assert limit.allows("a", -5.0), "a clock that was set back opens a new window"


def test_a_limit_holds_no_more_than_it_can() -> None:
    limit = Limit(1, 60)
    for number in range(25_000):
        limit.allows(str(number), 0.0)
    assert not limit.allows("24999", 1.0)
