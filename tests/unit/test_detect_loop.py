"""detect's loop without a broker: what is durable before what is sent, and a disk that is full."""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from alarms.core.profiles import load_profiles
from alarms.detect.detector import HISTORY, STATE, Detector
from alarms.detect.intake import LANES, Intake
from alarms.detect.loop import Loop
from alarms.detect.outlet import ACK_TOPIC
from alarms.detect.settings import DetectSettings
from alarms.detect.store import DetectStore
from alarms.errors import DetectStateFullError
from ingest.clock import SteadyClock, SystemClock
from ingest.health import Health
from ingest.log import Log
from ingest.mqtt import Connected, Disconnected, Item, Message
from ingest.registry.model import Device, Gateway, Registry, Resident, Room, Site
from ingest.wire import topics
from ingest.wire.signals import Kind
from tests.moved_clock import MovedClock

LOG = Log("detect")
PROFILES = load_profiles()
TANK = Device(
    device_id="tank",
    number=4,
    site_id="home",
    gateway_id="gw",
    kind=Kind.WATER,
    profile="flow_switch",
    thresholds={"tank_low": {"on_s": 0}},
)
REGISTRY = Registry(
    version=1,
    sites=(Site(site_id="home", name="Home", shard=1),),
    gateways=(Gateway(gateway_id="gw", site_id="home"),),
    devices=(TANK,),
)


class FakeSession:
    """Our port to the broker: an inbox, and what was published and acknowledged."""

    def __init__(self) -> None:
        self.inbox: list[Item] = [Connected(1, resumed=False)]
        self.published: list[tuple[str, dict[str, Any]]] = []
        self.acknowledged: list[Message] = []
        self.connected = True

    @property
    def subscribed(self) -> bool:
        return self.connected

    def take(self, limit: int, timeout_s: float) -> list[Item]:
        taken, self.inbox = self.inbox[:limit], self.inbox[limit:]
        return taken

    def acknowledge(self, messages: list[Message]) -> None:
        self.acknowledged += messages

    def publish(self, topic: str, payload: bytes, *, qos: int = 1, retain: bool = False) -> bool:
        if self.connected:
            self.published.append((topic, json.loads(payload)))
        return self.connected


class FullStore(DetectStore):
    """A store whose disk is full while ``full`` is set."""

    full = False

    def save(self, **what: Any) -> None:
        if self.full:
            raise DetectStateFullError("database or disk is full")
        super().save(**what)


class Stage:
    """The loop over a fake session."""

    def __init__(
        self, path: Path | None = None, registry: Registry = REGISTRY, clock: SteadyClock | None = None
    ) -> None:
        self.clock = clock or SystemClock()
        self.session = FakeSession()
        self.store = FullStore(path)
        self.back: dict[str, float] = {}
        self.loop = Loop(
            session=self.session,  # type: ignore[arg-type]
            store=self.store,
            detector=Detector(PROFILES, LOG, self.store.state(STATE), self.store.state(HISTORY)),
            intake=Intake({lane: self.store.lanes(lane) for lane in LANES}),
            health=Health(Path("/nonexistent/health.json")),
            settings=DetectSettings(save_s=0.05, tick_s=0.05),
            clock=self.clock,
            database=lambda: False,
            log=LOG,
            started_s=time.time(),
            tell_back=self._told_back,
        )
        self.loop.set_registry(registry)

    def _told_back(self, back: Mapping[str, float]) -> None:
        self.back = dict(back)

    def hear(self, topic: str, body: dict[str, Any]) -> None:
        self.session.inbox.append(
            Message(topic, json.dumps(body).encode(), False, self.clock.now().timestamp(), 1, 1, 1)
        )

    def level(self, seq: int, percent: float) -> None:
        self.say(topics.Lane.DATA, seq, {"n": "tank/tank_level_pct", "v": percent})

    def say(self, lane: topics.Lane, seq: int, *records: dict[str, Any]) -> None:
        self.hear(topics.up(1, "gw", lane), {"boot": "b", "seq": seq, "floor": 0, "records": list(records)})

    def turns(self, seconds: float = 0.15) -> None:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self.loop.turn()

    def sent(self) -> list[tuple[str, bool]]:
        topic = topics.up(0, "detect", topics.Lane.ALARM)
        return [(r["n"], r["vb"]) for t, body in self.session.published if t == topic for r in body["records"]]

    def acks(self) -> list[int]:
        return [body["data"] for body in self.ack_bodies()]

    def ack_bodies(self) -> list[dict[str, Any]]:
        topic = topics.ack(1, "gw", "detect")
        return [body for t, body in self.session.published if t == topic]


