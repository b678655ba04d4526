"""Scenarios and recordings judged by the product's own rules, on simulated time, without a broker.

Whatever the gateways' adapters and the core say of a scenario must be what the scenario says of itself.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from alarms.core.engine import Core
from alarms.core.home import Home
from alarms.core.plan import CoreDevice
from alarms.core.profiles import Profiles, load_profiles
from firmware_sim.firmware.device import Timeline
from firmware_sim.places import COOKER_HOME, Place, PlaceKind, demo_places
from firmware_sim.replay import REPLAYS, stage_replay
from firmware_sim.scenarios import SCENARIOS
from firmware_sim.stage import Send, Stage
from gateway.adapters.families import Families
from gateway.adapters.native import Decoded, NativeMessage
from gateway.devices import Devices, Known
from ingest.wire.batch import ReadingBatch
from ingest.wire.signals import BY_NAME, FALL_CODES
from ingest.wire.site_config import ConfiguredDevice, SiteConfig

pytestmark = pytest.mark.once

WORLD = 1_760_000_000.0

Raised = tuple[str, str, float]
"""Kind, device or subject, simulated seconds after the start."""


class JudgedHomes:
    """Adapters, direct rules and both cores over the places of a stage; keeps what was raised."""

    def __init__(self, places: list[Place], profiles: Profiles) -> None:
        self.raised: list[Raised] = []
        self._profiles = profiles
        self._families = Families()
        numbers = {d.device_id: i for i, d in enumerate(d for place in places for d in place.devices)}
        self._devices = {
            place.gateway_id: Devices(
                SiteConfig(
                    version=1,
                    site_id=place.site_id,
                    gateway_id=place.gateway_id,
                    devices=tuple(
                        ConfiguredDevice(
                            device_id=d.device_id,
                            number=numbers[d.device_id],
                            native=d.native,
                            kind=d.kind,
                            profile=d.profile,
                        )
                        for d in place.devices
                    ),
                )
            )
            for place in places
        }
        listed = [
            CoreDevice(
                device_id=d.device_id,
                number=numbers[d.device_id],
                profile=d.profile,
                gateway_id=place.gateway_id,
                room_id=d.room_id,
                room_use=next((room.use for room in place.rooms if room.room_id == d.room_id), None),
                thresholds=d.thresholds,
                home=Home(home_id=place.site_id if place.kind is PlaceKind.PRIVATE_HOME else None),
            )
            for place in places
            for d in place.devices
        ]
        self._cores = [Core(profiles, listed, "gateway"), Core(profiles, listed, "platform")]

    def hear(self, send: Send, world_s: float, after_s: float) -> None:
        message = NativeMessage(topic=send.message.topic, payload=send.message.payload)
        for told in self._families.decode(message):
            known = self._devices[send.link.gateway_id].find(told)
            if told.native == "zigbee2mqtt:bridge" or known.number is None:
                continue
            if told.window is not None:
                for core in self._cores:
                    self._note(core.update_motion([(known.number, told.window)], world_s), after_s)
                continue
            self._readings(told, known, world_s, after_s)

    def tick(self, world_s: float, after_s: float) -> None:
        for core in self._cores:
            self._note(core.tick(world_s), after_s)

    def _readings(self, told: Decoded, known: Known, world_s: float, after_s: float) -> None:
        assert known.number is not None
        at_s = told.observed_at.timestamp() if told.observed_at else world_s
        named = [(known.meaning(r.signal), r.element, r.value) for r in told.readings]
        named += [(known.meaning(event), 0, True) for event in told.events]
        values = [(s, e, FALL_CODES[v] if isinstance(v, str) else float(v)) for s, e, v in named]
        for signal, _, value in values:
            rule = self._profiles.direct(known.profile, signal, value) if BY_NAME[signal].alarm else None
            if rule is not None and rule.verdict(value):
                self.raised.append((str(rule.kind), known.device_id, after_s))
        batch = ReadingBatch(
            device=np.full(len(values), known.number, np.int32),
            signal=np.array([BY_NAME[s].number for s, _, _ in values], np.int16),
            element=np.array([e for _, e, _ in values], np.int8),
            observed_s=np.full(len(values), at_s),
            received_s=np.full(len(values), world_s),
            value=np.array([v for _, _, v in values], np.float64),
        )
        for core in self._cores:
            self._note(core.update(batch, world_s), after_s)

    def _note(self, judgements: object, after_s: float) -> None:
        assert isinstance(judgements, list)
        for judgement in judgements:
            if judgement.raised and judgement.evidence.get("stage") in (None, "suspected"):  # later: the same fall
                rule = self._profiles.rule(judgement.rule)
                assert rule is not None
                self.raised.append((str(rule.kind), judgement.subject, after_s))


@pytest.fixture(scope="module")
def profiles() -> Profiles:
    return load_profiles()


def judged(stage: Stage, profiles: Profiles, until_s: float) -> list[Raised]:
    """Everything that was raised while the stage played, in steps of a second of the world."""
    stage.timeline.begin(WORLD)
    homes = JudgedHomes(stage.places, profiles)
    step_s = stage.timeline.real(0.5)
    after_s = 0.0
    while after_s < until_s:
        after_s += step_s
        world_s = stage.timeline.world(stage.start + after_s)
        for doing in stage.advance(stage.start + after_s):
            if isinstance(doing, Send):
                homes.hear(doing, world_s, after_s)
        homes.tick(world_s, after_s)
    return homes.raised


def staged(name: str, seed: int = 1) -> Stage:
    scenario = SCENARIOS[name]
    return scenario.stage(
        demo_places(), Timeline(simulated_s=scenario.starts_s, world_s=WORLD, speed=scenario.speed), seed
    )


def each_expected_came(stage: Stage, raised: list[Raised]) -> None:
    for expected in stage.expectations:
        begin_s = expected.at_s - stage.start
        end_s = begin_s + stage.timeline.real(expected.within_s)
        fitting = [r for r in raised if r[0] in expected.kinds and r[1] == (expected.device_id or expected.subject)]
        assert any(begin_s - 0.5 <= r[2] <= end_s for r in fitting), f"{expected.what}: {fitting}"


@pytest.mark.parametrize("seed", [1, *(pytest.param(seed, marks=pytest.mark.long) for seed in (2, 3))])
def test_the_demonstration_raises_its_alarms_and_no_other(seed: int, profiles: Profiles) -> None:
    stage = staged("demo", seed)
    raised = judged(stage, profiles, 300)
    each_expected_came(stage, raised)
    expected = {(kind, e.device_id or e.subject) for e in stage.expectations for kind in e.kinds}
    assert {(kind, subject) for kind, subject, _ in raised} == expected
    assert len([r for r in raised if r[0] == "fall"]) == 1


def test_a_nursing_day_calls_for_every_press_and_sounds_for_nothing_else(profiles: Profiles) -> None:
    stage = staged("nursing_day")
    raised = judged(stage, profiles, 86_400)
    each_expected_came(stage, raised)
    expected = {e.device_id for e in stage.expectations}
    assert {subject for kind, subject, _ in raised if kind == "help_call"} == expected
    assert not [r for r in raised if r[0] in {"fall", "fire", "gas", "co", "water_flow", "electrical", "fault"}]


@pytest.mark.long
def test_the_homes_live_on_for_an_hour_without_a_fault(profiles: Profiles) -> None:
    stage = staged("demo")
    raised = judged(stage, profiles, 3600)
    assert not [r for r in raised if r[0] in {"fault", "battery", "climate"}]
    assert {subject for kind, subject, _ in raised if kind == "electrical"} == {f"{COOKER_HOME}:cooker"}


def test_a_replayed_fall_is_found(recordings: Path, profiles: Profiles) -> None:
    found = 0
    for seed in range(1, 11):
        stage, _ = stage_replay(REPLAYS["sisfall"], recordings, None, recording=None, seed=seed, speed=1.0)
        raised = judged(stage, profiles, 40)
        found += any(kind == "fall" for kind, _, _ in raised)
        if seed == 1:
            each_expected_came(stage, raised)
    assert found >= 9


def test_a_replayed_fire_is_found_when_its_real_alarm_sounded(recordings: Path, profiles: Profiles) -> None:
    for experiment in ("SDC02", "SDC35"):
        stage, _ = stage_replay(REPLAYS["nist_smoke"], recordings, None, recording=experiment, seed=1, speed=1.0)
        raised = judged(stage, profiles, stage.last_cue_at - stage.start + 60)
        each_expected_came(stage, raised)
        detector = stage.expectations[0].device_id
        (room,) = {d.room_id for place in stage.places for d in place.devices if d.device_id == detector}
        assert {kind for kind, subject, _ in raised if subject == detector} <= {"fire", "co"}
        assert {kind for kind, subject, _ in raised if subject == f"room:{room}"} == {"fire"}
        # the rest of the home is not played, so that its silence is told and nothing else
        assert {kind for kind, subject, _ in raised if subject not in (detector, f"room:{room}")} <= {"fault"}


def test_a_real_morning_of_a_meter_sounds_for_nothing(recordings: Path, profiles: Profiles) -> None:
    known = REPLAYS["house_power"]
    stage, _ = stage_replay(known, recordings, None, recording=None, seed=1, speed=known.speed)
    assert judged(stage, profiles, stage.last_cue_at - stage.start) == []
