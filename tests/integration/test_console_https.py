"""The console over HTTPS as a phone meets it, and ``anxin up --tls`` as a newcomer does."""

from __future__ import annotations

import json
import os
import re
import signal
import ssl
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from console.auth.tokens import create_login_link
from console.cli.doctor.certificate import look_at_certificate
from console.cli.doctor.finding import Verdict
from console.cli.doctor.settings import DoctorSettings
from console.cli.run_file import RunFile
from console.tls.authority import CERTIFICATE_LIFE
from console.tls.keeper import Keeper
from console.tls.names import Name, parse_name
from ingest.registry.source import write_copy
from tests import parts
from tests.certificates import LONG_AGO, Issuer
from tests.console_desk import a_registry
from tests.running_broker import RunningBroker
from tests.running_program import RunningProgram

pytestmark = pytest.mark.once

Eventually = Callable[..., None]
NAMES: list[Name] = ["localhost", parse_name("127.0.0.1")]


class SecureConsole:
    """The program ``console`` with a certificate of an authority that a phone trusts."""

    def __init__(self, broker: RunningBroker, data: Path, **settings: str) -> None:
        self.data = data
        self.port = parts.free_port()
        self.url = f"https://127.0.0.1:{self.port}"
        self.keeper = Keeper(data, (), lambda: NAMES)
        # two months ago, so that its renewal is due today
        self.keeper.look(datetime.now(UTC) - timedelta(days=61))
        write_copy(data / "console" / "registry.json", a_registry())
        self.program = RunningProgram(
            "console",
            broker,
            data,
            settings={
                "ANXIN_CONSOLE_PORT": str(self.port),
                "ANXIN_CONSOLE_TLS_CERT": str(self.keeper.certificate),
                "ANXIN_CONSOLE_TLS_KEY": str(self.keeper.key),
                "ANXIN_CONSOLE_TRUST_PORT": "9",
                **settings,
            },
        )
        self.program.start()

    def phone(self) -> httpx.Client:
        """A browser that trusts the authority."""
        context = ssl.create_default_context(cafile=str(self.keeper.authority))
        return httpx.Client(base_url=self.url, verify=context, timeout=15)

    def answers(self) -> bool:
        with suppress(httpx.HTTPError), self.phone() as phone:
            return phone.get("/healthz").status_code == 200
        return False

    def serves_until(self) -> datetime:
        """The end of the certificate that a new connection gets."""
        context = ssl.create_default_context(cafile=str(self.keeper.authority))
        with (
            httpx.Client(verify=context) as client,
            client.stream("GET", f"{self.url}/healthz") as answer,
        ):
            found = answer.extensions["network_stream"].get_extra_info("ssl_object").getpeercert()
        return datetime.fromtimestamp(ssl.cert_time_to_seconds(found["notAfter"]), UTC)


@pytest.fixture
def console(broker: RunningBroker, short_path: Path, eventually: Eventually) -> Iterator[SecureConsole]:
    running = SecureConsole(broker, short_path / "d")
    try:
        eventually(running.answers, "the console answers over HTTPS")
        yield running
    finally:
        if running.program.is_running:
            running.program.kill()
        print(running.program.log.read_text()[-2000:])


@pytest.mark.broker
def test_a_phone_that_trusts_the_authority_is_let_in_and_no_other(console: SecureConsole) -> None:
    with pytest.raises(httpx.ConnectError, match="CERTIFICATE_VERIFY_FAILED"):
        httpx.get(f"{console.url}/login")
    with pytest.raises(httpx.HTTPError):
        httpx.get(f"http://127.0.0.1:{console.port}/login")
    with console.phone() as phone:
        came = phone.get(create_login_link(console.data, "operator"))
        cookie = came.headers["Set-Cookie"]
        assert cookie.startswith("__Host-anxin=")
        assert "; Secure" in cookie
        assert phone.get("/api/v1/me").status_code == 200
        page = phone.get("/phone")
        assert page.status_code == 200
        assert 'href="http://127.0.0.1:9/"' in page.text
    with console.phone() as stranger:
        login = stranger.get("/login")
        assert 'href="http://127.0.0.1:9/"' in login.text
        # a year of it on this name would shut the page for phones, which is plain HTTP, and whatever else is there
        assert "Strict-Transport-Security" not in login.headers


