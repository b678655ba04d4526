"""``alarms`` as a process between a real broker and a provider: nothing is lost, nothing is told twice without need."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from alarms.journal.journal import Journal
from ingest.mqtt import Message, Session
from ingest.registry.source import write_copy
from ingest.wire import pack, topics
from ingest.wire.senml import Record
from tests.alarm_stories import REGISTRY
from tests.running_broker import RunningBroker
from tests.running_program import RunningProgram
from tests.stub_provider import StubProvider

pytestmark = pytest.mark.broker
Eventually = Callable[..., None]


@pytest.fixture
def provider() -> Iterator[StubProvider]:
    with StubProvider() as stub:
        yield stub


@pytest.fixture
def alarms(broker: RunningBroker, short_path: Path, provider: StubProvider) -> Iterator[RunningProgram]:
    data = short_path / "d"
    (data / "alarms").mkdir(parents=True)
    write_copy(data / "alarms" / "registry.json", REGISTRY)
    settings = {"ANXIN_ALARMS_DUTY_WEBHOOKS": json.dumps([provider.url])}
    program = RunningProgram("alarms", broker, data, settings=settings)
    program.start()
    yield program
    if program.is_running:
        program.kill()


class Desk:
    """Speaks as a gateway does (resending until it is acknowledged) and hears the alarm topics as a console does."""

    def __init__(self, broker: RunningBroker) -> None:
        acks = topics.ack(0, "detect", "alarms")
        self.detect = Session(broker.account("detect"), "test-detect", subscriptions=[acks], clean=True)
        self.console = Session(
            broker.account("console"),
            "test-console",
            subscriptions=[topics.EVERY_ALARM, "anxin/v1/console/#"],
            clean=True,
        )
        self.states: dict[str, dict[str, Any]] = {}
        self.replies: list[dict[str, Any]] = []
        self.spool: dict[int, bytes] = {}
        self.acknowledged = -1
        self._resend_at = 0.0
        for session in (self.detect, self.console):
            session.start()

    def press(self, device: str = "sos-201") -> None:
        seq = len(self.spool)
        record = Record(bn=f"{device}/", n="help_call", vb=True, t=time.time())
        self.spool[seq] = pack.encode(pack.Pack(boot="b1", seq=seq, records=[record]))
        self._send(self.spool[seq])

    def is_journaled(self) -> bool:
        """True when every press is acknowledged; until then, the rest is sent again twice a second."""
        self.listen()
        if self.acknowledged < len(self.spool) - 1 and time.monotonic() >= self._resend_at:
            self._resend_at = time.monotonic() + 0.5
            for seq in range(self.acknowledged + 1, len(self.spool)):
                self._send(self.spool[seq])
        return self.acknowledged == len(self.spool) - 1

    def listen(self) -> None:
        for item in self.detect.take(1000, 0.01):
            if isinstance(item, Message):
                self.detect.acknowledge([item])
                self.acknowledged = max(self.acknowledged, msgspec.json.decode(item.payload)["alarm"])
        for item in self.console.take(1000, 0.01):
            if isinstance(item, Message):
                self.console.acknowledge([item])
                self._hear(item)

    def _hear(self, message: Message) -> None:
        alarm = topics.parse_alarm(message.topic)
        if alarm is None:
            self.replies.append(msgspec.json.decode(message.payload))
        elif not message.payload:
            self.states.pop(alarm.alarm_id, None)
        else:
            self.states[alarm.alarm_id] = msgspec.json.decode(message.payload)

    def _send(self, payload: bytes) -> None:
        self.detect.publish(topics.up(0, "detect", topics.Lane.ALARM), payload)

    def do(self, alarm: dict[str, Any], do: str, **more: Any) -> None:
        body = {
            "do": do, "by": "li", "id": f"{do}-{time.time()}", "version": alarm["version"],
            "reply_to": "anxin/v1/console/t/replies", **more,
        }  # fmt: skip
        self.console.publish(
            topics.alarm_do(alarm["identity"]["site_id"], alarm["alarm_id"]), msgspec.json.encode(body)
        )

    def stop(self) -> None:
        self.detect.stop()
        self.console.stop()


@pytest.fixture
def desk(broker: RunningBroker) -> Iterator[Desk]:
    person = Desk(broker)
    yield person
    person.stop()


def test_a_press_is_on_the_desk_and_at_the_provider_and_is_taken_and_closed(
    alarms: RunningProgram, desk: Desk, provider: StubProvider, eventually: Eventually
) -> None:
    desk.press()
    eventually(desk.is_journaled, "the press is journaled")

    def shown() -> dict[str, Any] | None:
        desk.listen()
        return next(iter(desk.states.values()), None)

    eventually(shown, "the press is on the desk")
    eventually(lambda: provider.received, "the provider was told")
    alarm = shown()
    assert alarm is not None
    assert alarm["identity"]["room_name"] == "201"
    desk.do(alarm, "acknowledge")
    eventually(lambda: (shown() or {}).get("response") == "acknowledged", "it is taken")
    alarm = shown()
    assert alarm is not None
    desk.do(alarm, "resolve", disposition="helped", reached="spoken")
    eventually(
        lambda: shown() is None and len(desk.replies) == 2, "its retained topic is cleared, and both are answered"
    )
    assert [reply["ok"] for reply in desk.replies] == [True, True]
    assert alarms.stop() == 0


def test_killed_at_any_moment_it_loses_no_press_and_repeats_at_most_one_send_for_a_kill(
    alarms: RunningProgram, desk: Desk, provider: StubProvider, eventually: Eventually, short_path: Path
) -> None:
    kills = 5
    for number in range(30):
        desk.press(f"pendant-{number}")
        if number % 6 == 3:
            time.sleep(0.01 * number)  # at another moment of its work every time
            alarms.kill()
            alarms.start()
    eventually(desk.is_journaled, "every press is journaled", within_s=60)
    journal = Journal(short_path / "d" / "alarms" / "journal.sqlite")
    eventually(lambda: len(journal.open_alarms()) == 30, "every press is an alarm", within_s=30)
    eventually(lambda: len(provider.by_key) >= 30, "every first send arrived", within_s=30)
    first = {key: count for key, count in provider.by_key.items() if "/0/0/" in key}
    assert len(first) == 30
    assert sum(first.values()) <= 30 + kills
    assert all(alarm.count == 1 for alarm in journal.open_alarms())
    journal.close()


def test_after_the_broker_lost_everything_the_open_alarms_are_on_the_desk_again(
    alarms: RunningProgram, broker: RunningBroker, desk: Desk, eventually: Eventually
) -> None:
    desk.press()
    eventually(desk.is_journaled, "the press is journaled")

    def count() -> int:
        desk.listen()
        return len(desk.states)

    eventually(lambda: count() == 1, "the press is on the desk")
    broker.kill()
    for left_behind in broker.data.glob("**/mosquitto.db"):
        left_behind.unlink()
    desk.states.clear()
    broker.start()
    eventually(lambda: count() == 1, "and there again", within_s=20)


def test_a_provider_that_fails_is_tried_again_and_one_that_refuses_is_not(
    alarms: RunningProgram, desk: Desk, provider: StubProvider, eventually: Eventually, short_path: Path
) -> None:
    provider.answers = [503, 503]
    desk.press()
    eventually(desk.is_journaled, "the press is journaled")
    eventually(lambda: provider.received, "the third try arrives")
    provider.answers = [404]
    desk.press("another")
    eventually(desk.is_journaled, "the other press is journaled")
    journal = Journal(short_path / "d" / "alarms" / "journal.sqlite")

    def final() -> list[str]:
        sent = [entry.detail for entry in journal.entries(0, 1000) if entry.event == "sent"]
        return [detail["result"] for detail in sent if detail["final"]]

    eventually(lambda: "HTTP 404" in final(), "the refusal is in the log")
    assert len(provider.received) == 1
    journal.close()
