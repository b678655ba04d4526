"""A pump without water, low pressure without a pump: any history against the slow twin, saved and restored anywhere."""

from __future__ import annotations

import math

from hypothesis import given, settings
from hypothesis import strategies as st

from alarms.core.engine import Core, CoreDevice
from alarms.core.judgement import Judgement
from alarms.core.profiles import load_profiles
from ingest.wire.signals import BY_NAME
from tests.naive import Told
from tests.naive_pairs import NaiveGroup, NaivePair
from tests.property.test_core_twins import batch_of

PROFILES = load_profiles()
RULES = ("pump_fails", "pump_without_flow")
START = 1_700_000_000.0
PLACES = {
    1: ("fire_pump", "east"),
    2: ("flow_switch", "east"),
    3: ("flow_switch_plain", "east"),
    4: ("fire_pump", "west"),
}
SAID = [
    *[(1, "pump_running")] * 3, *[(1, "water_pressure_kpa")] * 3, *[(2, "water_flow")] * 2, (3, "water_flow"),
    (2, "pump_running"), (3, "water_pressure_kpa"), (4, "pump_running"), (4, "water_flow"), (9, "pump_running"),
]  # fmt: skip

rows = st.tuples(
    st.sampled_from(SAID),
    st.sampled_from([0.0, 0.0, 0.0, 3.0, 20.0]),  # how far its clock is behind ours
    st.sampled_from([0.0, 1.0, 1.0, 170.0, 260.0, float("nan")]),
)
moves = st.one_of(
    st.tuples(st.just("wait"), st.sampled_from([0.5, 5.0, 20.0, 31.0, 61.0])),
    st.tuples(st.just("rows"), st.lists(rows, min_size=1, max_size=8)),
)
histories = st.lists(moves, min_size=8, max_size=40)


def devices() -> list[CoreDevice]:
    return [
        CoreDevice(device_id=f"d{number}", number=number, profile=profile, gateway_id=gateway)
        for number, (profile, gateway) in PLACES.items()
    ]


class Twin:
    """Both gateways' groups, told as the core tells them."""

    def __init__(self) -> None:
        self.groups = {
            gateway: NaiveGroup(
                [
                    pair
                    for number, (_, where) in PLACES.items()
                    if where == gateway
                    for pair in (
                        NaivePair(number, "water_pressure_kpa", "pump_running", 30.0, 150.0, 50.0, below=True),
                        NaivePair(number, "pump_running", "water_flow", 60.0),
                    )
                ]
            )
            for gateway in ("east", "west")
        }

    def take(self, number: int, signal: str, at: float, now: float, value: float) -> list[Told]:
        if number not in PLACES or math.isnan(value):
            return []
        return self._told(self.groups[PLACES[number][1]].take(number, signal, at, now, value))

    def tick(self, now: float) -> list[Told]:
        return [told for group in self.groups.values() for told in self._told(group.tick(now))]

    def _told(self, found: list[tuple[NaivePair, bool, float]]) -> list[Told]:
        return [(RULES[pair.other == "water_flow"], f"d{pair.device}", raised, when) for pair, raised, when in found]


def told(judgements: list[Judgement]) -> list[Told]:
    return [(j.rule, j.subject, j.raised, j.at_s) for j in judgements if j.rule in RULES]


def readings(content, now: float):
    return [(n, BY_NAME[name].number, 0, now - behind, now, value) for (n, name), behind, value in content]


@settings(max_examples=50, deadline=None)
@given(history=histories)
def test_pairs_are_their_twin_and_one_batch_of_n_is_n_batches_of_one(history) -> None:
    whole, single = (Core(PROFILES, devices(), "gateway") for _ in range(2))
    twin, now = Twin(), START
    for kind, content in history:
        if kind == "wait":
            now += content
            expected = sorted(twin.tick(now))
            assert sorted(told(whole.tick(now))) == sorted(told(single.tick(now))) == expected
            continue
        said = readings(content, now)
        each = [twin.take(n, name, now - behind, now, value) for (n, name), behind, value in content]
        one_by_one = [sorted(told(single.update(batch_of([row]), now))) for row in said]
        assert one_by_one == [sorted(one) for one in each]
        assert sorted(told(whole.update(batch_of(said), now))) == sorted(found for one in each for found in one)


@settings(max_examples=40, deadline=None)
@given(history=histories, cut=st.integers(0, 30), by_s=st.sampled_from([0.0, -3600.0, 7200.0]))
def test_pairs_go_on_over_a_restart_and_a_clock_that_is_set(history, cut, by_s) -> None:
    steady, moved = (Core(PROFILES, devices(), "gateway") for _ in range(2))
    now, off_s = START, 0.0
    for place, (kind, content) in enumerate(history):
        if place == cut:
            saved = moved.state()
            moved = Core(PROFILES, list(reversed(devices())), "gateway")
            now, off_s = now + 30, by_s
            assert moved.restore(saved, now + by_s, set_by_s=by_s) == []
        if kind == "wait":
            now += content
            expected, found = steady.tick(now), moved.tick(now + off_s)
        else:
            said = readings([(what, 0.0, value) for what, _, value in content], now)
            expected = steady.update(batch_of(said), now)
            said = [(n, s, e, at + off_s, received + off_s, value) for n, s, e, at, received, value in said]
            found = moved.update(batch_of(said), now + off_s)
        assert sorted(told(found)) == sorted((r, s, up, at + off_s) for r, s, up, at in told(expected))
