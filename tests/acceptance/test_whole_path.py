"""The whole product on a demo home: a native press on the page, its lamp, real recordings through the whole path."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from subprocess import run
from sys import executable

import pytest
from playwright.sync_api import Browser, expect

from console.auth.tokens import create_login_link
from tests import parts
from tests.mqtt_person import Person
from tests.running_system import RunningSystem

pytestmark = [pytest.mark.broker, pytest.mark.database, pytest.mark.timeout(300)]
Eventually = Callable[..., None]

GATEWAY, SITE = "demo-huaiyin-gw", "demo-huaiyin"
# as a Tuya TS0215A_sos sends it through Zigbee2MQTT: the press, then the empty action of legacy mode
PRESS = b'{"action":"emergency","battery":null,"linkquality":90}'
AFTER = b'{"action":"","battery":null,"linkquality":90}'


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSystem]:
    kind = parts.broker_kind()
    if kind is None or parts.database_kind() is None:
        parts.missing("broker and PostgreSQL for the whole path")
    from tests.conftest import _short_directory

    with _short_directory() as folder:
        running = RunningSystem(folder / "d", broker=kind, demo=True)
        running.start()
        try:
            end = time.monotonic() + 120
            while not running.is_ready(("broker", "alarms", "detect", "console", "ingest", "gateway", "sim")):
                assert time.monotonic() < end, (running.data / "up.log").read_text()[-3000:]
                time.sleep(0.1)
            yield running
        finally:
            running.stop()


@pytest.fixture
def bedside(system: RunningSystem, eventually: Eventually) -> Iterator[Person]:
    """A native device at the gateway's own account, as ``anxin gateway add --native`` gives it."""
    given = system.anxin("gateway", "add", GATEWAY, "--site", SITE, "--native", "--json")
    assert given.returncode == 0, given.stderr
    account = json.loads(given.stdout.splitlines()[-1])
    eventually(lambda: f"native.listening gateway_id={GATEWAY}" in system.log, "the gateway listens", 30)
    with Person(system.broker_port, account["username"], account["password"]) as device:
        yield device


def test_a_captured_sos_press_is_on_the_page_with_room_and_resident_and_the_lamp_answers(
    system: RunningSystem, browser: Browser, bedside: Person, eventually: Eventually
) -> None:
    lamp = f"native/{GATEWAY}/zigbee2mqtt/SOS room 101/set"
    assert bedside.may_subscribe(lamp)
    page = browser.new_page(locale="zh-CN", viewport={"width": 1440, "height": 900})
    page.goto(f"http://127.0.0.1:{system.console_port}{create_login_link(system.data, 'demo-supervisor')}")
    expect(page.locator("#strip")).to_have_attribute("data-state", "live")

    pressed = time.monotonic()
    topic = f"native/{GATEWAY}/zigbee2mqtt/SOS room 101"
    bedside.say(topic, PRESS)
    bedside.say(topic, AFTER)
    row = page.locator("[id^=row-]", has_text="101").filter(has_text="呼叫求助")
    expect(row).to_contain_text("王桂兰", timeout=10_000)
    print(f"press to page: {time.monotonic() - pressed:.3f} s")
    expect(row).to_have_count(1)
    eventually(lambda: (lamp, b'{"lamp":"received"}', False) in bedside.heard, "the lamp says received")

    row.get_by_role("button").first.click()
    eventually(lambda: (lamp, b'{"lamp":"help_coming"}', False) in bedside.heard, "the lamp says help is coming")
    page.close()


@pytest.mark.long
@pytest.mark.recordings
@pytest.mark.parametrize("dataset", ["sisfall", "nist_smoke"])
def test_a_real_recording_raises_the_alarms_it_should(system: RunningSystem, recordings: Path, dataset: str) -> None:
    done = system.anxin("sim", "replay", dataset, "--recordings", str(recordings), timeout_s=280)
    print(done.stdout)
    assert done.returncode == 0, done.stdout + done.stderr


def test_decode_shows_what_an_adapter_makes_of_a_message(system: RunningSystem, tmp_path: Path) -> None:
    message = tmp_path / "message.json"
    message.write_bytes(PRESS)
    words = ["decode", "--topic", "zigbee2mqtt/SOS room 101", str(message)]
    done = run([executable, "-m", "console.cli.main", *words], capture_output=True, text=True, check=True)
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert {"help_call", "link_quality"} == {line["signal"] for line in lines}
    assert all(line["adapter"] == "zigbee2mqtt" and line["device"] == "SOS room 101" for line in lines)
