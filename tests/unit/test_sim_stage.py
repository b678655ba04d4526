"""Scenarios on the stage, without a broker: the same seed gives the same bytes, and expectations are judged fairly."""

from __future__ import annotations

import msgspec
import pytest

from firmware_sim.fire import LASTS_S, kitchen_fire
from firmware_sim.fires.scenes import play
from firmware_sim.firmware.device import Timeline
from firmware_sim.firmware.shelly import ShellyMeter
from firmware_sim.people import DAY_S, Act, draw_habits, plan_day
from firmware_sim.places import NURSING_HOME, demo_places
from firmware_sim.scenarios import SCENARIOS
from firmware_sim.stage import Break, Doing, Expectation, Send, Stage
from firmware_sim.watch import AlarmWatch
from ingest.wire.topics import alarm, alarm_do

WORLD = 1_760_000_000.0


def stage_of(name: str, seed: int = 1) -> Stage:
    scenario = SCENARIOS[name]
    timeline = Timeline(simulated_s=scenario.starts_s, world_s=WORLD, speed=scenario.speed)
    return scenario.stage(demo_places(), timeline, seed)


def played(name: str, seed: int = 1) -> list[Doing]:
    stage = stage_of(name, seed)
    return stage.advance(stage.last_cue_at + 10)


def sent(doings: list[Doing]) -> list[Send]:
    return [doing for doing in doings if isinstance(doing, Send)]


@pytest.mark.parametrize("name", sorted(SCENARIOS))
def test_the_same_seed_gives_the_same_bytes(name: str) -> None:
    assert played(name, 5) == played(name, 5)


def test_another_seed_gives_another_day() -> None:
    assert played("nursing_day", 1) != played("nursing_day", 2)


def test_every_scenario_names_the_alarms_that_it_expects() -> None:
    assert all(stage_of(name).expectations for name in SCENARIOS)


def test_the_press_is_one_message_and_nothing_else() -> None:
    (press,) = sent(played("press"))
    assert press.message.topic == "zigbee2mqtt/SOS room 201"
    assert press.link.will is None
    assert b'"action":"emergency"' in press.message.payload


def test_the_demonstration_stages_its_five_events_in_five_minutes() -> None:
    stage = stage_of("demo")
    at = {e.what: e.at_s - stage.start for e in stage.expectations}
    assert at["help call of room 204"] == 20
    assert at["fall in room 107"] == 70
    assert 120 < at["kitchen fire: smoke"] < at["kitchen fire: heat"] < at["kitchen fire: sprinkler flow"] < 200
    assert at["silent morning"] == 217
    assert at["cooker left on"] == 267


def test_in_the_demonstration_the_homes_live_on_after_the_last_alarm() -> None:
    stage = stage_of("demo")
    stage.advance(stage.last_cue_at)
    assert sent(stage.advance(stage.last_cue_at + 600))


def test_hubs_and_shellys_have_last_wills() -> None:
    wills = {send.link.name: send.link.will for send in sent(played("demo"))}
    bridge = wills["zigbee2mqtt"]
    assert bridge is not None
    assert bridge.topic == "zigbee2mqtt/bridge/state"
    meter = next(will for name, will in wills.items() if name.startswith("shellypro3em"))
    assert meter is not None
    assert meter.payload == b"false"


def test_a_power_cut_breaks_the_meters_link_and_leaves_the_button() -> None:
    stage = stage_of("power_cut")
    doings = stage.advance(stage.last_cue_at + 30)
    broken = next(i for i, doing in enumerate(doings) if isinstance(doing, Break))
    after = sent(doings[broken:])
    assert not [send for send in after if send.message.topic.startswith("shellyproem50")]
    assert [send for send in after if b"emergency" in send.message.payload]


def test_a_lent_hand_answers_for_the_rooms_that_it_touches_and_an_owned_home_for_all() -> None:
    hand, owner = stage_of("press"), stage_of("nursing_day")
    for stage, elsewhere in ((hand, False), (owner, True)):
        assert stage.concerns(NURSING_HOME, f"{NURSING_HOME}:201", f"{NURSING_HOME}:201-smoke")
        assert stage.concerns(NURSING_HOME, f"{NURSING_HOME}:kitchen", "") is elsewhere
        assert not stage.concerns("another", None, "")


