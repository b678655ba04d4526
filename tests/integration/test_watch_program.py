"""``watch`` as a process beside the real ``alarms``, the real console and a real broker."""

from __future__ import annotations

import json
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from alarms.journal.journal import Journal
from alarms.lifecycle.alarm import Alarm
from console.auth.tokens import create_login_link
from console.cli.doctor import programs as doctor
from console.cli.doctor.finding import Verdict
from console.watch.route import PATH
from ingest.health import FILE, read_health
from ingest.registry.source import write_copy
from ingest.wire.topics import CANARY
from tests import parts
from tests.console_desk import FeedReader, a_registry, running_desk
from tests.console_history import NOWHERE
from tests.running_broker import RunningBroker
from tests.running_program import RunningProgram
from tests.running_system import wait_for
from tests.stub_provider import StubProvider

pytestmark = [pytest.mark.broker, pytest.mark.once]
Eventually = Callable[..., None]
EVERY_S, LIMIT_S = 2.0, 1.5


class OutsideWatcher:
    """Counts pings; ``answers`` are the status codes to give first, then 200."""

    def __init__(self) -> None:
        self.pings: list[datetime] = []
        self.methods: Counter[str] = Counter()
        self.answers: list[int] = []
        outside = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                outside.pings.append(datetime.now(UTC))
                outside.methods[self.command] += 1
                self.send_response(outside.answers.pop(0) if outside.answers else 200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def do_POST(self) -> None:
                self.do_GET()

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
                del format, args

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/ping/secret-of-ours"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class Place:
    """A small installation; its programs start and end one by one."""

    def __init__(self, broker: RunningBroker, data: Path, provider: StubProvider) -> None:
        self.broker = broker
        self.data = data
        self.outside = OutsideWatcher()
        self.port, self.metrics_port = parts.free_port(), parts.free_port()
        for name in ("alarms", "console"):
            (data / name).mkdir(parents=True, exist_ok=True)
            write_copy(data / name / "registry.json", a_registry())
        self.alarms = RunningProgram(
            "alarms", broker, data, settings={"ANXIN_ALARMS_DUTY_WEBHOOKS": json.dumps([provider.url])}
        )
        self._console_settings = {"ANXIN_CONSOLE_PORT": str(self.port)}
        self.console = RunningProgram("console", broker, data, settings=self._console_settings)
        self.watch = self._watch({})

    def over_https(self) -> None:
        """The console speaks HTTPS with a certificate of its own for another name."""
        self.certificate = make_certificate(self.data)
        self._console_settings |= {
            "ANXIN_CONSOLE_TLS_CERT": str(self.certificate),
            "ANXIN_CONSOLE_TLS_KEY": str(self.certificate.with_suffix(".key")),
        }
        self.console = RunningProgram("console", self.broker, self.data, settings=self._console_settings)

    def watch_with(self, **settings: str) -> None:
        self.watch = self._watch(settings)

    def _watch(self, more: dict[str, str]) -> RunningProgram:
        settings = {
            "ANXIN_WATCH_PASSWORD": self.broker.passwords[CANARY],
            "ANXIN_WATCH_EVERY_S": str(EVERY_S),
            "ANXIN_WATCH_LIMIT_S": str(LIMIT_S),
            "ANXIN_WATCH_DEAD_MAN_URL": self.outside.url,
            "ANXIN_WATCH_DEAD_MAN_EVERY_S": "1",
            "ANXIN_WATCH_METRICS_PORT": str(self.metrics_port),
            **self._console_settings,
            **more,
        }
        return RunningProgram("watch", self.broker, self.data, settings=settings)

    def start(self) -> None:
        self.alarms.start()
        self.console.start()
        assert wait_for(self._is_ready, 40), "the console is not ready"
        self.watch.start()

    def stop(self) -> None:
        for program in (self.watch, self.console, self.alarms):
            if program.is_running:
                program.kill()
            if program.log.exists():
                print(f"--- {program.name}", program.log.read_text()[-2000:], sep="\n")
        self.outside.stop()

    def _is_ready(self) -> bool:
        scheme = "https" if "ANXIN_CONSOLE_TLS_CERT" in self._console_settings else "http"
        with suppress(httpx.HTTPError):
            ready = httpx.get(f"{scheme}://127.0.0.1:{self.port}/readyz", verify=False, timeout=2).json()
            return bool(ready["ready"] and ready["engine"])
        return False

    @property
    def facts(self) -> dict[str, Any]:
        return read_health(self.data / "watch" / FILE) or {}

    def sample(self, name: str) -> float:
        """One line of the Prometheus text; 0 while nothing answers."""
        with suppress(httpx.HTTPError):
            text = httpx.get(f"http://127.0.0.1:{self.metrics_port}/metrics", timeout=2).text
            for line in text.splitlines():
                if line.startswith(f"{name} "):
                    return float(line.rpartition(" ")[2])
        return 0.0

    def passed(self) -> float:
        return self.sample("anxin_watch_passed_total")

    def journaled(self) -> list[Alarm]:
        """Every alarm of the log as it last was."""
        journal = Journal(self.data / "alarms" / "journal.sqlite")
        try:
            return list({e.alarm_id: e.state for e in journal.entries(0, 100_000) if e.state is not None}.values())
        finally:
            journal.close()

    def faults(self) -> list[Alarm]:
        return [alarm for alarm in self.journaled() if alarm.rule == "canary_missed"]

    @contextmanager
    def person(self) -> Iterator[httpx.Client]:
        """A supervisor, logged in."""
        with httpx.Client(base_url=f"http://127.0.0.1:{self.port}", timeout=10) as client:
            assert client.get(create_login_link(self.data, "supervisor")).status_code == 303
            yield client


@pytest.fixture
def provider() -> Iterator[StubProvider]:
    with StubProvider() as stub:
        yield stub


@pytest.fixture
def place(broker: RunningBroker, short_path: Path, provider: StubProvider) -> Iterator[Place]:
    made = Place(broker, short_path / "d", provider)
    yield made
    made.stop()


def make_certificate(folder: Path) -> Path:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "anxin.example.org")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(subject_name=name, issuer_name=name, public_key=key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = folder / "console.crt"
    path.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    path.with_suffix(".key").write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return path


def test_a_canary_goes_through_is_measured_and_no_person_ever_meets_it(
    place: Place, provider: StubProvider, eventually: Eventually
) -> None:
    place.alarms.start()
    place.console.start()
    eventually(lambda: _answers(place), "the console answers", within_s=30)
    with place.person() as person:
        feed = FeedReader(person)
        eventually(lambda: feed.of("snapshot"), "the person's feed stands")
        place.watch.start()
        eventually(lambda: place.passed() >= 4, "four canaries came through", within_s=40)
        for leg in ("broker", "alarms", "feed"):
            assert place.sample(f'anxin_watch_seconds_count{{leg="{leg}"}}') >= 4
        print({key: value for key, value in place.facts.items() if key.endswith("_ms")})
        eventually(lambda: place.facts.get("p99_ms", 0) > 0, "the latency is in the facts")
        assert place.facts["p99_ms"] < 1000 * LIMIT_S
        eventually(lambda: len(place.outside.pings) >= 3, "the outside watcher is pinged")

        assert feed.of("alarm") == []
        assert feed.of("closed") == []
        assert person.get("/api/v1/alarms").json()["alarms"] == []
        feed.stop()
    (finding,) = [f for f in doctor.look(place.data, datetime.now(UTC).timestamp()) if f.check == "watch"]
    assert finding.verdict is Verdict.OK
    assert "p50_ms" in finding.text
    assert place.watch.stop() == 0
    assert provider.received == []
    assert place.journaled() == [], "no canary is history"
    assert place.outside.url not in place.watch.log.read_text()


def test_dead_alarms_are_two_misses_the_pings_stop_and_the_fault_is_raised_when_they_return(
    place: Place, provider: StubProvider, eventually: Eventually
) -> None:
    place.start()
    eventually(lambda: place.passed() >= 2, "canaries come through", within_s=40)
    eventually(lambda: place.outside.pings, "the outside watcher is pinged")
    place.alarms.kill()
    eventually(lambda: place.facts.get("misses", 0) >= 2, "two misses", within_s=20)
    assert place.facts["failed"] == "alarms"
    pings = len(place.outside.pings)
    place.watch.kill()  # a restart in the middle of it forgets nothing
    place.watch.start()
    misses = place.facts["misses"]
    eventually(lambda: place.facts.get("misses", 0) > misses, "the misses count on", within_s=20)
    assert len(place.outside.pings) == pings
    (finding,) = [f for f in doctor.look(place.data, datetime.now(UTC).timestamp()) if f.check == "watch"]
    assert finding.verdict is Verdict.BAD

    place.alarms.start()
    eventually(place.faults, "the fault is raised", within_s=20)
    (fault,) = place.faults()
    assert fault.identity.site_id == "platform"
    assert "报警引擎" in fault.evidence["text_zh"]
    eventually(lambda: len(place.outside.pings) > pings, "the pings are back", within_s=20)
    eventually(lambda: all(not one.is_open for one in place.faults()), "the fault is over", within_s=20)


def test_a_dead_console_is_told_to_people_by_another_way(
    place: Place, provider: StubProvider, eventually: Eventually
) -> None:
    place.start()
    eventually(lambda: place.passed() >= 1, "canaries come through", within_s=40)
    place.console.kill()
    eventually(lambda: any(fault.is_open for fault in place.faults()), "the fault is raised", within_s=40)
    (fault,) = [fault for fault in place.faults() if fault.is_open]
    told = lambda: any(body["alarm_id"] == fault.alarm_id for body in provider.received)  # noqa: E731
    eventually(told, "the people on duty are told", within_s=20)
    assert "实时推送" in fault.evidence["text_zh"]
    place.console.start()
    eventually(lambda: not any(fault.is_open for fault in place.faults()), "the fault is over", within_s=40)


@pytest.mark.long
def test_a_ping_that_fails_is_counted_and_told_once(place: Place, eventually: Eventually) -> None:
    place.outside.answers = [500, 404, 503]
    place.watch_with(ANXIN_WATCH_DEAD_MAN_METHOD="POST")
    place.start()
    eventually(lambda: place.sample('anxin_watch_pings_total{outcome="failed"}') == 3, "three fail", within_s=40)
    eventually(lambda: place.sample('anxin_watch_pings_total{outcome="sent"}') >= 1, "then they are sent")
    assert set(place.outside.methods) == {"POST"}
    log = place.watch.log.read_text()
    assert log.count("ping.failed") == 1
    assert "secret-of-ours" not in log


@pytest.mark.long
def test_over_https_exactly_the_consoles_own_certificate_is_believed(place: Place, eventually: Eventually) -> None:
    place.over_https()
    other = place.data / "other"
    other.mkdir()
    place.watch_with(ANXIN_WATCH_CONSOLE_CERTIFICATE=str(make_certificate(other)))
    place.start()
    eventually(lambda: place.facts.get("failed") == "feed", "a stranger's certificate is refused", within_s=40)
    eventually(lambda: "CERTIFICATE_VERIFY_FAILED" in place.watch.log.read_text(), "the log says why", within_s=20)
    place.watch.kill()
    # what stands beside it in the settings: the console's own
    place.watch_with()
    place.watch.start()
    eventually(lambda: place.passed() >= 1, "its own is believed, whatever its name", within_s=20)


def test_the_watchers_feed_is_for_this_machine_or_the_token_and_shows_no_person(tmp_path: Path) -> None:
    with (
        running_desk(tmp_path, NOWHERE, metrics_token="a token") as desk,
        httpx.Client(base_url=desk.url, timeout=5, headers={"X-Forwarded-For": "10.0.0.7"}) as elsewhere,
    ):
        assert elsewhere.get(PATH).status_code == 403
        assert elsewhere.get(PATH, headers={"Authorization": "Bearer wrong"}).status_code == 403
        with elsewhere.stream("GET", PATH, headers={"Authorization": "Bearer a token"}) as answer:
            assert answer.status_code == 200
            lines = answer.iter_lines()
            data = next(line for line in lines if line.startswith("data: "))
        assert json.loads(data.removeprefix("data: "))["alarms"] == []


def _answers(place: Place) -> bool:
    with suppress(httpx.HTTPError):
        return httpx.get(f"http://127.0.0.1:{place.port}/readyz", timeout=2).status_code == 200
    return False