def test_a_judgement_and_the_position_behind_it_are_in_the_file_before_anything_is_said(tmp_path: Path) -> None:
    stage = Stage(tmp_path / "state.sqlite")
    stage.level(0, 10)
    stage.loop.turn()
    assert stage.sent() == [("judge/tank_low", True)]
    assert stage.acks() == [0]
    assert len(stage.session.acknowledged) == 1
    with sqlite3.connect(tmp_path / "state.sqlite") as other:
        assert other.execute("SELECT seq FROM judgement").fetchall() == [(0,)]
        assert other.execute("SELECT gateway_id, boot, position FROM lane").fetchall() == [("gw", "b", 0)]
    other.close()


def test_a_full_disk_holds_back_acknowledgements_and_no_judgement() -> None:
    stage = Stage()
    stage.store.full = True
    stage.level(0, 10)
    stage.turns()
    assert stage.sent() == [("judge/tank_low", True)]
    assert stage.acks() == [], "the spool holds it"
    assert len(stage.session.acknowledged) == 1, "so the broker need not"
    stage.store.full = False
    stage.turns(1.3)
    assert stage.acks() == [0]
    assert stage.sent() == [("judge/tank_low", True)]


def test_judgements_made_while_the_broker_is_away_are_sent_when_it_is_back() -> None:
    stage = Stage()
    stage.turns(0.1)
    stage.level(0, 10)
    stage.session.connected = False
    stage.session.inbox.append(Disconnected(1))
    stage.turns()
    assert stage.sent() == []
    stage.session.connected = True
    stage.session.inbox.append(Connected(2, resumed=True))
    stage.turns()
    assert stage.sent() == [("judge/tank_low", True)]


def test_an_acknowledgement_for_another_boot_or_for_what_was_never_sent_releases_nothing() -> None:
    stage = Stage()
    stage.level(0, 10)
    stage.turns()
    stage.hear(ACK_TOPIC, {"boot": "another", "alarm": 7})
    stage.hear(ACK_TOPIC, {"boot": stage.store.boot, "alarm": 7})
    stage.hear(ACK_TOPIC, {"nonsense": 1})
    stage.turns()
    assert stage.store.waiting == 1
    stage.hear(ACK_TOPIC, {"boot": stage.store.boot, "alarm": 0})
    stage.turns()
    assert stage.store.waiting == 0


def test_a_device_that_leaves_the_registry_leaves_no_alarm_standing() -> None:
    stage = Stage()
    stage.level(0, 10)
    stage.turns()
    stage.loop.set_registry(Registry(version=2, sites=REGISTRY.sites, gateways=REGISTRY.gateways))
    stage.turns()
    assert stage.sent() == [("judge/tank_low", True), ("judge/tank_low", False)]


def test_a_last_will_of_an_older_connection_does_not_take_a_gateway_away() -> None:
    intake = Intake({})
    status = topics.status(1, "gw")

    def said(state: str, at: float) -> tuple[str, bool] | None:
        body = json.dumps({"state": state, "boot": "b", "at": at}).encode()
        return intake.add(Message(status, body, True, 0.0, 1, 1, 1))

    assert said("online", 20.0) == ("gw", True)
    assert said("offline", 10.0) is None
    assert said("offline", 20.0) == ("gw", False)