def test_a_woken_device_lives_on_a_stage_that_owns_no_homes() -> None:
    stage = Stage(demo_places(), Timeline(simulated_s=0, world_s=WORLD), 1, owned=False)
    meter = stage.site(NURSING_HOME).only("meter")[0]
    assert stage.next_at == float("inf")
    stage.wake(1.0, meter)
    assert len(sent(stage.advance(61.0))) > 5
    assert stage.model(meter, ShellyMeter).told_at > 50


def test_a_day_has_nights_meals_and_a_wander() -> None:
    import numpy as np

    rng = np.random.default_rng(4)
    day = plan_day(draw_habits(rng, wanders=True), rng)
    assert day == sorted(day)
    assert all(0 <= moment.at_s < DAY_S for moment in day)
    acts = [moment.act for moment in day]
    assert acts.count(Act.EXIT) == 2
    assert acts.count(Act.COOK) == 3
    assert acts[0] is Act.LIE_DOWN


def test_a_fire_smokes_before_it_is_hot_and_is_hot_before_water_flows() -> None:
    scene = kitchen_fire(2)
    fire = play(scene, LASTS_S)
    smoke_s, heat_s = (fire.obscuration_db_m[0, 0] > 0.4).argmax(), (fire.temp_c[0, 1] > 57).argmax()
    assert scene.flames_s[0] < smoke_s < heat_s < fire.sprinkler_s[0]


def test_in_a_fire_the_smoke_alarm_tells_how_dense_it_is_until_it_is_too_hot() -> None:
    told = [
        msgspec.json.decode(send.message.payload)
        for send in sent(played("demo"))
        if send.message.topic == "zigbee2mqtt/Smoke kitchen" and b"smoke_density_dbm" in send.message.payload
    ]
    dense_db_m = [body["smoke_density_dbm"] for body in told]
    assert dense_db_m[0] < 0.1
    assert dense_db_m[-1] > 1
    assert [body["smoke"] for body in told] == sorted(body["smoke"] for body in told)


# --- the watch -----------------------------------------------------------------------------------------------------

EXPECTED = Expectation(
    what="call", site_id="home", kinds=("help_call",), at_s=0, within_s=60, device_id="home:button", room_id=None
)


def state(alarm_id: str = "a1", kind: str = "help_call", priority: str = "emergency", **more: object) -> bytes:
    body = {
        "alarm_id": alarm_id,
        "version": 1,
        "rule": kind,
        "subject": "home:button",
        "kind": kind,
        "priority": priority,
        "response": "new",
        "identity": {"site_id": "home", "device_id": "home:button", "room_id": "home:201"},
        **more,
    }
    return msgspec.json.encode(body)


def heard(*payloads: bytes, retained: bool = False) -> AlarmWatch:
    watch = AlarmWatch(clock=lambda: 1.0)
    for payload in payloads:
        watch.hear(alarm("home", msgspec.json.decode(payload)["alarm_id"]), payload, retained)
    return watch


def test_an_alarm_that_was_there_before_is_no_answer() -> None:
    watch = heard(state(), retained=True)
    assert not watch.judge([EXPECTED], {0: 0.0})[0].came


def test_a_new_alarm_and_a_further_press_are_answers_but_an_acknowledgement_is_none() -> None:
    watch = heard(state(), retained=True)
    watch.hear(alarm("home", "a1"), state(version=2, response="acknowledged"), False)
    assert not watch.judge([EXPECTED], {0: 0.0})[0].came
    watch.hear(alarm("home", "a1"), state(version=3, count=2), False)
    assert watch.judge([EXPECTED], {0: 0.0})[0].came


def test_two_presses_need_two_answers() -> None:
    one = heard(state())
    assert [v.came for v in one.judge([EXPECTED, EXPECTED], {0: 0.0, 1: 0.0})] == [True, False]


def test_an_alarm_from_elsewhere_is_no_answer_and_an_emergency_is_a_surprise() -> None:
    watch = heard(state(kind="fire"), state("a2", kind="fault", priority="medium"))
    assert not watch.judge([EXPECTED], {0: 0.0})[0].came
    assert [alarm.kind for alarm in watch.unexpected([EXPECTED], lambda site, _room, _device: site == "home")] == [
        "fire"
    ]
    assert watch.unexpected([EXPECTED], lambda *_: False) == []


def test_commands_and_unreadable_states_are_passed_over() -> None:
    watch = heard(state())
    watch.hear(alarm_do("home", "a1"), b"{}", False)
    watch.hear(alarm("home", "a9"), b"\xff", False)
    watch.hear(alarm("home", "a1"), b"", False)
    assert watch.unreadable == 1
    assert len(watch.onsets) == 1
