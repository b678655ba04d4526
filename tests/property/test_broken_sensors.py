"""Sensors that leap, against their slow twin: any course, cut into batches and saved and restored anywhere."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alarms.core import jumps
from alarms.core.engine import Core, CoreDevice
from alarms.core.judgement import Judgement
from alarms.core.profiles import load_profiles
from ingest.wire.signals import BY_NAME
from tests.naive import NaiveCore, Told
from tests.property.test_core_twins import batch_of

PROFILES = load_profiles()
START = 1_700_000_000.0
TEMPERATURE = BY_NAME["temp_c"].number
DEVICES = [
    CoreDevice(
        device_id=f"d{number}",
        number=number,
        profile="heat_alarm",
        thresholds={"temp_implausible": {"count": 2, "window_s": 20}, "heat_rise": {"window_s": 40}},
    )
    for number in (1, 2)
]

said = st.tuples(
    st.sampled_from([1, 1, 1, 2]),
    st.sampled_from([0.0, 0.5, 1.0, 1.0, 1.0, 2.0, 3.0, 15.0]),  # later than the one before
    st.sampled_from([20.0, 22.0, 30.0, 45.0, 58.0, 60.0, 75.0, 1200.0]),
)
courses = st.lists(said, min_size=8, max_size=80)


@pytest.fixture(autouse=True, scope="module")
def _soon():
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(jumps, "STAYS_S", 4.0)
        yield


def told(judgements: list[Judgement]) -> list[Told]:
    return [(one.rule, one.subject, one.raised, one.at_s) for one in judgements if one.rule != "room_fire"]


@settings(max_examples=150, deadline=None)
@given(course=courses, cuts=st.sets(st.integers(1, 79)), saves=st.sets(st.integers(1, 79), max_size=3))
def test_broken_sensors_are_their_twins_over_any_cut_and_restart(course, cuts, saves) -> None:
    rows, at_s = [], START
    for number, later_s, value in course:
        at_s += later_s
        rows.append((number, TEMPERATURE, 0, at_s, at_s, value))
    twin = NaiveCore(PROFILES, DEVICES, "gateway")
    expected = [one for row in rows for one in twin.take(row)]
    assert told(Core(PROFILES, DEVICES, "gateway").update(batch_of(rows), at_s)) == expected
    core, found = Core(PROFILES, DEVICES, "gateway"), []
    for begin, end in pairwise(sorted({0, len(rows), *(cut for cut in cuts if cut < len(rows))})):
        found += told(core.update(batch_of(rows[begin:end]), rows[end - 1][4]))
        if saves & set(range(begin, end)):
            saved, core = core.state(), Core(PROFILES, DEVICES, "gateway")
            assert core.restore(saved, rows[end - 1][4]) == []
    assert found == expected