def test_a_damaged_file_is_set_aside_and_judging_begins_anew(tmp_path: Path) -> None:
    path = tmp_path / "state.sqlite"
    path.write_bytes(b"this was a database once" * 100)
    store = DetectStore.open(path, LOG)
    assert store.next_seq == 0
    store.close()
    assert (tmp_path / "state.sqlite.damaged-1").exists()


def test_no_seq_is_given_twice_after_everything_was_acknowledged(tmp_path: Path) -> None:
    store = DetectStore(tmp_path / "state.sqlite")
    store.save(packs=[b"[]", b"[]"])
    store.release(1)
    store.save()
    store.close()
    again = DetectStore(tmp_path / "state.sqlite")
    assert (again.next_seq, again.waiting) == (2, 0)
    again.close()


@pytest.mark.parametrize("broken", [b"", b"AXC1garbage", b"\xff" * 100])
def test_a_core_state_that_cannot_be_read_is_left_behind(broken: bytes) -> None:
    detector = Detector(PROFILES, LOG, broken, broken)
    assert detector.set_registry(REGISTRY, 0.0) == []
    assert detector.ready


SUPERVISED = Registry(
    version=1,
    sites=REGISTRY.sites,
    gateways=REGISTRY.gateways,
    devices=(
        Device(device_id="tank", number=4, site_id="home", gateway_id="gw", kind=Kind.METER, profile="meter"),
        Device(device_id="other", number=5, site_id="home", gateway_id="gw", kind=Kind.METER, profile="meter"),
    ),
)


@pytest.mark.parametrize("by_s", [3600.0, -3600.0])
def test_a_clock_that_is_set_makes_no_silence_and_hides_none(by_s: float) -> None:
    clock = MovedClock(datetime.now(UTC))
    stage = Stage(registry=SUPERVISED, clock=clock)
    stage.level(0, 50)
    stage.turns(0.1)
    clock.forward(10)
    stage.turns(0.1)
    clock.set_by(by_s)
    stage.turns(0.1)
    assert stage.sent() == []
    clock.forward(500)
    stage.turns(0.1)
    assert stage.sent() != []


@pytest.mark.parametrize("by_s", [3600.0, -3600.0])
def test_a_clock_that_is_set_while_detect_is_away_makes_no_silence_and_hides_none(tmp_path: Path, by_s: float) -> None:
    clock = MovedClock(datetime.now(UTC))
    stage = Stage(tmp_path / "state.sqlite", SUPERVISED, clock)
    stage.level(0, 50)
    stage.turns(0.2)
    stage.store.close()
    clock.forward(10)
    clock.set_by(by_s)
    stage = Stage(tmp_path / "state.sqlite", SUPERVISED, clock)
    stage.turns(0.1)
    assert stage.sent() == []
    clock.forward(500)
    stage.turns(0.1)
    assert stage.sent() != []


FLAT = Registry(
    version=1,
    sites=(Site(site_id="home", name="Home", shard=1, kind="private_home"),),
    rooms=(Room(room_id="kitchen", site_id="home", name="Kitchen", use="kitchen"),),
    residents=(Resident(resident_id="wang", site_id="home", name="Wang"),),
    gateways=REGISTRY.gateways,
    devices=tuple(
        Device(device_id=name, number=number, site_id="home", gateway_id="gw", kind=kind, profile=profile)
        for number, (name, kind, profile) in enumerate(
            (
                ("cooker", Kind.METER, "cooker"),
                ("door", Kind.AMBIENT, "entrance_door"),
                ("hall", Kind.AMBIENT, "motion_sensor"),
                ("sos", Kind.BUTTON, "sos_button"),
            ),
            1,
        )
    ),
)


