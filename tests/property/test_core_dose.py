"""Doses of carbon monoxide: any history against the slow twin, saved and restored anywhere."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alarms.core.engine import Core, CoreDevice
from alarms.core.judgement import Judgement
from alarms.core.profiles import load_profiles
from ingest.wire.signals import BY_NAME
from tests.naive_dose import NaiveDose
from tests.property.test_core_twins import batch_of

PROFILES = load_profiles()
RULES = {"co_dose": 1.0, "co_builds_up": 0.33}
CURVE = [(30, 10_800), (50, 4_400), (100, 1_200), (300, 120)]
CO = BY_NAME["co_ppm"].number
START = 1_700_000_000.0

rows = st.tuples(
    st.sampled_from([1, 1, 2, 7]),  # a device; 7 is in no registry
    st.sampled_from([0.0, 0.0, 0.0, 3.0, 20.0]),  # how far its clock is behind ours
    st.sampled_from([0.0, 24.0, 26.0, 30.0, 45.0, 100.0, 180.0, 300.0, 900.0, float("nan")]),
)
moves = st.one_of(
    st.tuples(st.just("wait"), st.sampled_from([1.0, 30.0, 61.0, 400.0, 4000.0, 40_000.0])),
    st.tuples(st.just("rows"), st.lists(rows, min_size=1, max_size=6)),
)
histories = st.lists(moves, min_size=6, max_size=40)

Told = tuple[str, str, bool]


def devices() -> list[CoreDevice]:
    return [CoreDevice(device_id=f"d{number}", number=number, profile="co_alarm") for number in (1, 2)]


def told(judgements: list[Judgement]) -> list[tuple[Told, float]]:
    return sorted(((j.rule, j.subject, j.raised), j.at_s) for j in judgements if j.rule in RULES)


def same(found: list[tuple[Told, float]], expected: list[tuple[Told, float]]) -> None:
    """Alike but for the last digits of a sum."""
    assert [what for what, _ in found] == [what for what, _ in expected]
    assert [at for _, at in found] == pytest.approx([at for _, at in expected], abs=1e-3)


class Twins:
    """Every device's doses."""

    def __init__(self) -> None:
        self.doses = {
            (rule, number): NaiveDose(CURVE, share, half_life=19_200, clear=25, off=60)
            for rule, share in RULES.items()
            for number in (1, 2)
        }
        self.seen = dict.fromkeys((1, 2), -math.inf)

    def take(self, number: int, at: float, now: float, value: float) -> list[tuple[Told, float]]:
        if math.isnan(value) or at < self.seen.get(number, math.inf):
            return []
        self.seen[number] = at
        return self._all(lambda dose: dose.take(at, now, value), number)

    def tick(self, now: float) -> list[tuple[Told, float]]:
        return self._all(lambda dose: dose.tick(now), 1, 2)

    def _all(self, judge, *numbers: int) -> list[tuple[Told, float]]:
        return [
            ((rule, f"d{number}", raised), at)
            for (rule, number), dose in self.doses.items()
            if number in numbers
            for raised, at in judge(dose)
        ]


@settings(max_examples=80, deadline=None)
@given(history=histories)
def test_doses_are_their_twins_and_one_batch_of_n_is_n_batches_of_one(history) -> None:
    whole, single = (Core(PROFILES, devices(), "gateway") for _ in range(2))
    twins, now = Twins(), START
    for kind, content in history:
        if kind == "wait":
            now += content
            expected = sorted(twins.tick(now))
            same(told(whole.tick(now)), expected)
            same(told(single.tick(now)), expected)
            continue
        said = [(number, CO, 0, now - behind, now, value) for number, behind, value in content]
        expected = sorted(found for number, _, _, at, _, value in said for found in twins.take(number, at, now, value))
        one_by_one = [found for row in said for found in told(single.update(batch_of([row]), now))]
        assert told(whole.update(batch_of(said), now)) == sorted(one_by_one)
        same(sorted(one_by_one), expected)


@settings(max_examples=50, deadline=None)
@given(history=histories, cut=st.integers(0, 30), by_s=st.sampled_from([0.0, -3600.0, 7200.0]))
def test_doses_go_on_over_a_restart_and_a_clock_that_is_set(history, cut, by_s) -> None:
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
            said = [(number, CO, 0, now, now, value) for number, _, value in content]
            expected = steady.update(batch_of(said), now)
            said = [(n, s, e, at + off_s, received + off_s, value) for n, s, e, at, received, value in said]
            found = moved.update(batch_of(said), now + off_s)
        same([(what, at - off_s) for what, at in told(found)], told(expected))
