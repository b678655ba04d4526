"""``anxin up --tls`` and ``--tls-cert``: what they come to, and what is refused in clear words."""

from __future__ import annotations

import json
import socket
from dataclasses import replace
from ipaddress import IPv4Address
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner, Result

from console.cli.demo import guide
from console.cli.exit_codes import CommandError
from console.cli.https import ANYWHERE, Asked, Https, choose_https
from console.cli.main import anxin
from console.cli.plan import Machine, programs
from console.settings import ConsoleSettings
from console.tls import machine as this_machine
from console.tls.settings import TlsSettings
from tests import parts
from tests.certificates import LONG_AGO, NOW, Issuer

NOTHING = Asked(own=False, names=(), trust_port=None, certificate=None, key=None)


def chosen(data: Path, asked: Asked, tls: dict[str, Any] | None = None, **console: Any) -> Https | None:
    return choose_https(asked, ConsoleSettings.load(**console), TlsSettings.load(**(tls or {})), data, 8080)


def up(data: Path, *words: str, **env: str) -> Result:
    ports = ["--port", str(parts.free_port()), "--broker-port", str(parts.free_port())]
    return CliRunner().invoke(anxin, ["up", "--data", str(data), *ports, *words], env=env)


def test_without_the_option_it_is_plain_http_as_ever(tmp_path: Path) -> None:
    assert chosen(tmp_path, NOTHING) is None


def test_with_it_there_is_an_authority_and_a_page_for_phones(tmp_path: Path) -> None:
    https = chosen(tmp_path, replace(NOTHING, own=True, names=("care.lan", "10.0.0.9")), {"names": ["care.local"]})
    assert https is not None
    assert https.prepare(NOW) == []
    assert https.names == ("care.lan", IPv4Address("10.0.0.9"), "care.local")
    assert https.trust_port == 8081
    assert https.certificate == tmp_path / "tls" / "console.crt"
    assert len(https.fingerprint.split(":")) == 32
    assert https.phone_host(ANYWHERE) == "care.lan"


def test_the_settings_may_say_it_too(tmp_path: Path) -> None:
    https = chosen(tmp_path, NOTHING, {"own": True, "trust_port": 9090})
    assert https is not None
    assert https.trust_port == 9090


def test_phones_are_sent_where_the_console_listens(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    https = chosen(tmp_path, replace(NOTHING, own=True))
    assert https is not None
    monkeypatch.setattr(this_machine, "addresses", lambda: [IPv4Address("192.168.1.20"), IPv4Address("10.0.0.3")])
    assert https.phone_host(ANYWHERE) == "192.168.1.20"
    assert https.phone_host("10.0.0.3") == "10.0.0.3"
    assert https.phone_host("fd00::1") == "[fd00::1]"
    assert https.phone_host("127.0.0.1") == ""
    monkeypatch.setattr(this_machine, "addresses", list)
    assert https.phone_host(ANYWHERE).endswith(".local")


def test_a_certificate_of_ones_own_names_where_phones_go(tmp_path: Path) -> None:
    pair = Issuer("care.example.org").make(tmp_path, ["localhost", "care.example.org"])
    https = chosen(tmp_path, replace(NOTHING, certificate=pair[0], key=pair[1]))
    assert https is not None
    assert https.prepare(NOW) == []
    assert https.phone_host(ANYWHERE) == "care.example.org"
    assert (https.keeper, https.trust_port, https.fingerprint) == (None, None, "")


def test_one_that_has_ended_is_served_with_a_warning(tmp_path: Path) -> None:
    """After a power cut nobody is there to bring a new one, and the alarms must come."""
    pair = Issuer(at=LONG_AGO).make(tmp_path, ["care.local"], at=LONG_AGO)
    https = chosen(tmp_path, replace(NOTHING, certificate=pair[0], key=pair[1]))
    assert https is not None
    (warning,) = https.prepare(NOW)
    assert "ended on" in warning


def test_an_authority_that_cannot_renew_stops_nobody(tmp_path: Path) -> None:
    asked = replace(NOTHING, own=True)
    first = chosen(tmp_path, asked)
    assert first is not None
    first.prepare(NOW)
    (tmp_path / "tls" / "authority.key").unlink()
    again = chosen(tmp_path, replace(asked, names=("new.local",)))
    assert again is not None
    (warning,) = again.prepare(NOW)
    assert "authority.key" in warning
    (tmp_path / "tls" / "console.crt").unlink()
    with pytest.raises(CommandError, match=r"authority\.key"):
        again.prepare(NOW)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--tls", "--tls-cert", "a", "--tls-key", "b"), "take one of them"),
        (("--tls-cert", "a"), "--tls-key belong together"),
        (("--tls-key", "a"), "--tls-key belong together"),
        (("--tls-name", "care.local"), "belong to --tls"),
        (("--trust-port", "9000"), "belong to --tls"),
        (("--tls", "--tls-name", "https://care.local"), "without https://"),
        (("--tls", "--tls-name", "care"), "care.local"),
        (("--tls", "--trust-port", "70000"), "--trust-port"),
    ],
)
def test_what_contradicts_itself_is_refused_before_anything_is_made(
    tmp_path: Path, words: tuple[str, ...], said: str
) -> None:
    result = up(tmp_path / "data", *words)
    assert result.exit_code == 2
    assert said in result.output
    assert not (tmp_path / "data").exists()


