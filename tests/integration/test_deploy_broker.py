"""The production broker's configuration, run by a real Mosquitto with the accounts that its first step writes."""

from __future__ import annotations

import os
import socket
import ssl
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from console.cli.embedded import mosquitto
from console.cli.embedded.accounts import SERVICE_ROLES
from console.cli.ports import answers
from ingest.account import Account
from ingest.mqtt import Connected, Session
from tests import parts
from tests.children import ended

ROOT = Path(__file__).parents[2]
Eventually = Callable[..., None]

pytestmark = [pytest.mark.broker, pytest.mark.once]


@dataclass
class ProductionBroker:
    port: int
    tls_port: int
    secrets: Path

    def account(self, name: str, *, tls: bool = False) -> Account:
        password = (self.secrets / f"broker_{name}").read_text()
        return Account(
            host="localhost" if tls else "127.0.0.1",
            port=self.tls_port if tls else self.port,
            username=name,
            password=password,
            ca=self.secrets / "authority.crt" if tls else None,
        )


@pytest.fixture
def production(short_path: Path, eventually: Eventually) -> Iterator[ProductionBroker]:
    program = mosquitto.find_mosquitto()
    plugin = mosquitto.find_plugin(program) if program else None
    if program is None or plugin is None:
        parts.missing("Mosquitto with its dynamic-security plugin (Debian: apt-get install mosquitto)")
    script = short_path / "make-secrets"
    script.write_bytes((ROOT / "deploy" / "make-secrets").read_bytes())
    subprocess.run(["sh", script, "anxin.example.org"], check=True, capture_output=True)
    secrets, state = short_path / "secrets", short_path / "broker" / "dynamic-security.json"
    state.parent.mkdir()
    files = {f"ANXIN_{name.upper()}_PASSWORD_FILE": str(secrets / f"broker_{name}") for name in SERVICE_ROLES}
    subprocess.run(
        [sys.executable, "-m", "console.cli.broker_accounts", str(state), str(os.getuid())],
        env=os.environ | files,
        check=True,
    )
    broker = ProductionBroker(parts.free_port(), parts.free_port(), secrets)
    text = (ROOT / "deploy" / "mosquitto" / "mosquitto.conf").read_text()
    for there, here in {
        "listener 1883": f"listener {broker.port} 127.0.0.1",
        "listener 8883": f"listener {broker.tls_port} 127.0.0.1",
        "/run/secrets/broker_certificate": str(secrets / "broker.crt"),
        "/run/secrets/broker_key": str(secrets / "broker.key"),
        "/usr/lib/mosquitto_dynamic_security.so": str(plugin),
        "/mosquitto/data/": f"{state.parent}/",
    }.items():
        assert there in text
        text = text.replace(there, here)
    config = short_path / "mosquitto.conf"
    config.write_text(text + ("user root\n" if os.geteuid() == 0 else ""))
    process = subprocess.Popen([program, "-c", config], stderr=subprocess.DEVNULL)
    try:
        eventually(lambda: answers("127.0.0.1", broker.tls_port), "the broker answers")
        yield broker
    finally:
        process.terminate()
        ended(process)


def lets_in(account: Account) -> bool:
    session = Session(account, "test-production", clean=True)
    session.start()
    try:
        return any(isinstance(item, Connected) for item in session.take(1, 3.0))
    finally:
        session.stop()


def test_every_program_gets_in_with_its_secret(production: ProductionBroker) -> None:
    for name in SERVICE_ROLES:
        assert lets_in(production.account(name)), name


def test_gateways_reach_it_by_tls_with_the_authority_that_make_secrets_made(production: ProductionBroker) -> None:
    assert lets_in(production.account("ingest", tls=True))


def test_a_wrong_password_stays_out(production: ProductionBroker) -> None:
    good = production.account("alarms")
    assert not lets_in(Account(host=good.host, port=good.port, username="alarms", password="wrong"))


def test_it_speaks_no_old_tls(production: ProductionBroker) -> None:
    context = ssl.create_default_context(cafile=str(production.secrets / "authority.crt"))
    assert context.minimum_version >= ssl.TLSVersion.TLSv1_2
    with (
        socket.create_connection(("127.0.0.1", production.tls_port)) as plain,
        context.wrap_socket(plain, server_hostname="anxin.example.org") as wire,
    ):
        assert wire.version() in {"TLSv1.2", "TLSv1.3"}
