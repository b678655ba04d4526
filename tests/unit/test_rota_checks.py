"""What the registry takes and refuses about reaches, rotas, policies and planned windows, without a database."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from alarms.engine import escalation
from alarms.lifecycle.alarm import AlarmKind, Priority
from alarms.lifecycle.errors import RotaError
from alarms.lifecycle.rota import Layer, Override
from console.cli.registry_verbs import RegistryFile
from ingest.registry.checks import (
    KINDS,
    PRIORITIES,
    check_policy,
    check_reach,
    check_rota,
    check_window,
    people_of_policy,
    people_of_rota,
    rotas_of_policy,
)
from ingest.registry.errors import InvalidEntryError, RegistryError
from ingest.registry.model import (
    Contact,
    Policy,
    PolicyStep,
    Reach,
    Registry,
    Rota,
    RotaLayer,
    RotaOverride,
    Site,
    Window,
)

MONDAY = date(2026, 1, 5)
NOW = datetime(2026, 1, 5, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
change = msgspec.structs.replace

REACH = Reach(person="user:mei", rank=1, channel="wecom", address="mei@north")
LAYER = RotaLayer(members=("user:mei", "contact:north:son"), starts_on=MONDAY)
OVERRIDE = RotaOverride(begins_at=NOW, ends_at=NOW + HOUR, person="user:li", instead_of="user:mei")
ROTA = Rota(rota_id="night", site_id="north", name="夜班", layers=(LAYER,), overrides=(OVERRIDE,))
POLICY = Policy(
    policy_id="calls",
    site_id="north",
    name="呼叫",
    kinds=("help_call",),
    priorities=("emergency",),
    steps=(PolicyStep(after_s=0, who=("duty:night",)), PolicyStep(after_s=5, who=("user:mei", "contacts"))),
    repeat_s=30,
    return_s=180,
)
WINDOW = Window(
    window_id="w1", site_id="north", begins_at=NOW, ends_at=NOW + 31 * 24 * HOUR, reason="Fire test", by="user:mei"
)


def test_what_is_right_is_taken() -> None:
    check_reach(REACH)
    check_rota(ROTA)
    check_policy(POLICY)
    check_window(WINDOW)
    check_rota(Rota(rota_id="empty", site_id="north", name=""))
    slow = (PolicyStep(after_s=0, who=("everyone",)), PolicyStep(after_s=0, who=("contacts",), channels=("sms",)))
    check_policy(change(POLICY, priorities=("low",), steps=slow, return_s=None, hand_over_s=300))
    check_policy(change(POLICY, priorities=("low",), steps=(), repeat_s=0, return_s=None))


def test_an_entry_says_whom_and_which_rotas_it_names() -> None:
    assert people_of_rota(ROTA) == ["user:mei", "contact:north:son", "user:li"]
    assert people_of_policy(POLICY) == ["user:mei"]
    assert rotas_of_policy(POLICY) == ["night"]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"person": "mei"}, "person: 'mei' is no person: write user:ID or contact:ID"),
        ({"channel": "We Chat"}, "channel: 'We Chat' is no channel"),
        ({"address": " "}, "address: is empty"),
        ({"rank": 0}, "rank: 0 is below 1"),
        ({"language": "fr"}, "language: 'fr' is none of zh, en"),
        ({"hourly_limit": 0}, "hourly_limit: 0 is below 1"),
        ({"answered_at": datetime(2026, 1, 1)}, "answered_at: .* has no time zone"),  # noqa: DTZ001
    ],
)
def test_a_wrong_reach_is_refused_without_its_address(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(InvalidEntryError, match=said) as refused:
        check_reach(change(REACH, **changes))
    assert refused.value.what == "reach"
    assert REACH.address not in str(refused.value)


WRONG_LAYERS: list[tuple[dict[str, Any], str]] = [
    ({"members": ()}, r"members: nobody is named"),
    ({"members": ("user:mei", "li")}, r"members: 'li' is no person"),
    ({"turn_days": 0}, r"turn_days: 0 is not within 1 to 366"),
    ({"turn_days": 367}, r"turn_days: 367 is not within 1 to 366"),
    ({"weekdays": ()}, r"weekdays: \[\]: name days"),
    ({"weekdays": (0, 7)}, r"weekdays: \[0, 7\]: name days"),
    ({"begin": time(8, tzinfo=UTC)}, r"begin: .* without a time zone"),
    ({"end": time(8, 0, 0, 1)}, r"end: .* in whole seconds"),
    ({"hand_over": time(8, 0, 0, 1)}, r"hand_over: .* in whole seconds"),
]


@pytest.mark.parametrize(("changes", "said"), WRONG_LAYERS)
def test_a_wrong_layer_is_refused_here_and_in_the_lifecycle(changes: dict[str, Any], said: str) -> None:
    layer = change(LAYER, **changes)
    with pytest.raises(InvalidEntryError, match=rf"rota night: layers\[1\]\.{said}") as refused:
        check_rota(change(ROTA, layers=(LAYER, layer)))
    assert isinstance(refused.value, RegistryError)
    with pytest.raises(RotaError, match=said):
        Layer(**msgspec.structs.asdict(layer) | {"weekdays": frozenset(layer.weekdays)})


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"ends_at": NOW}, "is not after the begin"),
        ({"begins_at": NOW.replace(tzinfo=None)}, "begins_at: .* has no time zone"),
        ({"person": "everyone"}, "'everyone' is no person"),
        ({"instead_of": "user:li"}, "user:li cannot stand in for themselves"),
    ],
)
def test_a_wrong_override_is_refused_here_and_in_the_lifecycle(changes: dict[str, Any], said: str) -> None:
    override = change(OVERRIDE, **changes)
    with pytest.raises(InvalidEntryError, match=rf"rota night: overrides\[0\].*{said}"):
        check_rota(change(ROTA, overrides=(override,)))
    with pytest.raises(RotaError):
        Override(**msgspec.structs.asdict(override))


def steps(*after_s: float) -> dict[str, Any]:
    return {"steps": tuple(PolicyStep(after_s=seconds, who=("duty",)) for seconds in after_s)}


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"kinds": ("flood",)}, "kinds: 'flood' is none of help_call, fall"),
        ({"priorities": ("urgent",)}, "priorities: 'urgent' is none of emergency, high"),
        (steps(-1), r"steps\[0\]\.after_s: -1 s is not within 0 to 86400 s"),
        (steps(0, 4.9), r"steps\[1\]\.after_s: 4\.9 s is not within 5 to 86400 s"),
        (steps(0, 86_401), r"steps\[1\]\.after_s: 86401 s is not within"),
        (steps(float("nan")), r"after_s: nan s is not within"),
        ({"steps": (PolicyStep(after_s=0, who=()),)}, r"steps\[0\]\.who: nobody is named"),
        ({"steps": (PolicyStep(after_s=0, who=("nurses",)),)}, r"who: 'nurses' is none of duty, duty:ROTA"),
        ({"steps": (PolicyStep(after_s=0, who=("duty",), channels=("",)),)}, r"channels: '' is no channel"),
        ({"site_id": None}, r"duty:night: a policy of every site names no rota: write duty"),
        ({"repeat_s": 0}, "repeat_s: 0 s is not within 5 to 86400 s"),
        ({"return_s": 1}, "return_s: 1 s is not within 5 to 86400 s"),
        ({"return_s": None}, "return_s: a forgotten emergency must come back"),
        ({"return_s": None, "priorities": ()}, "return_s: a forgotten emergency must come back"),
        ({"steps": ()}, "steps: an emergency must be told to somebody"),
        ({"acknowledgements": 0}, "acknowledgements: it must be 1 to 10 people"),
        ({"hand_over_s": 21}, "hand_over_s: 21 s is not within 1 to 20 s"),
        ({"policy_id": "my calls"}, "policy_id: 'my calls' is no id"),
    ],
)
def test_a_wrong_policy_is_refused_in_words(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(InvalidEntryError, match=said):
        check_policy(change(POLICY, **changes))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"ends_at": NOW}, "ends_at: .* is not after the begin"),
        ({"ends_at": NOW + 31 * 24 * HOUR + timedelta(seconds=1)}, "ends_at: a window is at most 31 days long"),
        ({"begins_at": NOW.replace(tzinfo=None)}, "begins_at: .* has no time zone"),
        ({"reason": " "}, "reason: is empty: say what is planned"),
        ({"by": ""}, "by: is empty: say who planned it"),
        ({"kinds": ("flood",)}, "kinds: 'flood' is none of"),
    ],
)
def test_a_wrong_window_is_refused_in_words(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(InvalidEntryError, match=said):
        check_window(change(WINDOW, **changes))


def test_the_registry_knows_the_lifecycle_s_kinds_and_priorities() -> None:
    assert set(KINDS) == set(AlarmKind)
    assert tuple(Priority) == PRIORITIES


def test_a_contact_s_webhook_is_one_more_reach_that_counts() -> None:
    contacts = (
        Contact(contact_id="son", site_id="north", name="儿子", webhook="https://example.org/son"),
        Contact(contact_id="friend", site_id="north", name="邻居"),
    )
    sms = Reach(person="contact:son", rank=2, channel="sms", address="+86 1")
    call = Reach(person="contact:son", rank=1, channel="voice", address="+86 1", answered_at=NOW)
    registry = Registry(contacts=contacts, reaches=(sms, call))
    found = registry.reaches_of["contact:son"]
    assert [(reach.channel, reach.rank, reach.counts) for reach in found] == [
        ("voice", 1, True),
        ("sms", 2, False),
        ("webhook", 3, True),
    ]
    assert "contact:friend" not in registry.reaches_of
    assert registry.reaches == (sms, call)
    own = Reach(person="contact:son", rank=1, channel="webhook", address="https://example.org/son", answered_at=NOW)
    assert change(registry, reaches=(own,)).reaches_of["contact:son"] == (own,)


def test_a_copy_from_before_rotas_is_still_read() -> None:
    old = b'{"version": 7, "sites": [{"site_id": "north", "name": "N", "shard": 3}], "users": []}'
    registry = msgspec.json.decode(old, type=Registry)
    assert registry.version == 7
    assert (registry.reaches, registry.rotas, registry.policies, registry.windows) == ((), (), (), ())
    assert (registry.rota, registry.policy, registry.window, registry.reaches_of) == ({}, {}, {}, {})


def test_a_copy_holds_all_of_it() -> None:
    whole = Registry(
        version=8,
        sites=(Site(site_id="north", name="N", shard=3),),
        reaches=(change(REACH, answered_at=NOW),),
        rotas=(ROTA,),
        policies=(POLICY,),
        windows=(WINDOW,),
    )
    again = msgspec.json.decode(msgspec.json.encode(whole), type=Registry)
    assert again == whole
    assert again.rota["night"].layers[0].starts_on == MONDAY
    assert escalation.rotas(again)["north"][0].overrides[0].person == "user:li"
    assert escalation.policies(again).of("north", AlarmKind.HELP_CALL, Priority.EMERGENCY).steps[1].after_s == 5


@pytest.mark.parametrize(
    ("part", "where"),
    [
        ('"overrides": [{"begins_at": "2026-01-01T00:00:00"}]', "overrides"),
        ('"layers": [{"members": ["user:x"], "starts_on": "2026-01-01", "begin": "08:00:00+08:00"}]', "layers"),
    ],
)
def test_a_moment_in_a_file_says_its_zone_and_a_local_time_does_not(part: str, where: str) -> None:
    with pytest.raises(msgspec.ValidationError, match=rf"\$\.{where}\[0\]\.begin"):
        msgspec.json.decode(f'{{"rota_id": "r", "site_id": "s", "name": "", {part}}}', type=Rota)


def test_the_examples_in_the_documents_are_taken() -> None:
    page = (Path(__file__).parents[2] / "docs" / "rotas.md").read_text("utf-8")
    found = [msgspec.json.decode(text, type=RegistryFile) for text in re.findall(r"```json\n(.*?)```", page, re.DOTALL)]
    for file in found:
        for reach in file.reaches:
            check_reach(reach)
        for rota in file.rotas:
            check_rota(rota)
        for policy in file.policies:
            check_policy(policy)
        for window in file.windows:
            check_window(window)
    assert all(any(getattr(file, name) for file in found) for name in ("reaches", "rotas", "policies", "windows"))
