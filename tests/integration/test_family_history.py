"""What a relative's page takes from the history: past alarms, who was told, activity; and what it writes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

import httpx
import msgspec
import psycopg
import pytest

from alarms.journal.records import Entry
from alarms.lifecycle.alarm import Act, Alarm, AlarmKind, Response
from alarms.projection.projector import project
from console.family.facts import devices_of
from ingest.registry import edit, source
from ingest.registry.family_model import Share
from ingest.registry.model import Device, Resident
from ingest.wire.signals import Kind
from tests.console_desk import Desk, a_registry, an_alarm, running_desk
from tests.console_history import NOWHERE
from tests.integration.test_family_pages import families

pytestmark = pytest.mark.database


def sensor(device_id: str, number: int, **more: str) -> Device:
    return Device(
        device_id=device_id,
        number=number,
        site_id="home",
        gateway_id="gw-home",
        kind=Kind.AMBIENT,
        profile="pir",
        **more,
    )  # type: ignore[arg-type]


@pytest.fixture
def desk(database: str, tmp_path: Path) -> Iterator[Desk]:
    with running_desk(tmp_path, NOWHERE, database=database) as running:
        registry = families(Share.CALLS, Share.HELPERS, Share.ACTIVITY, Share.CHECK_IN)
        pir = sensor("pir-305", 77, room_id="r305")
        running.registry = msgspec.structs.replace(registry, devices=(*registry.devices, pir))
        with psycopg.connect(database, autocommit=True) as connection:
            for site in registry.sites:
                edit.add_site(connection, site)
            for zone in registry.zones:
                edit.add_zone(connection, zone)
            for room in registry.rooms:
                edit.add_room(connection, room)
            for resident in registry.residents:
                edit.add_resident(connection, resident)
            for user in registry.users:
                edit.add_user(connection, user)
            for contact in registry.contacts:
                edit.add_contact(connection, contact)
        yield running


@pytest.fixture
def mei(desk: Desk) -> Iterator[httpx.Client]:
    with desk.client("mei") as client:
        client.cookies.set("anxin_language", "en")
        yield client


def ended(alarm: Alarm, minutes: int = 5) -> Alarm:
    at = alarm.raised_at + timedelta(minutes=minutes)
    act = Act(by="lina", at=at)
    return replace(alarm, version=2, response=Response.RESOLVED, acknowledged=act, takers=(act,), resolved=act)


def remember(dsn: str, *alarms: Alarm) -> None:
    with psycopg.connect(dsn) as connection:
        for number, alarm in enumerate(alarms, 1):
            states = [(number * 10, "Resolve", alarm, {})]
            for place, target in enumerate(("user:lina", "contact:c1")):
                key = f"{alarm.alarm_id}/0/0/{target}/webhook"
                due = {"send_key": key, "alarm_id": alarm.alarm_id, "step": 0, "round": 0, "target": target,
                       "channel": "webhook", "reason": "new_alarm", "due_s": alarm.raised_at.timestamp()}  # fmt: skip
                sent = {"send_key": key, "ok": True, "result": "HTTP 200", "attempts": 1, "final": True}
                states += [
                    (number * 10 + 1 + place * 2, "due", None, due),
                    (number * 10 + 2 + place * 2, "sent", None, sent),
                ]  # type: ignore[list-item]
            entries = [
                Entry(
                    log_id=log_id, alarm_id=alarm.alarm_id, version=2, at_s=alarm.raised_at.timestamp(), event=event,
                    by="system", detail=detail, state=state,
                )
                for log_id, event, state, detail in states
            ]  # fmt: skip
            project(connection, entries)


def test_what_has_been_this_week_is_told_with_who_was_told(mei: httpx.Client, database: str) -> None:
    remember(
        database,
        ended(an_alarm("call", age_s=3 * 86_400)),
        ended(an_alarm("fire", age_s=2 * 86_400, kind=AlarmKind.FIRE)),
        ended(an_alarm("long ago", age_s=9 * 86_400, kind=AlarmKind.FALL)),
    )
    page = mei.get("/family").text
    assert page.count("<h3>") == 2
    assert "Help call" in page
    assert "Somebody was called" in page, "the end of what is not shared itself"
    assert "Fire" not in page.replace("fire, gas", "")
    assert ">Fall" not in page
    for words in ("Staff were told at", "You were told at", "Staff took it at"):
        assert words in page
    assert "李娜" not in page


def test_the_last_sign_of_activity_in_her_own_room_is_told(mei: httpx.Client, database: str) -> None:
    assert "No sign of activity within the last 24 hours" in mei.get("/family").text
    at = datetime.now(UTC) - timedelta(hours=1)
    with psycopg.connect(database, autocommit=True) as connection:
        for number, moment, motion in (
            (77, at, 1),
            (77, at + timedelta(minutes=30), 0),
            (78, at + timedelta(minutes=40), 1),
        ):
            connection.execute(
                "INSERT INTO reading_ambient (time, device_number, received_at, motion) VALUES (%s, %s, %s, %s)",
                (moment, number, moment, motion),
            )
    page = mei.get("/family").text
    assert "The last sign of activity was at" in page
    assert f'datetime="{at.isoformat()[:16]}' in page


def test_a_check_in_and_wishes_are_saved_in_the_persons_name(mei: httpx.Client, database: str) -> None:
    mei.post("/family/c1/check-in", data={"word": "asked"})
    mei.post("/family/wishes", data={"quiet_from": "22:00", "quiet_to": "07:00", "digest_at": "20:30"})
    with psycopg.connect(database) as connection:
        now = source.load(connection)
    assert [(one.contact_id, one.word) for one in now.check_ins] == [("c1", "asked")]
    wish = now.family_wish["mei"]
    assert (wish.quiet_from, wish.quiet_to, wish.digest_at) == (time(22), time(7), time(20, 30))
    refused = mei.post("/family/wishes", data={"quiet_from": "22:00", "quiet_to": "07:00", "digest_at": "23:00"})
    assert refused.status_code == 422
    assert "Say both when it becomes quiet" in refused.text
    assert mei.post("/family/wishes", data={"digest_at": "25:00"}).status_code == 422


def test_only_devices_that_see_nobody_else_tell_of_activity() -> None:
    home = a_registry()
    wang = home.resident["wang"]
    own, shared, worn = sensor("a", 5, room_id="r305"), sensor("b", 6), sensor("c", 7, resident_id="wang")
    more = msgspec.structs.replace(home, devices=(own, shared, worn))
    assert {device.device_id for device in devices_of(more, wang)} == {"a", "b", "c"}, "alone in the home"
    neighbour = Resident(resident_id="zhou", site_id="home", name="周", room_id="r306")
    more = msgspec.structs.replace(more, residents=(*home.residents, neighbour))
    assert {device.device_id for device in devices_of(more, wang)} == {"a", "c"}, "alone in the room"
    roommate = msgspec.structs.replace(neighbour, room_id="r305")
    more = msgspec.structs.replace(more, residents=(*home.residents, roommate))
    assert {device.device_id for device in devices_of(more, wang)} == {"c"}, "what is worn"
