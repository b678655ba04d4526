"""What the console knows of the lifecycle's guards: words for every refusal, dialogs that ask only what is needed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

from alarms.lifecycle.alarm import (
    Act,
    Alarm,
    AlarmKind,
    Condition,
    Disposition,
    Flag,
    Priority,
    Reached,
    Response,
    Suppressed,
    Suppression,
)
from alarms.lifecycle.errors import TransitionError
from alarms.lifecycle.events import Acknowledge, Attend, ConfirmFire, Event, Note, Resolve, Shelve, Unshelve
from alarms.lifecycle.step import step
from console.api.refusal import reason_code
from console.endings import endings, ends_incident, needs_second
from console.names import name_of
from console.view import alarm_view
from console.words import PROBLEMS, REFUSALS
from ingest.registry.model import Badge
from tests.console_desk import a_fire, a_registry, an_alarm

_NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
_ASIDE = Suppressed(how=Suppression.SHELVED, reason="x", by="lina", at=_NOW, until=_NOW + timedelta(hours=1))


def _alarms() -> Iterator[Alarm]:
    """Open alarms in every state that a guard looks at."""
    states = product(AlarmKind, Priority, Condition, (Response.NEW, Response.ACKNOWLEDGED, Response.ATTENDED))
    for (kind, priority, condition, response), momentary, aside in product(states, (True, False), (None, _ASIDE)):
        taken = () if response is Response.NEW else (Act(by="lina", at=_NOW),)
        yield an_alarm(
            kind=kind,
            priority=priority,
            condition=condition,
            response=response,
            momentary=momentary,
            suppressed=aside,
            takers=taken,
            acknowledged=taken[0] if taken else None,
        )
    yield a_fire(condition=Condition.ACTIVE, cleared_at=None, priority=Priority.HIGH, flags=(Flag.PRE_ALARM,))


def _events() -> list[Event]:
    """Everything that a person can ask for at the desk."""
    resolves = [Resolve(by="me", disposition=d, reached=r) for d, r in product(Disposition, (None, *Reached))]
    shelves = [
        Shelve(by="me", reason=reason, until=_NOW + timedelta(hours=hours), second=second)
        for reason, hours, second in product(("", "under repair"), (-1, 1, 25), (None, "me", "lina"))
    ]
    plain = [Acknowledge(by="me"), Attend(by="me"), Note(by="me", note="x"), Unshelve(by="me"), ConfirmFire(by="me")]
    return [*plain, *resolves, *shelves]


def _refusals(alarm: Alarm, events: list[Event]) -> Iterator[str]:
    """The reasons of the guards; a lost race and a pair that is not in the table need none."""
    for event in events:
        try:
            step(alarm, event, _NOW)
        except TransitionError as error:
            if error.first is None and not str(error).startswith("an alarm that is"):
                yield str(error)


def test_every_refusal_that_a_person_can_meet_has_words_of_its_own() -> None:
    events = _events()
    reasons = {reason for alarm in _alarms() for reason in _refusals(alarm, events)}
    assert {reason for reason in reasons if reason_code(reason) not in PROBLEMS} == set()
    assert {reason_code(reason) for reason in reasons} == set(REFUSALS.values()) - {"not_first", "faults_only"}


def test_an_incident_ends_at_its_first_alarm_when_it_is_of_faults() -> None:
    fault = an_alarm("p", kind=AlarmKind.FAULT, incident_id="p")
    assert ends_incident(fault)
    assert not ends_incident(replace(fault, incident_id="other"))
    assert not ends_incident(an_alarm("p", kind=AlarmKind.FAULT))
    assert not ends_incident(a_fire("p", incident_id="p"))


def test_the_dialog_asks_how_the_person_was_reached_only_when_it_must() -> None:
    call = an_alarm()
    possible, asking = endings(call)
    assert possible == list(Disposition)
    assert set(possible) - set(asking) == {Disposition.TEST, Disposition.REPAIRED}
    assert endings(replace(call, response=Response.ATTENDED)) == (list(Disposition), [])
    assert endings(a_fire()) == (list(Disposition), [])


def test_what_still_burns_ends_only_as_a_mistake_a_test_or_a_repair() -> None:
    burning = a_fire(condition=Condition.ACTIVE, cleared_at=None)
    possible, _ = endings(burning)
    assert set(possible) == {Disposition.FALSE_ALARM, Disposition.TEST, Disposition.REPAIRED}


@pytest.mark.parametrize("priority", Priority)
def test_only_an_emergency_asks_for_a_second_person(priority: Priority) -> None:
    alarm = an_alarm(priority=priority)
    assert needs_second(alarm) == (priority is Priority.EMERGENCY)
    assert needs_second(replace(alarm, suppressed=_ASIDE)) == (priority is Priority.EMERGENCY)


def test_the_view_tells_who_took_it_who_put_it_aside_and_what_belongs_to_it() -> None:
    names = {"lina": "李娜", "user:operator": "Operator"}.get
    alarm = a_fire(
        response=Response.ACKNOWLEDGED,
        takers=(Act(by="lina", at=_NOW),),
        needed=2,
        suppressed=replace(_ASIDE, second="user:operator"),
        incident_id="f-0",
        flags=(Flag.DRILL,),
    )
    view = alarm_view(alarm, lambda by: names(by) or by)
    assert [taker["name"] for taker in view["takers"]] == ["李娜"]
    assert (view["needed"], view["answered"], view["incident_id"]) == (2, False, "f-0")
    assert (view["suppressed"]["name"], view["suppressed"]["second_name"]) == ("李娜", "Operator")
    assert view["suppressed"]["until"] == _ASIDE.until


@pytest.mark.parametrize(
    ("by", "name"),
    [
        ("lina", "李娜"),
        ("user:lina", "李娜"),
        ("contact:c1", "王磊"),
        ("device:sos-305", "床头呼叫"),
        ("staff:r305", "305 室"),
        ("badge:17", "badge:17"),
        ("badge:18", "李娜"),
        ("badge:19", "夜班备用牌"),
        ("left-the-house", "left-the-house"),
        ("duty:0", "duty:0"),
    ],
)
def test_whoever_did_it_has_a_name(by: str, name: str) -> None:
    badges = (
        Badge(badge_id="18", site_id="home", user_id="lina"),
        Badge(badge_id="19", site_id="home", name="夜班备用牌"),
    )
    assert name_of(a_registry(badges=badges), by) == name