@pytest.mark.broker
def test_a_renewal_leaves_the_desk_as_it_is(console: SecureConsole, eventually: Eventually) -> None:
    before = console.serves_until()
    with console.phone() as phone:
        assert phone.get(create_login_link(console.data, "operator")).status_code == 303
        with phone.stream("GET", "/api/v1/feed") as feed:
            lines = feed.iter_lines()
            assert next(line for line in lines if line == "event: snapshot")
            pid = console.program.pid
            assert console.keeper.look(datetime.now(UTC)), "it was due"
            eventually(lambda: console.serves_until() > before, "new connections get the new certificate", 60)
            assert next(line for line in lines if line == "event: beat"), "the open feed goes on"
        assert phone.get("/api/v1/me").status_code == 200
    assert (console.program.is_running, console.program.pid) == (True, pid)


@pytest.mark.broker
def test_hsts_is_for_those_who_ask_for_it(broker: RunningBroker, short_path: Path, eventually: Eventually) -> None:
    running = SecureConsole(broker, short_path / "d", ANXIN_CONSOLE_HSTS="true")
    try:
        eventually(running.answers, "the console answers")
        with running.phone() as phone:
            assert phone.get("/login").headers["Strict-Transport-Security"] == "max-age=31536000"
    finally:
        running.program.kill()


@pytest.mark.broker
def test_a_certificate_that_cannot_be_served_ends_the_console_with_words(
    broker: RunningBroker, short_path: Path, eventually: Eventually
) -> None:
    certificate, _ = Issuer().make(short_path, NAMES)
    _, other = Issuer().make(short_path, NAMES, stem="other")
    settings = {"ANXIN_CONSOLE_TLS_CERT": str(certificate), "ANXIN_CONSOLE_TLS_KEY": str(other)}
    program = RunningProgram("console", broker, short_path / "d", settings=settings)
    program.start()
    eventually(lambda: not program.is_running, "it has ended")
    said = program.log.read_text()
    assert "does not belong to the certificate" in said
    assert "Traceback" not in said


class TestDoctor:
    """What the doctor says of a certificate."""

    def findings(self, data: Path, at: datetime, phone_url: str) -> list[tuple[Verdict, str, str]]:
        facts = {"broker": "", "broker_port": 1, "console_url": "https://127.0.0.1:8080", "dsn": ""}
        keeper = Keeper(data, ())
        RunFile(data, demo=False, certificate=str(keeper.certificate), phone_url=phone_url, **facts).write([])
        return [(f.verdict, f.text, f.advice) for f in look_at_certificate(data, DoctorSettings(), at)]

    def test_of_an_authority_of_ones_own(self, tmp_path: Path) -> None:
        now = datetime.now(UTC)
        Keeper(tmp_path, (), lambda: ["care.local"]).look(now)
        url = "https://care.local:8080"
        ((verdict, text, _),) = self.findings(tmp_path, now, url)
        assert verdict is Verdict.OK
        assert "renewed by itself" in text
        assert re.search("([0-9A-F]{2}:){31}", text), "the fingerprint, to compare"
        ((verdict, text, advice),) = self.findings(tmp_path, now + CERTIFICATE_LIFE - timedelta(days=5), url)
        assert (verdict, "why it did not" in advice) == (Verdict.SLOW, True)
        ((verdict, text, _),) = self.findings(tmp_path, now + CERTIFICATE_LIFE, url)
        assert (verdict, "ended on" in text) == (Verdict.BAD, True)
        ((verdict, text, advice),) = self.findings(tmp_path, now, "https://other.local:8080")
        assert (verdict, advice) == (Verdict.BAD, "start with it: anxin up --tls --tls-name other.local")
        *_, (verdict, text, _) = self.findings(tmp_path, now + timedelta(days=3400), url)
        assert (verdict, "authority that phones trust ends on" in text) == (Verdict.SLOW, True)

    def test_of_an_address_that_is_this_machines_no_more(self, tmp_path: Path) -> None:
        Keeper(tmp_path, (), lambda: [parse_name("192.168.250.250")]).look(datetime.now(UTC))
        ((verdict, text, _),) = self.findings(tmp_path, datetime.now(UTC), "https://192.168.250.250:8080")
        assert (verdict, "no more" in text) == (Verdict.SLOW, True)

    def test_of_a_certificate_from_elsewhere(self, tmp_path: Path) -> None:
        now = datetime.now(UTC)
        path, _ = Issuer("care.example.org", at=LONG_AGO).make(tmp_path, ["care.example.org"], at=now)
        settings = DoctorSettings(console_certificate=path)
        (fine,) = look_at_certificate(tmp_path, settings, now)
        assert (fine.verdict, fine.facts["names"]) == (Verdict.OK, ["care.example.org"])
        (soon,) = look_at_certificate(tmp_path, settings, now + CERTIFICATE_LIFE - timedelta(days=5))
        assert (soon.verdict, "renew it where it came from" in soon.advice) == (Verdict.SLOW, True)
        path.unlink()
        (gone,) = look_at_certificate(tmp_path, settings, now)
        assert gone.verdict is Verdict.BAD

    def test_of_plain_http(self, tmp_path: Path) -> None:
        assert list(look_at_certificate(tmp_path, DoctorSettings(), datetime.now(UTC))) == []


