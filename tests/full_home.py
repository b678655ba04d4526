"""A nursing home full of life, for judging pages: long names in two languages, open alarms, a flood, drills, a past."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import psycopg

from alarms.lifecycle.alarm import (
    Act,
    Alarm,
    AlarmKind,
    Condition,
    Disposition,
    Flag,
    OnTheWay,
    Priority,
    Response,
    Suppressed,
    Suppression,
)
from ingest.registry import edit, edit_escalation, edit_family
from ingest.registry.family_model import Consent, Share
from ingest.registry.model import (
    Badge,
    Contact,
    Device,
    Doorway,
    Gateway,
    Output,
    Policy,
    PolicyStep,
    Reach,
    Resident,
    Room,
    Rota,
    RotaLayer,
    Site,
    User,
    Window,
    Zone,
)
from ingest.store.connection import Connection
from ingest.wire.signals import Kind
from tests.console_desk import a_fire, a_question, an_alarm, at_flat
from tests.console_history import ended, project
from tests.fall_evidence import fall_evidence

_PEOPLE = (
    ("wang", "王秀英", "r305", "助听器；行走需搀扶"),
    ("chen", "Bartholomew Featherstonehaugh-Cholmondeley", "r306", "Hard of hearing; walks with a frame; likes tea"),
    ("ma", "欧阳娜娜·阿不都热合曼", "r307", "糖尿病，夜间需巡视；对青霉素过敏；说维吾尔语，请慢慢说"),
    ("liu", "刘建国", "r308", ""),
)
_DEVICES = (
    ("sos-305", Kind.BUTTON, "sos_button", "床头呼叫按钮", "r305", "wang"),
    ("cord-305", Kind.BUTTON, "pull_cord", "卫生间拉绳", "r305", "wang"),
    ("bed-306", Kind.AMBIENT, "bed_sensor", "Bed sensor under the left mattress by the window", "r306", "chen"),
    ("smoke-306", Kind.FIRE, "smoke_alarm", "烟感", "r306", None),
    ("motion-305", Kind.AMBIENT, "motion_sensor", "走动感应", "r305", None),
    ("watch-307", Kind.WEARABLE, "wearable", "手表", "r307", "ma"),
    ("flow-308", Kind.WATER, "leak_sensor", "洗手台漏水", "r308", None),
)
NOTES = ("305 室半夜要测血压", "Mr Featherstonehaugh-Cholmondeley's niece comes at nine; she has the spare key")
STAFF = (
    User(user_id="carer", name="艾尔肯·阿不都热合曼护理员", role="carer"),
    User(user_id="lina", name="李娜", role="operator"),
    User(user_id="family", name="王磊", role="family"),
)


def furnish_fully(database: str) -> None:
    """Everything of the registry, and what is past."""
    with psycopg.connect(database, autocommit=True) as connection:
        _places(connection)
        for user in STAFF:
            edit.add_user(connection, user)
        _people(connection)
        _rules(connection)
        _past(connection)
    long_ago = (an_alarm(f"past-{n}", age_s=3600 * n, kind=list(AlarmKind)[n % 6]) for n in range(1, 60))
    project(database, *(ended(alarm, list(Disposition)[n % 8]) for n, alarm in enumerate(long_ago)))
    with psycopg.connect(database) as connection:
        connection.execute("UPDATE alarm SET resident_id = 'wang' WHERE alarm_id IN ('past-1', 'past-5', 'past-9')")


def full_desk() -> list[Alarm]:
    """Fifteen open alarms: in every state, with long words, an incident, one put aside, a drill, a question, a son on
    the way.
    """
    now = datetime.now(UTC)
    call = an_alarm("call", age_s=20, count=3, coming=(OnTheWay(by="contact:son", at=now, until=now),))
    long_name = replace(
        call.identity,
        room_id="r306",
        room_name="306 Garden View Suite, West Wing",
        resident_id="chen",
        resident_name=_PEOPLE[1][1],
        resident_needs=_PEOPLE[1][3],
        device_name=_DEVICES[2][3],
    )
    act = Act(by="carer", at=now)
    fall = an_alarm("fall", age_s=70, kind=AlarmKind.FALL, rule="fall_impact", identity=long_name)
    at_s = round(fall.raised_at.timestamp(), 1)
    suspected = fall_evidence("suspected", at_s=at_s, score=0.61, placement="neck", sensitivity="high")
    got_up = fall_evidence("recovered", at_s=at_s, score=0.8, placement="pocket")
    aside = Suppressed(
        how=Suppression.SHELVED, reason="烟感维修中，维修单 2291", by="operator", second="lina", at=now,
        until=now + timedelta(minutes=30),
    )  # fmt: skip
    quiet = {"momentary": False, "latching": False}
    return [
        call,
        replace(fall, evidence=fall_evidence("confirmed", at_s=at_s)),
        replace(fall, alarm_id="fall-suspected", identity=call.identity, priority=Priority.HIGH, evidence=suspected),
        replace(fall, alarm_id="fall-near", identity=call.identity, priority=Priority.LOW, evidence=got_up),
        a_fire("fire", incident_id="fire", needed=2, takers=(act,), response=Response.ACKNOWLEDGED, acknowledged=act),
        a_fire("fire-2", incident_id="fire", condition=Condition.ACTIVE),
        at_flat(an_alarm("gas", age_s=50, kind=AlarmKind.GAS, priority=Priority.HIGH, **quiet)),
        an_alarm("taken", age_s=300, response=Response.ACKNOWLEDGED, acknowledged=act, takers=(act,)),
        an_alarm("there", age_s=400, response=Response.ATTENDED, acknowledged=act, takers=(act,), attended=act),
        an_alarm("leak", age_s=700, kind=AlarmKind.LEAK, priority=Priority.MEDIUM, flags=(Flag.LATE,), **quiet),
        an_alarm("low", age_s=9000, kind=AlarmKind.BATTERY, priority=Priority.LOW, **quiet),
        an_alarm("unknown", age_s=10, flags=(Flag.UNREGISTERED, Flag.BAD_CLOCK), round=1),
        an_alarm("aside", age_s=600, kind=AlarmKind.FAULT, priority=Priority.HIGH, suppressed=aside),
        a_question("question", age_s=900),
        an_alarm("drill", age_s=30, kind=AlarmKind.FALL, flags=(Flag.DRILL,), evidence={"drill": {"by": "operator"}}),
    ]


def flood(count: int) -> list[Alarm]:
    """So many unanswered alarms at once, of every urgency and in many rooms."""
    alarms = (an_alarm(f"flood-{n:03}", age_s=n, priority=list(Priority)[n % 4]) for n in range(count))
    return [replace(a, identity=replace(a.identity, room_name=f"{300 + n} 室")) for n, a in enumerate(alarms)]


def _places(connection: Connection) -> None:
    edit.add_site(
        connection,
        Site(
            site_id="home", name="杭州市西湖区幸福里颐养中心（文三路院区）", shard=3, address="杭州市西湖区文三路 8 号"
        ),
    )
    edit.add_site(connection, Site(site_id="flat", name="陈家", shard=4, kind="private_home", address="拱墅区"))
    for number in (1, 2, 3):
        edit.add_zone(connection, Zone(zone_id=f"floor{number}", site_id="home", name=f"{'一二三'[number - 1]}楼"))
    for number in range(305, 313):
        room = Room(room_id=f"r{number}", site_id="home", name=f"{number} 室", zone_id="floor3")
        edit.add_room(connection, room)
    edit.add_room(connection, Room(room_id="kitchen", site_id="flat", name="厨房"))
    for gateway_id, site_id, name in (
        ("gw-home", "home", "三楼网关"),
        ("gw-east", "home", ""),
        ("gw-flat", "flat", ""),
    ):
        edit.add_gateway(connection, Gateway(gateway_id=gateway_id, site_id=site_id, name=name))


def _people(connection: Connection) -> None:
    for resident_id, name, room_id, needs in _PEOPLE:
        edit.add_resident(
            connection,
            Resident(
                resident_id=resident_id, site_id="home", name=name, room_id=room_id, needs=needs, birth_year=1938,
                away=resident_id == "liu",
            ),
        )  # fmt: skip
    son = Contact(
        contact_id="son", site_id="home", resident_id="wang", name="王磊", relation="儿子", phone="138-0000-0001"
    )
    cousin = Contact(
        contact_id="cousin", site_id="home", resident_id="chen", name="Wilhelmina Featherstonehaugh-Cholmondeley",
        relation="Grand-niece and guardian", phone="+44 20 7946 0958",
    )  # fmt: skip
    edit.add_contact(connection, son)
    edit.add_contact(connection, cousin)
    edit_family.link_account(connection, "son", "family")
    for share in Share:
        word = Consent(
            resident_id="wang", contact_id="son", share=share, given=True, by="王秀英", recorded_by="lina",
            at=datetime.now(UTC),
        )  # fmt: skip
        edit_family.record_consent(connection, word)
    for device_id, kind, profile, name, room_id, resident_id in _DEVICES:
        device = Device(
            device_id=device_id, number=0, site_id="home", gateway_id="gw-home", kind=kind, profile=profile, name=name,
            native=f"zigbee2mqtt:{device_id}", room_id=room_id, resident_id=resident_id,
            out_of_service=device_id == "flow-308",
        )  # fmt: skip
        edit.add_device(connection, device)
    edit.add_badge(connection, Badge(badge_id="04A1B2C3", site_id="home", user_id="carer"))


def _rules(connection: Connection) -> None:
    answered = datetime.now(UTC) - timedelta(days=2)
    for rank, (channel, address) in enumerate(
        (("webhook", "https://hooks.example/a/secret"), ("voice", "13800000001"))
    ):
        at = None if rank else answered
        reach = Reach(person="user:carer", rank=rank + 1, channel=channel, address=address, answered_at=at)
        edit_escalation.add_reach(connection, reach)
    members = ("user:carer", "user:lina")
    day = RotaLayer(members=members, starts_on=date(2026, 1, 5), begin=time(8), end=time(20))
    edit_escalation.add_rota(connection, Rota(rota_id="day", site_id="home", name="白班（护理一组）", layers=(day,)))
    steps = (PolicyStep(after_s=0, who=("duty",)), PolicyStep(after_s=60, who=("duty:day", "contacts", "user:lina")))
    policy = Policy(
        policy_id="calls", name="呼叫与跌倒", site_id="home", steps=steps, repeat_s=60, return_s=180,
        kinds=("help_call", "fall"), acknowledgements=1,
    )  # fmt: skip
    edit_escalation.add_policy(connection, policy)
    edit.add_output(
        connection,
        Output(
            output_id="doors-3", site_id="home", name="三楼防火门释放", does="door_release", gateway_id="gw-home",
            native="zigbee2mqtt:doors-3",
        ),
    )  # fmt: skip
    door = Doorway(doorway_id="door-3", site_id="home", name="三楼中门", room_id="r306", other_room_id="r305")
    edit.add_doorway(connection, door)
    begins = datetime.now(UTC) + timedelta(days=1)
    edit_escalation.add_window(
        connection,
        Window(
            window_id="work", site_id="home", begins_at=begins, ends_at=begins + timedelta(hours=2),
            reason="消防维保：三楼烟感清洗与测试", by="lina", room_id="r306",
        ),
    )  # fmt: skip


def _past(connection: Connection) -> None:
    now = datetime.now(UTC)
    for minutes in range(0, 1400, 37):
        connection.execute(
            "INSERT INTO reading_ambient (time, device_number, received_at, motion, bed_occupied)"
            " SELECT %s, number, now(), %s, %s FROM device WHERE device_id = 'motion-305'",
            (now - timedelta(minutes=minutes), minutes % 2, int(minutes > 800)),
        )
    for note in NOTES:
        connection.execute(
            "INSERT INTO handover_note (site_id, written_at, written_by, note) VALUES ('home', %s, 'lina', %s)",
            (now, note),
        )
    for number, event in enumerate(("Raised", "StepDue", "Acknowledge")):
        connection.execute(
            "INSERT INTO alarm_log (log_id, alarm_id, at, event, by) VALUES (%s, 'call', %s, %s, 'carer')",
            (number, now, event),
        )
    connection.execute(
        "INSERT INTO notification (send_key, alarm_id, step, round, target, channel, due_at, sent_at, result, attempts)"
        " VALUES ('call/0/0/user:carer/webhook', 'call', 0, 0, 'user:carer', 'webhook', %s, %s, 'sent', 1)",
        (now, now),
    )
