"""Sprinkler systems as they are simulated, and what the gateway says of a hundred of each kind."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from alarms.core.engine import Core, CoreDevice
from alarms.core.profiles import load_profiles
from firmware_sim import sprinklers
from firmware_sim.sprinklers import K80, NEVER, Course, Scenes, flow_through
from ingest.wire.batch import ReadingBatch
from ingest.wire.signals import BY_NAME

START = 1_700_000_000.0
SIZE, SECONDS, RETARD_S = 400, 600, 30
PROFILES = load_profiles()
Told = tuple[str, int, bool, float]


@cache
def watched() -> tuple[Scenes, Course, list[Told]]:
    scenes = sprinklers.scenes(20_261_127, SIZE, seconds=SECONDS)
    course = sprinklers.run(scenes, seconds=SECONDS)
    return scenes, course, told(course)


def told(course: Course) -> list[Told]:
    """What the gateway says: rule, scene, raised, seconds since the beginning at which it was said."""
    size = course.flow.shape[1]
    devices = [
        CoreDevice(device_id=f"s{n}", number=n, profile="flow_switch_plain", gateway_id=f"g{n}") for n in range(size)
    ]
    core = Core(PROFILES, devices, "gateway")
    found: list[Told] = []
    for second in range(len(course.flow)):
        now = START + second + 1
        judged = core.update(_readings(course, second, now), now)
        judged += core.tick(now)
        found += [(j.rule, int(j.subject[1:]), j.raised, now - START) for j in judged]
    return found


def _readings(course: Course, second: int, now: float) -> ReadingBatch:
    """A state when it changes, the pressure and the tank every five seconds."""
    size = course.flow.shape[1]
    columns = []
    for name, values in (("water_flow", course.flow), ("pump_running", course.pump), ("valve_open", course.valve)):
        changed = np.ones(size, np.bool_) if second == 0 else values[second] != values[second - 1]
        columns.append((name, np.flatnonzero(changed), values[second].astype(np.float64)))
    if second % 5 == 0:
        everyone = np.arange(size)
        columns += [
            ("water_pressure_kpa", everyone, course.pressure_kpa[second]),
            ("tank_level_pct", everyone, course.tank_pct[second]),
        ]
    device = np.concatenate([who for _, who, _ in columns])
    return ReadingBatch(
        device=device.astype(np.int32),
        signal=np.concatenate([np.full(len(who), BY_NAME[name].number, np.int16) for name, who, _ in columns]),
        element=np.zeros(len(device), np.int8),
        observed_s=np.full(len(device), now),
        received_s=np.full(len(device), now),
        value=np.concatenate([values[who] for _, who, values in columns]),
    )


def at(rule: str, *, raised: bool = True) -> dict[int, float]:
    """Scene to the moment at which a rule was first told."""
    found: dict[int, float] = {}
    for name, scene, is_raised, moment in watched()[2]:
        if (name, is_raised) == (rule, raised):
            found.setdefault(scene, moment)
    return found


def test_a_nominal_sprinkler_passes_eighty_litres_a_minute_at_one_bar() -> None:
    assert float(flow_through(K80, np.array(100.0))) == pytest.approx(80 / 60)
    assert float(flow_through(K80, np.array(400.0))) == pytest.approx(160 / 60), (
        "twice as much at four times the pressure"
    )


def test_an_open_sprinkler_settles_where_what_enters_is_what_leaves() -> None:
    never = np.full(1, NEVER)
    scenes = Scenes(
        seed=1, opened_at=np.zeros(1), leak_at=never, test_from=never, test_to=never, shut_at=never, reopened_at=never,
        surges=np.zeros(1, np.bool_),
    )  # fmt: skip
    course = sprinklers.run(scenes, seconds=120)
    before_pump = int(np.argmax(course.pump)) or 120
    rng = np.random.default_rng([1, 2])
    drawn = {name: float(rng.uniform(low, high, 1)[0]) for name, (low, high) in sprinklers.RANGES.items()}
    by_hand = drawn["main_kpa"] / (1 + (K80 / drawn["inlet_l_s"]) ** 2)
    assert course.pressure_kpa[before_pump - 1, 0] == pytest.approx(by_hand, rel=0.01)


def test_the_same_seed_is_the_same_course() -> None:
    scenes = sprinklers.scenes(7, 20, seconds=300)
    one, other = (sprinklers.run(scenes, seconds=300) for _ in range(2))
    assert np.array_equal(one.pressure_kpa, other.pressure_kpa)
    assert np.array_equal(one.flow, other.flow)


def test_surges_move_the_indicator_and_never_for_as_long_as_the_retard() -> None:
    scenes, course, _ = watched()
    calm = np.isinf(scenes.opened_at) & np.isinf(scenes.test_from)
    lasted = course.moved_s[:, calm]
    assert lasted.max() < RETARD_S
    assert (lasted.max(axis=0) > 0).mean() > 0.5, "there is something to hold back"


def test_every_opened_sprinkler_is_told_within_the_retard_and_three_seconds_of_its_water() -> None:
    """Water stands still at the indicator until the pipe's own pressure has fallen to the main's: up to 3 s more."""
    scenes, course, _ = watched()
    lasting = at("flow_lasts")
    opened = np.flatnonzero(np.isfinite(scenes.opened_at))
    assert len(opened) > 50
    for scene in opened.tolist():
        burst = int(scenes.opened_at[scene])
        flows = burst + int(np.argmax(course.flow[burst:, scene]))
        assert flows + RETARD_S <= lasting[scene] <= flows + RETARD_S + 3
        assert lasting[scene] - scenes.opened_at[scene] <= RETARD_S + 5


def test_nothing_but_an_opening_is_told_as_flow() -> None:
    scenes, _, _ = watched()
    flows = np.isfinite(scenes.opened_at) | np.isfinite(scenes.test_from)
    assert [scene for scene in at("flow_lasts") if not flows[scene]] == []


def test_a_turned_valve_is_told_within_five_seconds_and_only_that() -> None:
    scenes, _, _ = watched()
    shut, again = at("valve_shut"), at("valve_shut", raised=False)
    turned = np.flatnonzero(np.isfinite(scenes.shut_at)).tolist()
    assert sorted(shut) == turned
    assert max(shut[scene] - scenes.shut_at[scene] for scene in turned) <= 5
    assert max(again[scene] - scenes.reopened_at[scene] for scene in turned) <= 2


def test_the_pump_of_an_open_sprinkler_is_never_missed_by_its_flow() -> None:
    assert at("pump_without_flow") == {}
    assert at("pump_fails") == {}