@pytest.mark.broker
@pytest.mark.database
@pytest.mark.timeout(240)
def test_a_newcomer_starts_with_tls_and_a_phone_comes_to_trust_it(short_path: Path, eventually: Eventually) -> None:
    data, port, trust_port = short_path / "data", parts.free_port(), parts.free_port()
    said, env = short_path / "said.txt", os.environ | {"ANXIN_BROKER": parts.broker_kind() or "auto", "COLUMNS": "200"}
    anxin = [sys.executable, "-m", "console.cli.main"]
    words = ["up", "--tls", "--tls-name", "care.lan", "--data", str(data), "--port", str(port)]
    words += ["--trust-port", str(trust_port), "--broker-port", str(parts.free_port())]
    with said.open("wb") as log:
        process = subprocess.Popen([*anxin, *words], env=env, stdout=log, stderr=subprocess.STDOUT)
    try:
        eventually(lambda: "Ctrl-C" in said.read_text(), "the guide is told", within_s=90)
        text = said.read_text()
        assert f"https://care.lan:{port}" in text
        assert f"http://care.lan:{trust_port}" in text

        # the phone finds the page, its fingerprint is the one at the machine, and it takes the certificate
        trust = f"http://127.0.0.1:{trust_port}"
        eventually(lambda: _status(f"{trust}/") == 200, "the page for phones is there")
        fingerprint = re.search(r"fingerprint\s+((?:[0-9A-F]{2}:){31}[0-9A-F]{2})", text)
        assert fingerprint is not None
        assert fingerprint[1] in httpx.get(f"{trust}/").text
        assert _status(f"{trust}/login") == 404
        (short_path / "anxin.crt").write_bytes(httpx.get(f"{trust}/anxin.crt").content)
        context = ssl.create_default_context(cafile=str(short_path / "anxin.crt"))
        assert httpx.get(f"https://127.0.0.1:{port}/healthz", verify=context).status_code == 200
        with pytest.raises(httpx.ConnectError):
            httpx.get(f"https://127.0.0.1:{port}/healthz")

        # those inside go on over HTTPS: the watcher hears the feed, the doctor asks the page
        health = data / "watch" / "health.json"
        eventually(lambda: health.exists() and json.loads(health.read_text())["feed"], "the watcher hears the feed", 60)
        asked = subprocess.run(
            [*anxin, "doctor", "--json", "--data", str(data)], env=env, capture_output=True, text=True, check=False
        )
        rows = {row["check"]: row for row in json.loads(asked.stdout.splitlines()[-1])["results"]}
        assert rows["https"]["verdict"] == "ok", rows["https"]
        assert "CERTIFICATE" not in rows["page"]["text"]
        assert f"https://care.lan:{port}" in rows["links"]["text"]
    finally:
        process.send_signal(signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            process.wait(20)
        process.kill()
        process.wait()
        print(said.read_text()[-3000:])


def _status(url: str) -> int:
    with suppress(httpx.HTTPError):
        return httpx.get(url, timeout=2).status_code
    return 0
