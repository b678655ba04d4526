"""Where a message may not go, and why."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from alarms.errors import ChannelError
from alarms.notify.guard import MAIL_PORTS, WEB_PORTS, Guard, parse_allowed

PUBLIC = "93.184.216.34"
NAMES = {
    "hook.example": [PUBLIC],
    "v6.example": ["2606:2800:220:1:248:1893:25c8:1946"],
    "router.example": ["192.168.1.1"],
    "both.example": [PUBLIC, "10.0.0.5"],
    "localhost": ["127.0.0.1", "::1"],
    "server.home": ["192.168.7.20"],
    "2130706433": ["127.0.0.1"],  # as the C library reads these
    "127.1": ["127.0.0.1"],
    "0x7f000001": ["127.0.0.1"],
    "metadata.google.internal": ["169.254.169.254"],
    "127.0.0.1": ["127.0.0.1"],
}


def resolve(host: str, port: int) -> Sequence[str]:
    try:
        return NAMES[host]
    except KeyError:
        raise OSError("unknown name") from None


def reach(url: str, guard: Guard | None = None) -> Sequence[str]:
    guard = guard or Guard(resolve=resolve)
    target = guard.target(url)
    return guard.addresses(target.host, target.port)


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("http://127.0.0.1:8080/", "this machine itself"),
        ("http://localhost:5432/", "this machine itself"),
        ("http://[::1]:8080/", "this machine itself"),
        ("http://0.0.0.0:8080/", "no address at all"),
        ("http://2130706433/", "this machine itself"),
        ("http://0x7f000001/", "this machine itself"),
        ("http://127.1/", "this machine itself"),
        ("http://１２７.0.0.1/", "this machine itself"),
        ("http://[::ffff:127.0.0.1]/", "this machine itself in IPv6 clothes"),
        ("http://[64:ff9b::a00:1]/", "a private address in IPv6 clothes"),
        ("http://[2002:7f00:1::]/", "this machine itself in IPv6 clothes"),
        ("http://10.1.2.3/", "a private address"),
        ("http://router.example/", "a private address"),
        ("http://both.example/", "a private address"),
        ("http://[fd12:3456::1]/", "a private address"),
        ("http://[fe80::1%25eth0]/", "a link-local address"),
        ("http://169.254.169.254/latest/meta-data/", "a cloud's metadata service"),
        ("http://metadata.google.internal/", "a cloud's metadata service"),
        ("http://[fd00:ec2::254]/", "a cloud's metadata service"),
        ("http://168.63.129.16/", "a cloud's metadata service"),
        ("http://100.64.0.9/", "a carrier's inner network"),
        ("http://224.0.0.251/", "a multicast address"),
        ("http://255.255.255.255/", "a reserved address"),
        ("https://hook.example:22/", "port 22 is a system's own"),
        ("https://hook.example:25/", "port 25 is a system's own"),
        ("ftp://hook.example/", "only http and https"),
        ("file:///etc/passwd", "only http and https"),
        ("gopher://hook.example/_x", "only http and https"),
        ("hook.example/path", "only http and https"),
        ("https://user:secret@hook.example/", "no user name or password"),
        ("https://hook.example@127.0.0.1/", "no user name or password"),
        ("http://hook.example\\@127.0.0.1/", "no blanks, backslashes"),
        ("http://hook.example/\r\nHost: x", "no blanks, backslashes"),
        ("http:///path", "names no host"),
        ("http://[::1/", "the address is wrong"),
        ("http://hook.example:99999/", "the address is wrong"),
    ],
)
def test_a_hostile_target_is_refused_with_its_reason(url: str, reason: str) -> None:
    with pytest.raises(ChannelError, match="refused: ") as refused:
        reach(url)
    assert reason in str(refused.value)
    assert refused.value.permanent


@pytest.mark.parametrize("url", ["https://hook.example/a?b=c", "http://hook.example:8443/", "https://v6.example/"])
def test_a_public_target_is_reached(url: str) -> None:
    assert reach(url)


def test_a_name_that_nobody_knows_now_may_be_known_later() -> None:
    with pytest.raises(ChannelError, match="cannot be looked up") as failed:
        reach("https://gone.example/")
    assert not failed.value.permanent


@pytest.mark.parametrize("entry", ["server.home", "server.home:8123", "192.168.7.0/24", "SERVER.home."])
def test_the_homes_own_server_is_reached_when_the_settings_allow_it(entry: str) -> None:
    assert reach("http://server.home:8123/hook", Guard([entry], resolve)) == ["192.168.7.20"]


def test_what_is_allowed_opens_nothing_else() -> None:
    guard = Guard(["server.home:8123"], resolve)
    for url in ("http://server.home:5432/", "http://router.example/", "http://127.0.0.1/"):
        with pytest.raises(ChannelError, match="refused"):
            reach(url, guard)


def test_an_allowed_host_may_use_a_systems_port() -> None:
    assert reach("http://server.home:81/", Guard(["server.home:81"], resolve))


@pytest.mark.parametrize("entry", ["", "10.0.0.0/99", "http://x/", "x:99999", "user@x"])
def test_a_wrong_entry_of_the_allow_list_is_refused(entry: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - whichever part of it is wrong
        parse_allowed(entry)


def test_a_connection_is_judged_by_its_address_and_port() -> None:
    guard = Guard(["server.home:8123", "127.0.0.1:9"], resolve)
    ports = WEB_PORTS | MAIL_PORTS
    assert guard.why_not_connect(PUBLIC, 443, ports) == ""
    assert guard.why_not_connect(PUBLIC, 587, ports) == ""
    assert guard.why_not_connect(PUBLIC, 22, ports) == "port 22, a system's own"
    assert guard.why_not_connect("192.168.7.20", 8123, ports) == ""
    assert guard.why_not_connect("192.168.7.20", 8124, ports) == "a private address"
    assert guard.why_not_connect("127.0.0.1", 9, ports) == ""


def test_the_path_is_taken_over_as_it_stands() -> None:
    target = Guard(resolve=resolve).target("https://Hook.example:443/呼叫/a%2Fb?x=1&y=%20#part")
    assert (target.host, target.port, target.authority) == ("hook.example", 443, "hook.example")
    assert target.path == "/%E5%91%BC%E5%8F%AB/a%2Fb?x=1&y=%20"
