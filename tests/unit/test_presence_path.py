"""A presence button on its way: from the firmware through the gateway into the alarm lane, and who may hear of it."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import pytest

from alarms.core.profiles import load_profiles
from console.cli.embedded.accounts import SERVICE_ROLES
from firmware_sim.firmware.build import firmware_for
from firmware_sim.firmware.device import NativeMessage, Timeline
from firmware_sim.firmware.senml import SenmlDevice
from firmware_sim.places import NURSING_HOME, demo_places
from gateway.adapters.families import Families
from gateway.devices import Devices
from gateway.intake import Found, Intake
from gateway.packing import alarm_bodies, message
from gateway.states import States
from ingest.registry.model import Device, Gateway, Registry, Room, Site
from ingest.wire import topics
from ingest.wire.signals import Kind
from ingest.wire.site_config import ConfiguredDevice, SiteConfig
from tests.alarm_stories import START, Desk
from tests.mqtt_filters import matches

PLACE = next(place for place in demo_places() if place.site_id == NURSING_HOME)
ROOM = f"{NURSING_HOME}:201"
BUTTONS = tuple(PLACE.in_room(ROOM, profile) for profile in ("sos_button", "presence_button"))
REGISTRY = Registry(
    version=1,
    sites=(Site(site_id=PLACE.site_id, name=PLACE.name, shard=PLACE.shard),),
    rooms=(Room(room_id=ROOM, site_id=PLACE.site_id, name="201"),),
    gateways=(Gateway(gateway_id=PLACE.gateway_id, site_id=PLACE.site_id),),
    devices=tuple(
        Device(
            device_id=spec.device_id, number=number, site_id=PLACE.site_id, gateway_id=PLACE.gateway_id,
            kind=spec.kind, profile=spec.profile, room_id=spec.room_id,
        )
        for number, spec in enumerate(BUTTONS, start=1)
    ),
)  # fmt: skip


class Ward:
    """The firmware of a presence button, its gateway's intake and the alarm engine, on one clock."""

    def __init__(self) -> None:
        self.desk = Desk(REGISTRY)
        self.timeline = Timeline(simulated_s=0.0, world_s=START.timestamp())
        _, here = BUTTONS
        firmware = firmware_for(here, self.timeline, 7)
        assert isinstance(firmware, SenmlDevice)
        self.button = firmware
        self.button.clock.offset_s = 0.0
        self.button.boot(0.0)
        config = SiteConfig(
            version=1,
            site_id=PLACE.site_id,
            gateway_id=PLACE.gateway_id,
            devices=tuple(
                ConfiguredDevice(device_id=d.device_id, number=n, native=d.native, kind=d.kind, profile=d.profile)
                for n, d in enumerate(BUTTONS, start=1)
            ),
        )
        self.intake = Intake(Families(), Devices(config), States(None))
        self.seq = -1

    def hear(self, messages: Sequence[NativeMessage]) -> list[bool | float | str]:
        """What goes out in the alarm lane; the engine has it too."""
        found = Found()
        for told in messages:
            self.intake.read(told.topic, told.payload, retained=False, received_s=self.desk.now.timestamp(), into=found)
        for body in alarm_bodies(datum for _, datum in found.alarms):
            self.seq += 1
            payload = message(topics.Lane.ALARM, body, boot="b", seq=self.seq, floor=0, sent_at=0.0)
            self.desk.payload(payload, gateway=PLACE.gateway_id)
        return [datum.value for _, datum in found.alarms if datum.signal == "staff_present"]

    def press(self, *, present: bool | str) -> list[bool | float | str]:
        now_s = (self.desk.now - START).total_seconds()
        if isinstance(present, bool):
            return self.hear(self.button.report(now_s, staff_present=present))
        record = [{"bn": f"{self.button.name}/", "n": "staff_present", "vs": present}]
        return self.hear([NativeMessage(topic=f"senml/{self.button.name}", payload=msgspec.json.encode(record))])


def test_the_button_reaches_the_alarm_lane_and_only_its_changes_do() -> None:
    ward = Ward()
    assert [ward.press(present=value) for value in (False, False, True, True, False)] == [
        [False],
        [],
        [True],
        [],
        [False],
    ]
    assert ward.desk.open == []


def test_a_badge_passes_the_gateway_as_a_text() -> None:
    ward = Ward()
    ward.desk.record(BUTTONS[0].device_id, "help_call", gateway=PLACE.gateway_id)
    assert ward.press(present="17") == ["17"]
    assert ward.desk.only.attended is not None
    assert ward.desk.only.attended.by == "badge:17"
    ward.desk.forward(30)
    assert ward.press(present="18") == ["18"], "another carer is another sign"
    assert ward.press(present=False) == [False]
    assert ward.desk.open == []


def test_a_text_is_no_state_of_any_other_signal() -> None:
    ward = Ward()
    record = [{"bn": f"{ward.button.name}/", "n": "smoke", "vs": "17"}]
    assert ward.hear([NativeMessage(topic=f"senml/{ward.button.name}", payload=msgspec.json.encode(record))]) == []
    assert ward.desk.open == []


def test_every_room_of_the_nursing_home_has_its_button_and_it_is_a_place() -> None:
    assert len(PLACE.only("presence_button")) == len(PLACE.residents)
    profiles = load_profiles()
    fixed = {name for name in profiles.names if (found := profiles.profile(name)) is not None and found.fixed}
    assert fixed == {"fall_radar", "floor_mat", "presence_button", "pull_cord", "sos_button"}
    assert all(spec.kind is Kind.BUTTON for spec in BUTTONS)


@pytest.mark.parametrize(
    ("topic", "writers", "readers"),
    [
        (topics.site_do("pine"), {"console"}, {"alarms"}),
        (topics.presence("pine", "r201"), {"alarms"}, {"alarms", "console"}),
    ],
)
def test_only_the_console_orders_drills_and_only_the_engine_says_who_is_there(
    topic: str, writers: set[str], readers: set[str]
) -> None:
    assert {name for name, role in SERVICE_ROLES.items() if any(matches(r, topic) for r in role.writes)} == writers
    assert {name for name, role in SERVICE_ROLES.items() if any(matches(r, topic) for r in role.reads)} == readers


@pytest.mark.parametrize("topic", ["anxin/v1/sites/pine", "anxin/v1/sites/pine/x/do", "anxin/v1/alarms/pine/do", ""])
def test_other_topics_are_no_orders_and_no_rooms(topic: str) -> None:
    assert topics.parse_site_do(topic) is None
    assert topics.parse_presence(topic) is None
    assert topics.parse_site_do(topics.site_do("pine")) == "pine"
    assert topics.parse_presence(topics.presence("pine", "a:1")) == ("pine", "a:1")


def test_the_room_is_known_to_the_console_at_once() -> None:
    ward = Ward()
    ward.press(present=True)
    ((topic, body),) = [one for one in ward.desk.messages if one[0].startswith("anxin/v1/presence/")]
    assert (topic, body["by"]) == (topics.presence(NURSING_HOME, ROOM), [f"staff:{ROOM}"])
