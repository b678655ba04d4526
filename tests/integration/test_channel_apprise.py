"""Apprise reaches its services, and nothing of this machine or its network."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from alarms.errors import ChannelError
from alarms.lifecycle.alarm import Flag, Priority
from alarms.notify.apprise import AppriseServices
from alarms.notify.connect_watch import ConnectWatch, GuardError
from alarms.notify.guard import Guard
from tests.notices import a_notice
from tests.stub_provider import Rude, StubProvider

pytestmark = pytest.mark.once


@pytest.fixture
def provider() -> Iterator[StubProvider]:
    with StubProvider() as running:
        yield running


def services(*allowed: str, timeout_s: float = 4) -> AppriseServices:
    return AppriseServices(Guard(allowed), timeout_s)


def test_a_service_gets_title_text_and_type(provider: StubProvider) -> None:
    told = a_notice(answer_url="https://care.example/a/x1")
    assert services(provider.host).send(f"json://{provider.host}/", told) == "JSON: taken"
    (body,) = provider.received
    assert body["title"] == "呼叫求助 Help call"
    assert body["message"] == "松园 二楼 201 王**\n点此应答 Tap to answer: https://care.example/a/x1"
    assert body["type"] == "failure"


@pytest.mark.parametrize(
    ("priority", "kind"), [(Priority.HIGH, "warning"), (Priority.MEDIUM, "info"), (Priority.LOW, "info")]
)
def test_the_type_follows_the_priority(provider: StubProvider, priority: Priority, kind: str) -> None:
    services(provider.host).send(f"json://{provider.host}/", a_notice(priority=priority))
    assert provider.received[0]["type"] == kind


def test_a_drill_in_english_says_so(provider: StubProvider) -> None:
    services(provider.host).send(f"json://{provider.host}/", a_notice(flags=(Flag.DRILL,), language="en"))
    assert provider.received[0]["title"] == "[Drill] Help call"


def test_an_emergency_goes_through_a_silent_phone_where_the_service_can(provider: StubProvider) -> None:
    ntfy = services(provider.host)
    ntfy.send(f"ntfy://{provider.host}/topic", a_notice(1))
    ntfy.send(f"ntfy://{provider.host}/topic", a_notice(2, priority=Priority.MEDIUM))
    ntfy.send(f"ntfy://{provider.host}/topic?priority=low", a_notice(3))
    assert [request.headers.get("X-Priority") for request in provider.requests] == ["max", None, "low"]


def test_bark_rings_as_a_critical_alert(provider: StubProvider) -> None:
    services(provider.host).send(f"bark://{provider.host}/device", a_notice())
    assert provider.received[0]["level"] == "critical"


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("wecombot://0123456-89ab-cdef", "WeCom Bot"),
        ("https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=0123456-89ab-cdef", "WeCom Bot"),
        ("dingtalk://SEC0123456789@0123456789abcdef", "DingTalk"),
        ("feishu://0123456789abcdef", "Feishu"),
        ("lark://0123456789abcdef", "Lark (Feishu)"),
        ("schan://SCT123456abc", "ServerChan"),
        ("pushplus://0123456789abcdef0123456789abcdef", "Pushplus"),
        ("bark://api.day.app/0123456789abcdef", "Bark"),
        ("ntfys://ntfy.example/topic", "ntfy"),
        ("mailtos://user:secret@pine.example?to=li@pine.example", "E-Mail"),
        (
            "twilio://AC0123456789abcdef0123456789abcdef:0123456789abcdef0123456789abcdef@15551234567/15557654321",
            "Twilio",
        ),
    ],
)
def test_the_services_that_homes_ask_for_are_known(address: str, name: str) -> None:
    assert str(services()._service(address).service_name) == name


def test_a_name_of_the_allow_list_is_reached_at_whatever_address_it_has(provider: StubProvider) -> None:
    services(f"localhost:{provider.port}").send(f"json://localhost:{provider.port}/", a_notice())
    assert len(provider.received) == 1


@pytest.mark.parametrize("answer", [500, 429, 403])
def test_a_service_that_refuses_is_told_with_its_answer(provider: StubProvider, answer: int) -> None:
    provider.answers = [answer]
    with pytest.raises(ChannelError, match=f"JSON: .*{answer}") as failed:
        services(provider.host).send(f"json://{provider.host}/", a_notice())
    assert not failed.value.permanent
    assert len(provider.requests) == 1, "trying again is the journal's business"


@pytest.mark.parametrize("how", [Rude.CUT, Rude.HANG])
def test_a_service_without_an_answer_costs_a_fixed_time(provider: StubProvider, how: Rude) -> None:
    provider.answers = [how]
    began = time.monotonic()
    with pytest.raises(ChannelError) as failed:
        services(provider.host, timeout_s=0.5).send(
            f"json://{provider.host}/?rto=60&cto=60&retry=5&optional=yes", a_notice()
        )
    assert not failed.value.permanent
    assert time.monotonic() - began < 3


def test_a_reason_holds_no_telephone_number(provider: StubProvider) -> None:
    provider.answers = [500]
    with pytest.raises(ChannelError) as failed:
        services(provider.host).send(f"json://{provider.host}/8613800138000", a_notice())
    assert "138001" not in str(failed.value)


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("syslog://", "this machine's own desktop or log"),
        ("dbus://", "this machine's own desktop or log"),
        ("windows://", "this machine's own desktop or log"),
        ("macosx://", "this machine's own desktop or log"),
        ("vapid://mail@example.com/x", "it reads files"),
        ("fcm://project/token?keyfile=/etc/passwd", "it reads files"),
        ("mqtt://broker.example/topic", "a channel of its own"),
        ("rsyslog://log.example", "cannot tell whether anybody got the message"),
        ("json://127.0.0.1:9/", "json:// leads to this machine itself"),
        ("json://localhost:9/", "json:// leads to this machine itself"),
        ("json://[::1]:9/", "json:// leads to this machine itself"),
        ("ntfy://10.0.0.1/topic", "ntfy:// leads to a private address"),
        ("ntfys://192.168.1.1/topic", "ntfys:// leads to a private address"),
        ("gotify://169.254.169.254/token", "gotify:// leads to a cloud's metadata service"),
        ("mailto://u:p@example.com?smtp=127.0.0.1&mode=insecure", "mailto:// leads to this machine itself"),
        ("json://2130706433:9/", "json:// leads to this machine itself"),
        ("xmls://[::ffff:10.0.0.1]/", "xmls:// leads to a private address in IPv6 clothes"),
        ("matrix://u:p@100.64.0.1/", "matrix:// leads to a carrier's inner network"),
        ("json://93.184.216.34:22/", "json:// leads to port 22"),
    ],
)
def test_a_hostile_address_is_refused_with_its_reason(address: str, reason: str) -> None:
    with pytest.raises(ChannelError, match="refused: ") as failed:
        services(timeout_s=0.5).send(address, a_notice())
    assert reason in str(failed.value)
    assert failed.value.permanent


@pytest.mark.parametrize("address", ["", "nonsense", "noservice://x", "json://", "https://example.com/", "slack://x"])
def test_an_address_of_nothing_is_refused(address: str) -> None:
    with pytest.raises(ChannelError, match="none that Apprise knows") as failed:
        services().send(address, a_notice())
    assert failed.value.permanent


def test_a_service_may_not_read_this_machines_files(tmp_path: Path) -> None:
    file = tmp_path / "secret.json"
    file.write_text(json.dumps({"text": "secret"}))
    os.utime(file, (1, 1))
    for address in (
        f"slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ/?template={file}",
        f"discord://4174216298/JHMHI8qBe7bk2ZwO5U711o3dV_js/?template=file://{file}",
    ):
        with pytest.raises(ChannelError, match="none that Apprise knows"):
            services().send(address, a_notice())
    assert file.stat().st_atime == 1


def test_a_redirect_into_the_house_is_not_followed(provider: StubProvider) -> None:
    with StubProvider() as inner:
        provider.answers = [(302, {"Location": inner.url})]
        with pytest.raises(ChannelError):
            services(provider.host, inner.host).send(f"json://{provider.host}/?redirect=yes", a_notice())
        assert inner.requests == []


def test_dns_rebinding_is_caught_at_the_connection(provider: StubProvider, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever name servers say, now or later: the connection itself is judged."""
    real = socket.getaddrinfo

    def rebound(host: Any, *args: Any, **more: Any) -> Any:
        return real("127.0.0.1" if host == "ntfy.example" else host, *args, **more)

    monkeypatch.setattr(socket, "getaddrinfo", rebound)
    with pytest.raises(ChannelError, match="refused: ntfy:// leads to this machine itself"):
        services().send(f"ntfy://ntfy.example:{provider.port}/topic", a_notice())
    assert provider.requests == []


def test_nothing_that_runs_under_the_watch_starts_a_command() -> None:
    with ConnectWatch(Guard()) as watch:
        with pytest.raises(GuardError):
            subprocess.run(["true"], check=True)
        with pytest.raises(GuardError):
            os.system("true")
        with socket.socket(socket.AF_UNIX) as local, pytest.raises(GuardError):
            local.connect("/nowhere")
    assert watch.refusal == "a command of this machine"
    subprocess.run(["true"], check=True)


def test_the_watch_ends_with_its_block(provider: StubProvider) -> None:
    with ConnectWatch(Guard()), pytest.raises(GuardError):
        socket.create_connection(("127.0.0.1", provider.port))
    socket.create_connection(("127.0.0.1", provider.port)).close()