def test_settings_that_contradict_the_option_are_named(tmp_path: Path) -> None:
    files = {"tls_cert": tmp_path / "a.crt", "tls_key": tmp_path / "a.key"}
    with pytest.raises(click.UsageError, match=r"console\.tls_cert brings one"):
        chosen(tmp_path, replace(NOTHING, own=True), **files)
    with pytest.raises(click.UsageError, match=r"tls\.own and console\.tls_cert"):
        chosen(tmp_path, NOTHING, {"own": True}, **files)
    with pytest.raises(click.UsageError, match=r"console\.hsts would shut the page"):
        chosen(tmp_path, replace(NOTHING, own=True), hsts=True)


def test_a_wrong_name_in_the_settings_is_refused_with_its_place(tmp_path: Path) -> None:
    result = up(tmp_path, "--tls", ANXIN_TLS_NAMES=json.dumps(["care"]))
    assert "tls.names" in str(result.exception)
    assert "care.local" in str(result.exception)


def test_files_that_cannot_be_served_are_refused_at_the_start(tmp_path: Path) -> None:
    certificate, key = Issuer().make(tmp_path, ["care.local"])
    other = Issuer().make(tmp_path, ["care.local"], stem="other")[1]
    gone = up(tmp_path / "data", "--tls-cert", str(tmp_path / "none.crt"), "--tls-key", str(key))
    assert (gone.exit_code, "none.crt cannot be read: No such file" in gone.output) == (1, True)
    strange = up(tmp_path / "data", "--tls-cert", str(certificate), "--tls-key", str(other))
    assert (strange.exit_code, "does not belong" in strange.output) == (1, True)


def test_a_taken_port_of_the_page_is_named_with_what_to_do(tmp_path: Path) -> None:
    with socket.socket() as other:
        port = parts.free_port()
        other.bind(("127.0.0.1", port))
        other.listen()
        result = up(tmp_path, "--tls", "--trust-port", str(port))
    assert result.exit_code == 1
    assert f"--trust-port {port + 1}" in result.output
    port = parts.free_port()
    same = CliRunner().invoke(
        anxin, ["up", "--data", str(tmp_path), "--port", str(port), "--tls", "--trust-port", str(port)]
    )
    assert "the console's or the broker's" in same.output


def a_machine(data: Path, **more: Any) -> Machine:
    return Machine(
        data=data, broker_listen="127.0.0.1", broker_port=1883, console_host=ANYWHERE, console_port=8080, **more
    )


def test_every_program_knows_that_the_console_speaks_https(tmp_path: Path) -> None:
    https = chosen(tmp_path, replace(NOTHING, own=True, names=("care.lan",)))
    machine = a_machine(tmp_path, https=https, phone_host="care.lan")
    env = machine.environment()
    assert (machine.console_url, machine.phone_url) == ("https://127.0.0.1:8080", "https://care.lan:8080")
    assert machine.trust_url == "http://care.lan:8081"
    assert env["ANXIN_NOTIFY_PUBLIC_URL"] == "https://care.lan:8080"
    assert env["ANXIN_CONSOLE_TLS_CERT"] == str(tmp_path / "tls" / "console.crt")
    assert json.loads(env["ANXIN_TLS_NAMES"]) == ["care.lan"]
    planned = {p.name for p in programs(machine, lambda _: True, lambda _: True, lambda _: None)}
    assert "certificate" in planned
    own = a_machine(tmp_path, https=Https(certificate=tmp_path / "a.crt", key=tmp_path / "a.key"))
    assert "certificate" not in {p.name for p in programs(own, lambda _: True, lambda _: True, lambda _: None)}
    assert "ANXIN_CONSOLE_TRUST_PORT" not in own.environment()
    plain = a_machine(tmp_path)
    assert not [name for name in plain.environment() if "TLS" in name or "PUBLIC_URL" in name]


def test_the_person_is_told_both_addresses_and_what_to_compare() -> None:
    said = guide.text(
        console_url="https://127.0.0.1:8080",
        broker="127.0.0.1:1883",
        database="PostgreSQL",
        data=Path("/srv/anxin"),
        command="anxin",
        seed=None,
        phones=guide.Phones(
            console_url="https://192.168.1.20:8080",
            trust_url="http://192.168.1.20:8081",
            fingerprint="AB:CD",
            warnings=["the certificate ended on 2026-01-01"],
        ),
    )
    for word in ("https://192.168.1.20:8080", "http://192.168.1.20:8081", "AB:CD", "WARNING     the certificate ended"):
        assert word in said
