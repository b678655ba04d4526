"""A Web Push leaves for a push service, is opened there with the phone's key, and says what it must."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric import ec

from alarms.errors import ChannelError
from alarms.lifecycle.alarm import AlarmKind, Flag, Priority
from alarms.notify.guard import Guard
from alarms.notify.guarded_http import GuardedHttp
from alarms.notify.vapid import FILE, load_or_create_vapid_key
from alarms.notify.web_push import WebPush
from tests.notices import FixedClock, a_notice
from tests.push_stub import PushService, decode64, open_push

pytestmark = pytest.mark.once

CONTACT = "mailto:duty@pine.example"


@pytest.fixture
def service() -> Iterator[PushService]:
    with PushService() as running:
        yield running


def channel(service: PushService, folder: Path, allowed: list[str] | None = None) -> WebPush:
    guard = Guard([service.host] if allowed is None else allowed)
    clock = FixedClock(datetime.fromtimestamp(time.time(), UTC))
    return WebPush(GuardedHttp(guard, 5), load_or_create_vapid_key(folder, CONTACT), clock)


def test_the_stub_opens_the_example_of_the_standard() -> None:
    """RFC 8291, appendix A."""
    private = int.from_bytes(decode64("q1dXpw3UpT5VOmu_cf_v6ih07Aems3njxI-JWgLcM94"))
    body = (
        "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A"
        "_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
    )
    key = ec.derive_private_key(private, ec.SECP256R1())
    plain = open_push(decode64(body), key, decode64("BTBZMqHH6r4Tts7J_aSIgg"))
    assert plain == b"When I grow up, I want to be a watermelon"


def test_the_phone_opens_the_push_and_finds_where_to_answer(service: PushService, tmp_path: Path) -> None:
    phone = service.subscribe()
    told = a_notice(answer_url="https://care.example/a/x1", receipt_url="https://care.example/r/x1")
    assert channel(service, tmp_path).send(phone.subscription, told) == "HTTP 201"
    (pushed,) = phone.got
    assert service.refusals == []
    assert pushed.message["title"] == "呼叫求助 Help call"
    assert pushed.message["body"] == "松园 二楼 201 王**"
    assert pushed.message["answer_url"] == "https://care.example/a/x1"
    assert pushed.message["receipt_url"] == "https://care.example/r/x1"
    assert (pushed.message["alarm_id"], pushed.message["key"]) == ("a-1", told.key)
    assert pushed.urgency == "high"


def test_nobody_else_can_open_it(service: PushService, tmp_path: Path) -> None:
    phone, other = service.subscribe(), service.subscribe()
    channel(service, tmp_path).send(phone.subscription, a_notice())
    with pytest.raises(InvalidTag):
        other.open(service.bodies[0])
    assert b"201" not in service.bodies[0]


def test_a_drill_and_a_lesser_alarm_are_marked_as_such(service: PushService, tmp_path: Path) -> None:
    phone = service.subscribe()
    told = a_notice(kind=AlarmKind.BATTERY, priority=Priority.LOW, flags=(Flag.DRILL,), language="zh")
    channel(service, tmp_path).send(phone.subscription, told)
    (pushed,) = phone.got
    assert pushed.message["title"] == "【演习】电量低"
    assert pushed.message["drill"]
    assert pushed.urgency == "low"


def test_a_second_round_takes_the_first_ones_place_on_the_phone(service: PushService, tmp_path: Path) -> None:
    phone = service.subscribe()
    web_push = channel(service, tmp_path)
    web_push.send(phone.subscription, a_notice(1))
    web_push.send(phone.subscription, a_notice(2))
    assert len(phone.got) == 2
    assert len(phone.shown) == 1
    assert "a-1" not in next(iter(phone.shown)), "the service learns nothing of the alarm"


@pytest.mark.parametrize("status", [404, 410])
def test_a_subscription_that_has_ended_is_gone_for_good(service: PushService, tmp_path: Path, status: int) -> None:
    phone = service.subscribe()
    service.answers = [(status, {})]
    with pytest.raises(ChannelError, match="has ended") as failed:
        channel(service, tmp_path).send(phone.subscription, a_notice())
    assert failed.value.permanent
    assert failed.value.gone


@pytest.mark.parametrize(("status", "permanent"), [(429, False), (500, False), (503, False), (400, True), (413, True)])
def test_what_a_refusal_means(service: PushService, tmp_path: Path, status: int, permanent: bool) -> None:
    service.answers = [(status, {"Retry-After": "7"})]
    with pytest.raises(ChannelError, match=f"HTTP {status}") as failed:
        channel(service, tmp_path).send(service.subscribe().subscription, a_notice())
    assert (failed.value.permanent, failed.value.gone, failed.value.retry_after_s) == (permanent, False, 7.0)


def test_a_subscription_of_nonsense_is_refused(service: PushService, tmp_path: Path) -> None:
    web_push = channel(service, tmp_path)
    good = json.loads(service.subscribe().subscription)
    for wrong in (
        "not json",
        "{}",
        json.dumps({**good, "keys": {"p256dh": "AAAA", "auth": "AAAA"}}),
        json.dumps({**good, "keys": {"p256dh": "*", "auth": "*"}}),
        json.dumps(
            {**good, "keys": {"p256dh": good["keys"]["p256dh"][:-8] + "AAAAAAAA", "auth": good["keys"]["auth"]}}
        ),
    ):
        with pytest.raises(ChannelError) as failed:
            web_push.send(wrong, a_notice())
        assert failed.value.permanent


def test_an_endpoint_inside_the_house_is_refused(service: PushService, tmp_path: Path) -> None:
    phone = service.subscribe()
    with pytest.raises(ChannelError, match="leads to this machine itself") as failed:
        channel(service, tmp_path, allowed=[]).send(phone.subscription, a_notice())
    assert failed.value.permanent
    assert phone.got == []


def test_the_servers_key_is_made_once_and_kept_private(service: PushService, tmp_path: Path) -> None:
    first, second = (load_or_create_vapid_key(tmp_path / "secrets", CONTACT) for _ in range(2))
    assert first.public == second.public
    assert (tmp_path / "secrets" / FILE).stat().st_mode & 0o777 == 0o600
    assert [path.name for path in (tmp_path / "secrets").iterdir()] == [FILE]
    phone = service.subscribe()
    channel(service, tmp_path / "secrets").send(phone.subscription, a_notice())
    assert service.senders == {first.public}


def test_the_longest_texts_fit_into_a_push(service: PushService, tmp_path: Path) -> None:
    phone = service.subscribe()
    told = a_notice(answer_url="https://care.example/" + "x" * 1000, receipt_url="https://care.example/" + "y" * 1000)
    long = replace(told, title_zh="题" * 2000, body_zh="长" * 2000)
    assert channel(service, tmp_path).send(phone.subscription, long) == "HTTP 201"
    assert phone.got[0].message["body"] == "长" * 200