class Flat(Stage):
    """The cooker is on; whoever lives there opens the entrance door and closes it behind them."""

    def __init__(self, path: Path | None = None, clock: MovedClock | None = None) -> None:
        self.moved = clock or MovedClock(datetime.now(UTC))
        super().__init__(path, FLAT, self.moved)
        self.packs = 0

    def leave(self) -> None:
        for name, value in (("cooker/power_w", 900.0), ("door/contact_open", 1.0), ("door/contact_open", 0.0)):
            self.telemetry(name, value)
        for _ in range(20):
            self.moved.forward(60)
            self.telemetry("hall/motion", 0.0)
            self.telemetry("cooker/power_w", 900.0)
            self.turns(0.06)

    def telemetry(self, name: str, value: float) -> None:
        self.moved.forward(1)
        self.say(topics.Lane.DATA, self.packs, {"n": name, "v": value})
        self.packs += 1
        self.loop.turn()

    def left_on(self) -> list[bool]:
        return [raised for name, raised in self.sent() if name == "judge/cooker_left_on"]


@pytest.mark.parametrize(
    "record",
    [
        {"n": "sos/help_call", "vb": True},
        {"n": "sos/call_test", "vb": True},
        {"bn": "sos/", "n": "staff_present", "vs": "badge-7"},
    ],
)
def test_a_press_on_the_alarm_lane_shows_that_somebody_is_there_and_is_not_acknowledged(record: dict[str, Any]) -> None:
    stage = Flat()
    stage.leave()
    assert stage.left_on() == [True]
    stage.say(topics.Lane.ALARM, 0, record, {"n": "judge/smoke_rising", "vb": True})
    stage.turns()
    assert stage.left_on() == [True, False]
    assert {name for name, _ in stage.sent()} == {"judge/cooker_left_on"}, "alarms judges that lane"
    assert all("alarm" not in body for body in stage.ack_bodies())


def test_alarms_of_things_and_presses_of_strangers_show_nobody() -> None:
    stage = Flat()
    stage.leave()
    stage.say(topics.Lane.ALARM, 0, {"n": "cooker/battery_low", "vb": True}, {"n": "stranger/help_call", "vb": True})
    stage.hear(topics.up(1, "gw", topics.Lane.ALARM), {"no": "pack"})
    stage.turns()
    assert stage.left_on() == [True]


def test_a_press_sent_again_after_a_restart_is_the_same_press(tmp_path: Path) -> None:
    stage = Flat(tmp_path / "state.sqlite")
    stage.leave()
    stage.say(topics.Lane.ALARM, 3, {"n": "sos/help_call", "vb": True})
    stage.turns()
    stage.leave()
    assert stage.left_on()[-1]
    stage.store.close()
    again = Flat(tmp_path / "state.sqlite", stage.moved)
    again.say(topics.Lane.ALARM, 3, {"n": "sos/help_call", "vb": True})
    again.turns()
    assert again.left_on()[-1], "it stands"
    again.say(topics.Lane.ALARM, 4, {"n": "sos/help_call", "vb": True})
    again.turns()
    assert not again.left_on()[-1]


def test_life_in_a_home_whose_people_are_away_is_told_until_the_registry_says_so() -> None:
    clock = MovedClock(datetime(2026, 3, 1, 8, tzinfo=UTC))
    went_at = clock.now() - timedelta(hours=5)
    wang = Resident(resident_id="wang", site_id="home", name="Wang", away=True, away_at=went_at)
    sensor = Device(
        device_id="pir", number=5, site_id="home", gateway_id="gw", kind=Kind.AMBIENT, profile="motion_sensor"
    )  # fmt: skip
    home = Site(site_id="home", name="Home", shard=1, kind="private_home")
    empty = msgspec.structs.replace(REGISTRY, sites=(home,), residents=(wang,), devices=(sensor,))
    stage = Stage(registry=empty, clock=clock)
    stage.turns()
    assert stage.back == {}
    moves = ({"n": "pir/motion", "v": float(1 - place % 2), "t": clock.now().timestamp() + place} for place in range(4))
    stage.say(topics.Lane.DATA, 1, *moves)
    stage.turns()
    clock.forward(330)
    stage.turns()
    assert stage.back == {"resident:wang": clock.now().timestamp() - 30}
    stage.loop.set_registry(msgspec.structs.replace(empty, version=2, residents=(Resident(
        resident_id="wang", site_id="home", name="Wang", back_at=clock.now()
    ),)))  # fmt: skip
    stage.turns()
    assert stage.back == {}
