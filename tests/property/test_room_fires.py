"""Rooms of detectors against their slow twin: any history, cut into batches anywhere, saved and restored anywhere."""

from __future__ import annotations

from importlib.resources import files
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alarms.core.engine import Core, CoreDevice, Judgement
from alarms.core.fire.fires import Fires, Rooms
from alarms.core.fire.model import FIRES, Judge, decode
from alarms.core.fire.smoke import Smoke
from alarms.core.profiles import load_profiles
from ingest.wire.batch import ReadingBatch
from ingest.wire.signals import BY_NAME
from tests.naive_room import SIGNALS, NaiveRoom

PROFILES = load_profiles()
MODEL = decode(files("alarms.core.fire").joinpath("fires.json").read_bytes())
START = 1_774_740_000.0
SOON = {"smoke_soiled": {"hold_s": 60, "share": 0.1}, "smoke_untrusted": {"hold_s": 60}}
DEVICES = [
    CoreDevice(device_id="d1", number=1, profile="smoke_alarm", room_id="bedroom", thresholds=SOON),
    CoreDevice(device_id="d2", number=2, profile="heat_alarm", room_id="bedroom"),
    CoreDevice(device_id="d3", number=3, profile="smoke_alarm", room_id="kitchen", room_use="kitchen"),
    CoreDevice(device_id="d4", number=4, profile="co_alarm", room_id=None),
]
VALUES = {
    "obscuration_db_m": [0.0, 0.02, 0.1, 0.3, 0.6, 3.0],
    "temp_c": [20.0, 21.0, 24.0, 35.0, 60.0],
    "co_ppm": [0.0, 3.0, 12.0, 60.0, 400.0],
    "humidity_pct": [40.0, 50.0, 95.0],
}

said = st.sampled_from(SIGNALS).flatmap(
    lambda signal: st.tuples(
        st.integers(1, 4),
        st.just(signal),
        st.sampled_from([0.0, 1.0, 1.0, 2.0, 5.0, 30.0, 200.0, 20_000.0]),  # later than the one before
        st.sampled_from([*VALUES[signal], float("nan")]),
    )
)
histories = st.lists(said, min_size=5, max_size=60)


def batch_of(rows: list[tuple[int, str, float, float]]) -> ReadingBatch:
    number, signal, at_s, value = zip(*rows, strict=True)
    return ReadingBatch(
        device=np.array(number, np.int32),
        signal=np.array([BY_NAME[name].number for name in signal], np.int16),
        element=np.zeros(len(rows), np.int8),
        observed_s=np.array(at_s),
        received_s=np.array(at_s),
        value=np.array(value),
    )


def told(judgements: list[Judgement]) -> list[tuple[str, str, bool, float]]:
    wanted = ("room_fire", "smoke_dense", "smoke_soiled", "smoke_untrusted")
    return [(one.rule, one.subject, one.raised, one.at_s) for one in judgements if one.rule in wanted]


@settings(max_examples=60, deadline=None)
@given(history=histories, cuts=st.sets(st.integers(1, 59)), saves=st.sets(st.integers(1, 59), max_size=3))
def test_one_batch_of_n_is_n_batches_of_one_also_over_restarts(history, cuts, saves) -> None:
    rows, at_s = [], START
    for number, signal, later_s, value in history:
        at_s += later_s
        rows.append((number, signal, at_s, value))
    whole = told(Core(PROFILES, DEVICES, "gateway").update(batch_of(rows), at_s))
    core, found = Core(PROFILES, DEVICES, "gateway"), []
    edges = sorted({0, len(rows), *(cut for cut in cuts if cut < len(rows))})
    for begin, end in pairwise(edges):
        found += told(core.update(batch_of(rows[begin:end]), rows[end - 1][2]))
        if saves & set(range(begin, end)):
            saved, core = core.state(), Core(PROFILES, DEVICES, "gateway")
            found += told(core.restore(saved, rows[end - 1][2]))
    assert found == whole


@settings(max_examples=60, deadline=None)
@given(history=histories, cloudy=st.booleans())
def test_a_room_looks_to_the_core_as_it_does_to_its_twin(history, cloudy: bool) -> None:
    judge, places = Judge(MODEL), [(number, signal) for number in range(1, 5) for signal in SIGNALS]
    one_room = Rooms.of(1, np.zeros(len(places), np.int64), np.tile(np.arange(len(SIGNALS)), 4))
    never = Smoke(limit=np.full(4, np.inf), **dict.fromkeys(("clear", "on_s", "cloudy_on_s", "off_s"), np.zeros(4)))
    fires = Fires(
        rooms=one_room,
        judge=judge,
        limit=np.array([3.0]),
        hold_s=np.array([0.0]),
        cloudy=np.array([cloudy]),
        smoke=never,
    )
    twin, at_s, was = NaiveRoom(MODEL, cloudy), START, False
    for number, signal, later_s, value in history:
        at_s += later_s
        if value != value:
            continue
        looks = twin.take(number, signal, at_s, value)
        row = np.array([places.index((number, signal))])
        fires.update(row, np.array([at_s]), np.array([at_s]), np.array([value]))
        if looks is None:
            assert not fires.shares.any()
            continue
        assert fires.shares[0] == pytest.approx([looks[look] for look in judge.looks], abs=1e-5)
        fire = sum(looks[look] for look in FIRES)
        if not was and abs(np.log(max(fire, 1e-12) / max(1 - fire, 1e-12)) - 3.0) > 1e-3:
            assert bool(fires.latch.raised[0]) == bool(fire > 1 / (1 + np.exp(-3.0)))
        was = bool(fires.latch.raised[0])
