"""A cooker in homes that people leave: one batch of n rows gives what n batches of one row give, saved and restored."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from alarms.core.engine import Core
from alarms.core.home import Home
from alarms.core.judgement import Judgement
from alarms.core.profiles import load_profiles
from ingest.wire.signals import BY_NAME
from tests.property.test_core_twins import batch_of
from tests.unit.test_core_stories import device

PROFILES = load_profiles()
START = 1_772_338_000.0
SAYS = ("power_w", "contact_open", "motion", "contact_open")

rows = st.tuples(
    st.sampled_from([1, 1, 2, 2, 2, 3, 4, 11, 12, 13]),  # ten and more: the same in another home
    st.sampled_from([0.0, 0.0, 0.0, 2.0, 40.0]),  # how far its clock is behind ours
    st.sampled_from([0.0, 0.0, 1.0]),
)
moves = st.one_of(
    st.tuples(st.just("wait"), st.sampled_from([1.0, 59.0, 61.0, 130.0])),
    st.tuples(st.just("rows"), st.lists(rows, min_size=1, max_size=8)),
)


def devices() -> list:
    profiles = ("cooker", "entrance_door", "motion_sensor", "door_contact")
    short = {"cooker_left_on": {"empty_s": 120.0}}
    return [
        device(f"{home}{place}", 10 * row + place, profile, home=Home(home_id=home), thresholds=short)
        for row, home in enumerate(("a", "b"))
        for place, profile in enumerate(profiles, 1)
    ]


def row_of(said: tuple[int, float, float], now: float) -> tuple[int, int, int, float, float, float]:
    number, behind_s, value = said
    signal = SAYS[number % 10 - 1]
    return number, BY_NAME[signal].number, 0, now - behind_s, now, value * (1000 if signal == "power_w" else 1)


def told(judgements: list[Judgement]) -> list[tuple[str, bool, float]]:
    return [(j.subject, j.raised, j.at_s) for j in judgements if j.rule == "cooker_left_on"]


@settings(max_examples=80, deadline=None)
@given(st.lists(moves, min_size=5, max_size=40), st.integers(0, 40))
def test_batches_and_restarts_change_nothing(history: list, restart_at: int) -> None:
    whole, single, restarted = (Core(PROFILES, devices(), "platform") for _ in range(3))
    now = START
    for step, (what, more) in enumerate(history):
        if step == restart_at:
            again = Core(PROFILES, devices(), "platform")
            assert told(again.restore(restarted.state(), now, live=True)) == []
            restarted = again
        if what == "wait":
            now += more
            found = [told(core.tick(now)) for core in (whole, single, restarted)]
        else:
            listed = [row_of(one, now) for one in more]
            one_by_one = [judged for row in listed for judged in single.update(batch_of([row]), now)]
            found = [told(core.update(batch_of(listed), now)) for core in (whole, restarted)]
            found.append(told(one_by_one))
        assert found[0] == found[1] == found[2]
