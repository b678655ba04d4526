"""The pure parts of setting up a home: names of rooms, forms, what is missing, what has changed."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, timezone
from types import SimpleNamespace
from typing import Any

import msgspec
import pytest

from alarms.core.profiles import load_profiles
from console.setup.changes import differences
from console.setup.checklist import CALLING, Step, steps
from console.setup.field import Ask, Choice, Field
from console.setup.form import Form, Repeat, ask_again, plain
from console.setup.place import Place
from console.setup.ranges import RangeError, names_of
from console.setup.rotas import Rotas
from console.setup.words import REFUSALS, WHATS
from ingest.registry.changing import _TYPES, fingerprint
from ingest.registry.model import Reach, Registry, Rota, RotaLayer, Site, User, Zone
from tests.console_desk import a_registry
from tests.setup_home import Typed

CHINA = timezone(timedelta(hours=8))
MONDAY = datetime(2026, 1, 5, 4, tzinfo=UTC)
change = msgspec.structs.replace


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("203", ["203"]),
        ("201-203", ["201", "202", "203"]),
        ("201 – 203，厨房", ["201", "202", "203", "厨房"]),
        ("008-010", ["008", "009", "010"]),
        ("A1-A3", ["A1", "A2", "A3"]),
        ("201-202室", ["201室", "202室"]),
        ("301至302、301", ["301", "302"]),
        ("洗衣-房", ["洗衣-房"]),
        (" , ，", []),
    ],
)
def test_many_rooms_are_named_at_once(text: str, names: list[str]) -> None:
    assert names_of(text) == names


@pytest.mark.parametrize(
    ("text", "code"), [("212-201", "range_backwards"), ("1-501", "too_many"), ("1-400,1001-1400", "too_many")]
)
def test_a_range_that_cannot_be_is_not_guessed(text: str, code: str) -> None:
    with pytest.raises(RangeError) as refused:
        names_of(text)
    assert refused.value.code == code


FIELDS = [
    Field(name="name", label="Name", required=True, longest=5),
    Field(name="year", label="Year", ask=Ask.NUMBER, least=1880, most=2026),
    Field(name="kind", label="Kind", ask=Ask.SELECT, choices=[Choice(value="a", label="A")]),
    Field(name="on", label="On", ask=Ask.DATE),
    Field(name="away", label="Away", ask=Ask.CHECK),
    Field(name="at", label="At", ask=Ask.MOMENT),
]
ROWS = Repeat(
    name="rows",
    legend="Row",
    more="More",
    fields=[Field(name="to", label="To", ask=Ask.MANY, choices=FIELDS[2].choices)],
)


def form(**typed: str | list[str]) -> Form:
    read = Form(FIELDS, [ROWS], zone=CHINA)
    read.read(Typed(**typed))
    return read


def test_a_form_gives_the_values_of_an_entry() -> None:
    good = form(
        name=" 王丽 ",
        year="1941",
        kind="a",
        away="1",
        at="2026-01-05T20:00",
        **{"rows.count": "1", "rows[0].to": ["a"]},
    )
    assert good.good
    assert good.typed() == {
        "name": "王丽",
        "year": 1941,
        "kind": "a",
        "on": None,
        "away": True,
        "at": datetime(2026, 1, 5, 20, tzinfo=CHINA),
        "rows": [{"to": ["a"]}],
    }


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("name", "", "empty"),
        ("name", "seven77", "too_long"),
        ("year", "old", "no_number"),
        ("year", "1879", "out_of_range"),
        ("year", "nan", "no_number"),
        ("kind", "b", "not_listed"),
        ("on", "5.1.2026", "no_date"),
        ("at", "soon", "no_moment"),
    ],
)
def test_a_wrong_field_says_what_is_wrong(field: str, value: str, code: str) -> None:
    wrong = form(**{"name": "x", field: value})
    assert {name: fault.code for name, fault in wrong.faults.items()} == {field: code}
    assert wrong.focus == field


def test_rows_are_added_dropped_and_numbered_anew() -> None:
    read = form(name="x", **{"rows.count": "2", "rows[0].drop": "1", "rows[1].to": ["a"]})
    assert read.counts == {"rows": 1}
    assert read.values["rows[0].to"] == ["a"]
    ask_again(read, "rows")
    assert read.counts == {"rows": 2}
    assert form(name="x", **{"rows.count": "999999"}).counts["rows"] <= 50


def test_a_fault_of_the_registry_goes_to_its_field_or_to_the_first_below_it() -> None:
    read = form(name="x", **{"rows.count": "1"})
    read.refuse("year", "out_of_range", least=1, most=2)
    read.refuse("rows[0]", "own_stand_in")
    read.refuse("shard", "shard_fixed")
    assert {*read.faults} == {"year", "rows[0].to"}
    assert [fault.code for fault in read.faults_of_all] == ["shard_fixed"]


def test_what_a_form_shows_it_reads_back() -> None:
    layer = RotaLayer(members=("user:a", "user:b"), starts_on=date(2026, 1, 5), begin=time(20), end=time(8))
    shown = Form([], [Repeat(name="layers", legend="", more="", fields=[])], zone=CHINA)
    shown.show(plain(Rota(rota_id="r", site_id="home", name="夜班", layers=(layer,))))
    assert shown.values["layers[0].members"] == ["user:a", "user:b"]
    assert shown.values["layers[0].begin"] == ["20:00:00"]
    assert shown.counts == {"layers": 1}


def test_every_reason_of_the_registry_has_words() -> None:
    import ast
    from pathlib import Path

    import ingest.registry

    codes = set()
    for file in Path(ingest.registry.__path__[0]).glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "that":
                code = node.args[2]
                assert isinstance(code, ast.Constant), (file, node.lineno)
                codes.add(code.value)
            if (
                isinstance(node, ast.Call)
                and getattr(node.func, "id", "") == "ConflictingEntryError"
                and len(node.args) > 1
            ):
                codes |= {arg.value for arg in node.args[1:2] if isinstance(arg, ast.Constant)}
    assert {"no_phone", "named", "last_administrator"} <= codes
    assert codes <= set(REFUSALS)
    assert set(_TYPES) | {"reach", "wish"} == set(WHATS)


def test_a_fingerprint_follows_the_entry_and_no_password() -> None:
    user = User(user_id="mei", name="梅", role="carer", password_hash="one")
    assert fingerprint(None) == ""
    assert fingerprint(user) == fingerprint(change(user, password_hash="two"))
    assert fingerprint(user) != fingerprint(change(user, name="李"))
    assert fingerprint(Zone(zone_id="a", site_id="b", name="c")) == fingerprint(
        Zone(zone_id="a", site_id="b", name="c")
    )


def lacks(registry: Registry, title: str, heard: tuple[str, ...] = ("gw-home",)) -> list[str]:
    found = step(registry, title, heard)
    return [lack.text % lack.facts for lack in found.lacks]


def step(registry: Registry, title: str, heard: tuple[str, ...] = ("gw-home",)) -> Step:
    site = registry.site["home"]
    return next(one for one in steps(registry, site, heard, MONDAY) if one.title == title)


def test_the_list_says_what_is_missing_and_why() -> None:
    home = a_registry()
    assert step(home, "Gateway").done
    assert lacks(home, "Gateway", heard=()) == ["三楼网关 was never heard. Is its password on the box?"]
    button = home.devices[0]
    silent = change(home, devices=(change(button, profile="ambient"),))
    assert lacks(silent, "Devices") == ["305 室 has no call button."]
    worn = change(home, devices=(change(button, profile="pendant", room_id=None),))
    assert step(worn, "Devices").done, "what a resident wears counts for the room"
    broken = change(home, devices=(change(button, profile="sos_button", out_of_service=True),))
    assert lacks(broken, "Devices") == ["305 室 has no call button."]
    assert lacks(change(home, contacts=()), "Contacts") == ["王秀英 has no contact."]
    homeless = change(home, residents=(change(home.residents[0], room_id=None),))
    assert lacks(homeless, "Residents") == ["王秀英 has no room: a worn button cannot say where."]
    people = step(home, "Accounts")
    assert len(people.lacks) + people.more == people.count == 5
    answered = Reach(person="user:lina", rank=1, channel="voice", address="1", answered_at=MONDAY)
    lina = change(home, users=(home.user["lina"],), reaches=(answered,))
    assert step(lina, "Accounts").done
    assert not step(home, "Escalation policy").done


def test_the_list_names_the_hours_in_which_nobody_is_on_duty() -> None:
    day = RotaLayer(members=("user:lina",), starts_on=date(2025, 1, 1), weekdays=(0, 1, 2, 3, 4, 5))
    home = a_registry(rotas=(Rota(rota_id="day", site_id="home", name="白班", layers=(day,)),))
    (sunday,) = step(home, "Rota").lacks
    begin, end = sunday.facts["begin"], sunday.facts["end"]
    assert isinstance(begin, datetime)
    assert isinstance(end, datetime)
    assert begin.astimezone(CHINA).strftime("%a %H:%M") == "Sun 00:00"
    assert end - begin == timedelta(days=1)


def test_the_calling_profiles_are_profiles() -> None:
    assert set(load_profiles().names) >= CALLING


def test_only_what_differs_is_told() -> None:
    before, after = {"name": "203", "away": False, "kinds": []}, {"name": "203A", "away": True, "kinds": []}
    assert differences(before, after) == [("name", "203", "203A"), ("away", False, True)]
    assert differences(None, after) == []


@pytest.mark.parametrize(("hour_utc", "starts_on"), [(18, "2026-11-27"), (0, "2026-11-27")], ids=["02:36", "08:36"])
def test_a_rota_that_is_drawn_up_has_somebody_on_duty_at_once(hour_utc: int, starts_on: str) -> None:
    home = Site(site_id="north", name="North", shard=3, timezone="Asia/Shanghai")
    now = datetime(2026, 11, 27, hour_utc, 36, tzinfo=UTC)
    nobody: Any = SimpleNamespace()
    place = Place(parts=nobody, request=nobody, visitor=nobody, site=home, registry=Registry(), now=now)
    (layer,) = Rotas().initial(place)["layers"]
    assert layer["starts_on"] == starts_on, "the turn that is on at this hour of Shanghai"
    assert layer["hand_over"] == "08:00"
