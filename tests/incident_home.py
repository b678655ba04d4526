"""A nursing home of forty rooms behind two gateways: for stories in which many alarms come at once."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, time, timedelta

from alarms.lifecycle.alarm import Alarm
from ingest.registry.model import (
    Contact,
    Device,
    Gateway,
    Reach,
    Registry,
    Resident,
    Room,
    Rota,
    RotaLayer,
    Site,
    User,
)
from ingest.wire.signals import Kind
from tests.alarm_stories import START, Desk

ROOMS = 40
EAST, WEST = "gw-pine", "gw-west"
_KINDS = (
    ("sos", Kind.BUTTON, "sos_button"),
    ("smoke", Kind.FIRE, "smoke_alarm"),
    ("heat", Kind.FIRE, "heat_alarm"),
    ("leak", Kind.WATER, "leak_sensor"),
    ("meter", Kind.METER, "meter"),
)


def gateway_of(room: int) -> str:
    """The first half of the rooms is in the east."""
    return EAST if room < ROOMS // 2 else WEST


REGISTRY = Registry(
    version=1,
    sites=(Site(site_id="pine", name="青松养老院", shard=7),),
    rooms=tuple(Room(room_id=f"r{n:02d}", site_id="pine", name=f"{n:02d}") for n in range(ROOMS)),
    residents=(Resident(resident_id="wang", site_id="pine", name="王秀英", room_id="r07"),),
    contacts=(
        Contact(contact_id="c1", site_id="pine", resident_id="wang", name="王丽", webhook="http://kin.example/"),
    ),
    gateways=(Gateway(gateway_id=EAST, site_id="pine"), Gateway(gateway_id=WEST, site_id="pine")),
    devices=tuple(
        Device(
            device_id=f"{name}-{room:02d}",
            number=room * len(_KINDS) + place + 1,
            site_id="pine",
            gateway_id=gateway_of(room),
            kind=kind,
            profile=profile,
            name=f"{name} {room:02d}",
            room_id=f"r{room:02d}",
        )
        for room in range(ROOMS)
        for place, (name, kind, profile) in enumerate(_KINDS)
    ),
    users=(User(user_id="li", name="李娜", role="carer"),),
    reaches=(Reach(person="user:li", rank=1, channel="web_push", address="li", answered_at=START - timedelta(days=3)),),
    rotas=(
        Rota(
            rota_id="day",
            site_id="pine",
            name="日班",
            layers=(RotaLayer(members=("user:li",), starts_on=date(2026, 1, 1), turn_days=1, hand_over=time(8)),),
        ),
    ),
)


def open_home(registry: Registry = REGISTRY) -> Desk:
    """A desk over the home; Li is on duty and has a phone."""
    desk = Desk(registry)
    desk.duty = []
    desk.restart(registry)
    return desk


def say(desk: Desk, name: str, room: int, signal: str, value: bool = True) -> None:
    """A room's device says something, in a pack of its own."""
    desk.record(f"{name}-{room:02d}", signal, value, gateway=gateway_of(room))


def of(desk: Desk, name: str, room: int) -> Alarm:
    """The one open alarm of a room's device."""
    (found,) = [alarm for alarm in desk.open if alarm.identity.device_id == f"{name}-{room:02d}"]
    return found


def incidents(alarms: Iterable[Alarm]) -> dict[str, list[str]]:
    """The devices, or else the subjects, of each incident, in order, by what its parent is about."""
    listed = sorted(alarms, key=lambda alarm: (alarm.raised_at, alarm.alarm_id))
    by_id = {alarm.alarm_id: alarm for alarm in listed}
    found: dict[str, list[str]] = {}
    for alarm in listed:
        if alarm.incident_id is not None:
            parent = by_id.get(alarm.incident_id)
            found.setdefault(_about(parent) if parent is not None else "over", []).append(_about(alarm))
    return found


def told(desk: Desk) -> list[tuple[float, str, str]]:
    """What Li's phone got: when, why, about what."""
    return [
        (send.due_s - START.timestamp(), send.reason, _about(alarm))
        for entry in desk.journal.entries(0, 1_000_000)
        if entry.event == "due"
        and (send := desk.journal.send(entry.detail["send_key"])) is not None
        and send.target == "user:li"
        and (alarm := desk.journal.alarm(send.alarm_id)) is not None
    ]


def not_told(desk: Desk, alarm: Alarm) -> list[str]:
    """Why nobody was told, in order."""
    lines = desk.journal.entries_of(alarm.alarm_id)
    return [entry.detail["reason"] for entry in lines if entry.event == "not_sent"]


def _about(alarm: Alarm) -> str:
    return alarm.identity.device_id or alarm.subject
