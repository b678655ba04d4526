"""The watcher's loop against a small platform on a moved clock: presses, misses, verdicts, restarts."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from console.watch.canary import Timing
from console.watch.feed import Heard, names
from console.watch.kept import FILE, KeptFile
from console.watch.lane import ACK_TOPIC, TOPIC
from console.watch.loop import Loop
from console.watch.metrics import Metrics
from console.watch.settings import WatchSettings
from ingest.errors import SettingsError
from ingest.log import Log
from ingest.mqtt import Connected, Item, Message, Posted
from ingest.wire import pack, topics
from ingest.wire.lane import LanePosition
from ingest.wire.topics import CANARY

WALL_S = 1_800_000_000.0
ALARM = topics.alarm(CANARY, "a-1")


class Platform:
    """Broker, ``alarms`` and console as the watcher meets them; each can be away."""

    def __init__(self) -> None:
        self.broker = self.alarms = self.console = True
        self.inbox: list[Item] = []
        self.waiting: list[bytes] = []  # what the broker keeps for alarms
        self.presses: list[str] = []
        self.verdicts: list[tuple[bool, str, str]] = []
        self.resolved: list[str] = []
        self.seqs: list[tuple[str, int]] = []
        self._lanes: dict[str, LanePosition] = {}

    def publish(self, topic: str, payload: bytes, *, qos: int = 1, retain: bool = False) -> bool:
        if not self.broker:
            return False
        if topic == TOPIC:
            self._say(TOPIC, payload)
            self.waiting.append(payload)
            self.work()
        elif topic.endswith("/do"):
            command = msgspec.json.decode(payload)
            assert (command["do"], command["by"], command["disposition"]) == ("resolve", CANARY, "test")
            self.resolved.append(topic.removesuffix("/do"))
            self._say(topic.removesuffix("/do"), b"")
        return True

    def work(self) -> None:
        while self.alarms and self.waiting:
            body = pack.decode(self.waiting.pop(0))
            assert body.boot is not None
            self.seqs.append((body.boot, body.seq))
            lane = self._lanes.setdefault(body.boot, LanePosition())
            if lane.accept(body.seq, body.floor):
                self._take(body)
            self._say(ACK_TOPIC, msgspec.json.encode({"boot": body.boot, "alarm": lane.position}))

    def _take(self, body: pack.Pack) -> None:
        for record in body.records:
            evidence = record.ev or {}
            if record.n == "help_call":
                self.presses.append(evidence["text"])
                self._say(ALARM, msgspec.json.encode({"response": "new", "evidence": evidence}))
                if self.console:
                    self.inbox.append(Posted(Heard(evidence["text"], Home.clock)))
            else:
                assert (record.bn, record.n) == ("site:platform/", "judge/canary_missed")
                self.verdicts.append((bool(record.vb), evidence.get("text", ""), evidence.get("text_zh", "")))

    def _say(self, topic: str, payload: bytes) -> None:
        self.inbox.append(Message(topic, payload, False, WALL_S, 1, 1, 1))


class Home:
    """The watcher with its clock."""

    clock = 0.0

    def __init__(self, folder: Path) -> None:
        Home.clock = 1000.0
        self.path = folder / FILE
        self.platform = Platform()
        self.restart()

    def restart(self) -> None:
        self.metrics = Metrics()
        self.loop = Loop(
            publisher=self.platform,
            kept=KeptFile(self.path, Log("watch")),
            timing=Timing(every_s=60, limit_s=10, settle_s=10),
            metrics=self.metrics,
            clock=lambda: Home.clock,
            wall=lambda: WALL_S + Home.clock,
            log=Log("watch"),
        )
        self.platform.inbox = [Connected(1, False)]

    def forward(self, seconds: float) -> None:
        end = Home.clock + seconds
        while True:
            while self.platform.inbox:
                items, self.platform.inbox = self.platform.inbox, []
                self.loop.turn(items)
            if Home.clock >= end:
                return
            Home.clock = min(end, Home.clock + max(self.loop.wait_s(), 0.001))
            self.loop.turn([])

    def sample(self, name: str, **labels: str) -> float:
        return self.metrics.registry.get_sample_value(name, labels) or 0.0


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path)


def test_each_minute_a_press_goes_through_and_its_alarm_is_resolved(home: Home) -> None:
    home.forward(190)
    assert len(home.platform.presses) == 4
    assert len(set(home.platform.presses)) == 4, "each press is known by a name of its own"
    assert home.platform.resolved == [ALARM] * 4
    assert home.sample("anxin_watch_passed_total") == 4
    assert home.sample("anxin_watch_seconds_count", leg="feed") == 4
    facts = home.loop.facts()
    assert (facts["misses"], facts["last_ok_s"]) == (0, 0.0)
    assert facts["p50_ms"] <= facts["p99_ms"]
    assert home.loop.is_well()


def test_the_lane_is_numbered_without_a_gap_and_goes_on_after_a_restart(home: Home) -> None:
    home.forward(130)
    home.restart()
    home.forward(130)
    boots, seqs = zip(*home.platform.seqs, strict=True)
    assert len(set(boots)) == 1
    assert list(seqs) == list(range(len(seqs)))


def test_a_lost_file_is_a_new_boot(home: Home) -> None:
    home.forward(20)
    home.path.write_bytes(b"{")
    home.restart()
    home.forward(20)
    assert len({boot for boot, _ in home.platform.seqs}) == 2
    assert len(home.platform.presses) == 2


def test_one_miss_is_kept_to_itself(home: Home) -> None:
    home.forward(60)
    told = list(home.platform.verdicts)
    home.platform.console = False
    home.forward(60)
    home.platform.console = True
    home.forward(120)
    assert home.platform.verdicts == told
    assert home.sample("anxin_watch_missed_total", leg="feed") == 1


def test_a_dead_console_is_told_over_the_alarm_lane_and_taken_back(home: Home) -> None:
    home.forward(60)
    home.platform.console = False
    home.forward(140)
    raised, en, zh = home.platform.verdicts[-1]
    assert raised
    assert en == "the platform's own test call was missed 2 times in a row: it did not reach the console's live feed"
    assert zh == "平台自检呼叫连续 2 次未通过：未到达控制台的实时推送"
    assert not home.loop.is_well()
    assert home.loop.facts()["failed"] == "feed"
    assert home.platform.resolved == [ALARM] * len(home.platform.presses), "also a missed one leaves no alarm behind"
    home.platform.console = True
    home.forward(60)
    assert home.platform.verdicts[-1] == (False, "", "")
    assert home.loop.is_well()


def test_dead_alarms_are_told_when_they_return_though_they_missed_all_of_it(home: Home) -> None:
    home.forward(60)
    home.platform.alarms = False
    home.forward(180)
    assert home.sample("anxin_watch_missed_total", leg="alarms") >= 2
    home.platform.waiting.clear()  # the broker has lost what it kept: the lane sends it again
    home.platform.alarms = True
    told = len(home.platform.verdicts)
    home.forward(60)
    assert [raised for raised, _, _ in home.platform.verdicts[told:]] == [True, False]
    assert "alarm engine" in home.platform.verdicts[told][1]


def test_without_a_broker_the_watcher_says_so_when_it_is_back(home: Home) -> None:
    home.forward(60)
    home.platform.broker = False
    home.forward(180)
    assert home.sample("anxin_watch_missed_total", leg="broker") >= 2
    assert not home.loop.is_well()
    home.platform.broker = True
    home.platform.inbox.append(Connected(2, False))
    home.forward(1)
    assert "broker" in home.platform.verdicts[-1][1]


def test_a_restart_knows_the_misses_of_before(home: Home) -> None:
    home.forward(60)
    home.platform.console = False
    home.forward(75)  # one is missed
    home.restart()
    assert home.loop.facts()["misses"] == 1
    assert home.loop.is_well()
    told = len(home.platform.verdicts)
    home.forward(30)
    assert [raised for raised, _, _ in home.platform.verdicts[told:]] == [True]
    assert not home.loop.is_well()
    home.restart()
    assert not home.loop.is_well()


def test_an_alarm_that_was_left_behind_is_resolved_at_the_start(home: Home) -> None:
    left = msgspec.json.encode({"response": "new", "evidence": {"text": "canary of before"}})
    home.platform.inbox.append(Message(ALARM, left, True, WALL_S, 1, 1, 1))
    home.forward(1)
    assert home.platform.resolved == [ALARM]


def test_nonsense_on_its_topics_stops_nothing(home: Home) -> None:
    home.forward(5)
    for topic in (TOPIC, ACK_TOPIC, ALARM):
        for payload in (b"", b"{", b"\xff", b'{"boot": 1}', b"[]"):
            home.platform.inbox.append(Message(topic, payload, False, WALL_S, 1, 1, 1))
    home.forward(60)
    assert home.sample("anxin_watch_passed_total") == 1


def test_a_disk_that_takes_nothing_stops_no_press(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_path: Path, _text: str) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("console.watch.kept.write_private", full)
    home.forward(130)
    assert len(home.platform.presses) == 3
    assert home.loop.is_well()


def test_the_feed_is_read_event_by_event() -> None:
    stream = (
        'retry: 1000\nid: 1\nevent: snapshot\ndata: {"alarms":[{"text":{"en":"one"}}],"gateways":[]}\n\n'
        ': beat\nevent: beat\ndata: {"at":"x"}\n\n'
        'event: alarm\ndata: {"alarm":{"alarm_id":"a","text":{"en":"two","zh":"two"}}}\n\n'
        'event: alarm\ndata: nonsense\n\nevent: closed\ndata: {"alarm_id":"a","alarm":null}\n\n'
        'event: alarm\ndata: {"alarm":{"text":{"en":"cut off"}}}\n'
    )
    assert list(names(stream.split("\n")[:-1])) == ["one", "two"]


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"limit_s": 60.0}, "limit_s must be less than every_s"),
        ({"dead_man_url": "ftp://watcher.example/x"}, "http or https URL"),
        ({"console_url": "console"}, "http or https URL"),
    ],
)
def test_a_wrong_setting_is_refused(given: dict[str, object], words: str) -> None:
    with pytest.raises(SettingsError, match=words):
        WatchSettings.load(**given)


def test_the_dead_man_is_pinged_every_ten_seconds_unless_the_settings_say_otherwise() -> None:
    assert WatchSettings.load().dead_man_every_s == 10
    assert WatchSettings.load(dead_man_every_s=30).dead_man_every_s == 30
