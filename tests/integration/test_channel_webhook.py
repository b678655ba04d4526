"""The webhook: signed, only to where it may go, and over in time whatever the other side does."""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import msgspec
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from alarms.errors import ChannelError
from alarms.lifecycle.alarm import Flag
from alarms.notify.guard import Guard
from alarms.notify.guarded_http import GuardedHttp
from alarms.notify.message import Notice
from alarms.notify.signature import verify
from alarms.notify.webhook import Webhook
from tests.notices import START, FixedClock, a_notice
from tests.stub_provider import Rude, StubProvider

pytestmark = pytest.mark.once

SECRET = b"shared with the receiver"


@pytest.fixture
def provider() -> Iterator[StubProvider]:
    with StubProvider() as running:
        yield running


def webhook(guard: Guard, timeout_s: float = 5, tls: ssl.SSLContext | None = None) -> Webhook:
    return Webhook(GuardedHttp(guard, timeout_s, tls), SECRET, FixedClock())


def test_the_receiver_gets_the_notice_and_can_verify_it(provider: StubProvider) -> None:
    told = a_notice(answer_url="https://care.example/a/x1", flags=(Flag.DRILL,))
    assert webhook(Guard([provider.host])).send(provider.url, told) == "HTTP 200"
    (request,) = provider.requests
    assert msgspec.json.decode(request.body, type=Notice) == told
    assert request.headers["Idempotency-Key"] == told.key
    assert request.headers["Host"] == provider.host
    stamp, signature = request.headers["Anxin-Timestamp"], request.headers["Anxin-Signature"]
    assert verify(SECRET, stamp, request.body, signature, START.timestamp())
    assert not verify(SECRET, stamp, request.body.replace(b"201", b"202"), signature, START.timestamp())
    assert not verify(SECRET, stamp, request.body, signature, START.timestamp() + 301)


@pytest.mark.parametrize(
    ("answer", "permanent"), [(500, False), (502, False), (429, False), (408, False), (404, True), (302, True)]
)
def test_what_a_refusal_means(provider: StubProvider, answer: int, permanent: bool) -> None:
    provider.answers = [answer]
    with pytest.raises(ChannelError, match=f"HTTP {answer}") as failed:
        webhook(Guard([provider.host])).send(provider.url, a_notice())
    assert failed.value.permanent is permanent


@pytest.mark.parametrize(
    ("text", "wait_s"), [("12", 12.0), ("999999", 3600.0), ("Mon, 01 Jan 2001 00:00:00 GMT", 0.0), ("soon", None)]
)
def test_a_busy_provider_says_when_to_come_back(provider: StubProvider, text: str, wait_s: float | None) -> None:
    provider.answers = [(429, {"Retry-After": text})]
    with pytest.raises(ChannelError) as failed:
        webhook(Guard([provider.host])).send(provider.url, a_notice())
    assert failed.value.retry_after_s == wait_s


@pytest.mark.parametrize("how", Rude)
def test_a_provider_that_gives_no_answer_costs_a_fixed_time(provider: StubProvider, how: Rude) -> None:
    provider.answers = [how]
    began = time.monotonic()
    with pytest.raises(ChannelError) as failed:
        webhook(Guard([provider.host]), timeout_s=0.6).send(provider.url, a_notice())
    assert not failed.value.permanent
    assert time.monotonic() - began < 2


def test_a_closed_port_and_an_unknown_name_may_be_tried_again(free_port: int) -> None:
    for url, error in ((f"http://127.0.0.1:{free_port}/", "ConnectError"), ("http://x.invalid:9999/", "looked up")):
        with pytest.raises(ChannelError, match=error) as failed:
            webhook(Guard(["127.0.0.1"])).send(url, a_notice())
        assert not failed.value.permanent


def test_a_redirect_into_the_house_is_not_followed(provider: StubProvider) -> None:
    with StubProvider() as inner:
        provider.answers = [(302, {"Location": inner.url})]
        with pytest.raises(ChannelError, match="HTTP 302"):
            webhook(Guard([provider.host, inner.host])).send(provider.url, a_notice())
        assert inner.requests == []


class ChangingNames:
    """A name server that gives another answer every time."""

    def __init__(self, *answers: Sequence[str]) -> None:
        self.answers = list(answers)
        self.asked = 0

    def __call__(self, host: str, port: int) -> Sequence[str]:
        self.asked += 1
        return self.answers.pop(0)


def test_dns_rebinding_changes_nothing() -> None:
    """First an address that may be reached (127.0.0.2), then an inner one (127.0.0.3): the checked one is used."""
    with StubProvider("127.0.0.2") as public, StubProvider("127.0.0.3", public.port) as inner:
        names = ChangingNames(["127.0.0.2"], ["127.0.0.3"], ["127.0.0.3"])
        channel = webhook(Guard(["127.0.0.2/32"], names))
        url = f"http://hook.example:{public.port}/"
        channel.send(url, a_notice(1))
        assert (names.asked, len(public.requests), len(inner.requests)) == (1, 1, 0)
        assert public.requests[0].headers["Host"] == f"hook.example:{public.port}"
        with pytest.raises(ChannelError, match="leads to this machine itself") as refused:
            channel.send(url, a_notice(2))
        assert refused.value.permanent
        assert (names.asked, len(public.requests), len(inner.requests)) == (2, 1, 0)


def test_a_dead_address_is_passed_over_for_the_next_one(provider: StubProvider) -> None:
    names = ChangingNames(["127.0.0.3", "127.0.0.1"])
    webhook(Guard(["127.0.0.0/8"], names)).send(f"http://hook.example:{provider.port}/", a_notice())
    assert len(provider.requests) == 1


def test_the_certificate_must_be_that_of_the_name(tmp_path: Path) -> None:
    """The connection goes to an address, and is still verified by name."""
    server, trust = certificate_for("hook.example", tmp_path)
    with StubProvider(tls=server) as provider:
        guard = Guard(["127.0.0.0/8"], lambda host, port: ["127.0.0.1"])
        channel = webhook(guard, tls=trust)
        assert channel.send(f"https://hook.example:{provider.port}/", a_notice()) == "HTTP 200"
        with pytest.raises(ChannelError, match="certificate"):
            channel.send(f"https://other.example:{provider.port}/", a_notice())


def test_a_name_server_that_stays_silent_costs_a_fixed_time(monkeypatch: pytest.MonkeyPatch) -> None:
    def silent(*args: object, **more: object) -> list[object]:
        time.sleep(60)
        return []

    monkeypatch.setattr(socket, "getaddrinfo", silent)
    began = time.monotonic()
    with pytest.raises(ChannelError, match="no answer within") as failed:
        webhook(Guard()).send("https://hook.example/", a_notice())
    assert not failed.value.permanent
    assert time.monotonic() - began < 6


def certificate_for(name: str, folder: Path) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """A server's context with a certificate of its own for the name, and a client's context that trusts it."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name), x509.IPAddress(ip_address("10.0.0.1"))]), False)
        .sign(key, hashes.SHA256())
    )
    chain = folder / "server.pem"
    chain.write_bytes(
        made.public_bytes(Encoding.PEM) + key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    )
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(chain)
    return server, ssl.create_default_context(cadata=made.public_bytes(Encoding.PEM).decode())
