"""The core against its slow twin: any history, cut into batches anywhere, with time passing in between."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alarms.core import jumps, leakage, overload, signal_watch
from alarms.core.engine import Core, CoreDevice
from alarms.core.judgement import Judgement
from alarms.core.profiles import load_profiles
from ingest.wire.batch import ReadingBatch
from ingest.wire.signals import BY_NAME
from tests.naive import NaiveCore, NaiveSupervision, Told

FAMILY = """
kind = "ambient"
heartbeat_s = 30
en = "Test family"
zh = "测试"

[[rule]]
rule = "t_limit"
type = "limit"
where = "platform"
signal = "temp_c"
kind = "climate"
priority = "low"
elements = 1
subject = "room"
parameters = { limit = 5, hysteresis = 2, on_s = 4, off_s = 3 }
en = "t"
zh = "t"

[[rule]]
rule = "t_low"
type = "limit"
where = "platform"
signal = "temp_c"
kind = "climate"
priority = "low"
parameters = { side = "below", limit = 2, hysteresis = 1 }
en = "t"
zh = "t"

[[rule]]
rule = "t_rate"
type = "rate"
where = "platform"
signal = "temp_c"
kind = "climate"
priority = "low"
parameters = { change = 4, hysteresis = 2, window_s = 8 }
en = "t"
zh = "t"

[[rule]]
rule = "t_fall"
type = "rate"
where = "platform"
signal = "temp_c"
kind = "climate"
priority = "low"
parameters = { side = "below", change = 4, window_s = 16 }
en = "t"
zh = "t"

[[rule]]
rule = "t_open"
type = "duration"
where = "platform"
signal = "contact_open"
kind = "climate"
priority = "low"
parameters = { hold_s = 6 }
en = "t"
zh = "t"

[[rule]]
rule = "t_often"
type = "count"
where = "platform"
signal = "contact_open"
kind = "climate"
priority = "low"
parameters = { count = 3, window_s = 10 }
en = "t"
zh = "t"

[[rule]]
rule = "t_beats"
type = "count"
where = "platform"
signal = "heartbeat"
kind = "climate"
priority = "low"
parameters = { count = 4, window_s = 5 }
en = "t"
zh = "t"

[[rule]]
rule = "t_overload"
type = "overload"
where = "platform"
signal = "humidity_pct"
kind = "climate"
priority = "low"
elements = 1
parameters = { rated = 4, ratio = 1.1, tau_s = 6 }
en = "t"
zh = "t"

[[rule]]
rule = "t_leakage"
type = "leakage"
where = "platform"
signal = "humidity_pct"
kind = "climate"
priority = "low"
parameters = { limit = 5, rise = 2, hysteresis = 1.5, on_s = 1, off_s = 2 }
en = "t"
zh = "t"

[[rule]]
rule = "t_outside"
type = "outside"
where = "platform"
signal = "humidity_pct"
kind = "climate"
priority = "low"
elements = 1
parameters = { low = 1, high = 4, hysteresis = 0.5, on_s = 2, off_s = 1 }
en = "t"
zh = "t"

[[rule]]
rule = "t_frozen"
type = "frozen"
where = "platform"
signal = "humidity_pct"
kind = "fault"
priority = "low"
parameters = { still_s = 60 }
en = "t"
zh = "t"

[[rule]]
rule = "t_broken"
type = "implausible"
where = "platform"
signal = "temp_c"
kind = "fault"
priority = "low"
parameters = { jump = 3, within_s = 4, count = 2, window_s = 9, low = 0.5, high = 6 }
en = "t"
zh = "t"
"""

START = 1_700_000_000.0
SIGNALS = [BY_NAME[name].number for name in ("temp_c", "contact_open", "heartbeat", "humidity_pct")]

rows = st.tuples(
    st.sampled_from([1, 1, 1, 2, 3, 4]),  # a device; 4 is in no registry
    st.sampled_from(SIGNALS),
    st.sampled_from([0, 0, 0, 1, 2]),
    st.sampled_from([0.0, 0.0, 0.0, 0.5, 1.0, 2.0, 7.0, 8.5, -1.0]),  # how far its clock is behind ours
    st.sampled_from([0.0, 1.0, 2.0, 3.0, 4.5, 5.0, 6.0, 9.0, float("nan")]),
)
moves = st.one_of(
    st.tuples(st.just("wait"), st.sampled_from([0.0, 0.5, 1.0, 1.0, 3.0, 4.0, 11.0])),
    st.tuples(st.just("rows"), st.lists(rows, min_size=2, max_size=12)),
)


@pytest.fixture(autouse=True, scope="module")
def _short_days():
    """What takes days or many samples takes seconds, so that a history holds all of it."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(leakage, "LEARN_S", 12.0)
        patched.setattr(leakage, "_FIRST_S", 2.0)
        patched.setattr(leakage, "GAP_S", 8.0)
        patched.setattr(overload, "GAP_S", 8.0)
        patched.setattr(jumps, "STAYS_S", 4.0)
        yield


@cache
def profiles_with_family(directory: Path):
    directory.mkdir(exist_ok=True)
    (directory / "test_family.toml").write_text(FAMILY, "utf-8")
    return load_profiles(directory)


def devices() -> list[CoreDevice]:
    return [
        CoreDevice(device_id="d1", number=1, profile="test_family", gateway_id="g", room_id="r"),
        CoreDevice(device_id="d2", number=2, profile="test_family", gateway_id="g", room_id="r"),
        CoreDevice(device_id="d3", number=3, profile="test_family", thresholds={"t_limit": {"on_s": 0, "limit": 6}}),
    ]


def batch_of(found: list[tuple[int, int, int, float, float, float]]) -> ReadingBatch:
    device, signal, element, observed, received, value = zip(*found, strict=True)
    return ReadingBatch(
        device=np.array(device, np.int32),
        signal=np.array(signal, np.int16),
        element=np.array(element, np.int8),
        observed_s=np.array(observed, np.float64),
        received_s=np.array(received, np.float64),
        value=np.array(value, np.float64),
    )


def told(judgements: list[Judgement]) -> list[Told]:
    return [(j.rule, j.subject, j.raised, j.at_s) for j in judgements if j.rule.startswith("t_")]


@settings(max_examples=50, deadline=None)
@given(history=st.lists(moves, min_size=10, max_size=30), part=st.sampled_from([2, 5, 1000]))
def test_core_is_its_twin_and_one_batch_of_n_is_n_batches_of_one(tmp_path_factory, history, part) -> None:
    profiles = profiles_with_family(tmp_path_factory.getbasetemp() / "family")
    whole, single = (Core(profiles, devices(), "platform") for _ in range(2))
    twin = NaiveCore(profiles, devices(), "platform")
    now = START
    for kind, content in history:
        if kind == "wait":
            now += content
            expected = sorted(twin.tick(now))
            assert sorted(told(whole.tick(now))) == expected
            assert sorted(told(single.tick(now))) == expected
            continue
        readings = [
            (number, signal, element, now - behind, now, value) for number, signal, element, behind, value in content
        ]
        expected = [each for reading in readings for each in twin.take(reading)]
        with patch.object(signal_watch, "_PART", part):
            assert told(whole.update(batch_of(readings), now)) == expected
        assert [each for reading in readings for each in told(single.update(batch_of([reading]), now))] == expected


@settings(max_examples=40, deadline=None)
@given(history=st.lists(moves, min_size=10, max_size=30), cut=st.integers(0, 25))
def test_a_core_saved_and_restored_anywhere_goes_on_as_if_nothing_had_happened(tmp_path_factory, history, cut) -> None:
    profiles = profiles_with_family(tmp_path_factory.getbasetemp() / "family")
    steady, moved = (Core(profiles, devices(), "platform") for _ in range(2))
    now = START
    for place, (kind, content) in enumerate(history):
        if place == cut:
            saved = moved.state()
            moved = Core(profiles, list(reversed(devices())), "platform")
            assert moved.restore(saved, now) == []
        if kind == "wait":
            now += content
            assert sorted(told(moved.tick(now))) == sorted(told(steady.tick(now)))
            continue
        batch = batch_of([(n, s, e, now - behind, now, value) for n, s, e, behind, value in content])
        assert told(moved.update(batch, now)) == told(steady.update(batch, now))


@settings(max_examples=40, deadline=None)
@given(
    history=st.lists(moves, min_size=10, max_size=30),
    cut=st.integers(0, 25),
    by_s=st.sampled_from([-7200.0, -3600.0, 3600.0, 86_400.0]),
)
def test_a_core_whose_clock_is_set_judges_as_if_it_had_not_been(tmp_path_factory, history, cut, by_s) -> None:
    profiles = profiles_with_family(tmp_path_factory.getbasetemp() / "family")
    steady, moved = (Core(profiles, devices(), "platform") for _ in range(2))
    now, off_s = START, 0.0
    for place, (kind, content) in enumerate(history):
        if place == cut:
            moved.clock_set(by_s)
            now, off_s = now + 0.5, by_s
        if kind == "wait":
            now += content
            expected, found = steady.tick(now), moved.tick(now + off_s)
        else:
            said = [(n, s, e, now, now, value) for n, s, e, _, value in content]
            expected = steady.update(batch_of(said), now)
            said = [(n, s, e, at + off_s, received + off_s, value) for n, s, e, at, received, value in said]
            found = moved.update(batch_of(said), now + off_s)
        assert [(j.rule, j.subject, j.raised) for j in found] == [(j.rule, j.subject, j.raised) for j in expected]


@settings(max_examples=45, deadline=None)
@given(
    history=st.lists(
        st.one_of(
            st.tuples(st.just("wait"), st.sampled_from([1.0, 5.0, 10.0, 40.0, 100.0])),
            st.tuples(st.just("hear"), st.sampled_from([1, 2, 3])),
        ),
        max_size=40,
    )
)
def test_supervision_is_its_twin(tmp_path_factory, history) -> None:
    profiles = profiles_with_family(tmp_path_factory.getbasetemp() / "family")
    beats = {1: 30.0, 2: 40.0, 3: 300.0}
    core = Core(
        profiles,
        [
            CoreDevice(
                device_id=f"d{number}",
                number=number,
                profile="test_family",
                gateway_id="g",
                thresholds={"device_silent": {"heartbeat_s": beat, "missed": 3}},
            )
            for number, beat in beats.items()
        ],
        "platform",
    )
    now = START
    core.tick(now)
    twin = NaiveSupervision({number: (beat, 3 * beat) for number, beat in beats.items()}, start=now)
    for kind, content in history:
        if kind == "wait":
            now += content
            expected, found = twin.tick(now), core.tick(now)
        else:
            expected = twin.hear(content, now)
            found = core.update(batch_of([(content, SIGNALS[3], 0, now, now, 50.0)]), now)
        names = {None: ("gateway_silent", "gateway:g"), **{n: ("device_silent", f"d{n}") for n in beats}}
        silences = [(j.rule, j.subject, j.raised, j.at_s) for j in found if not j.rule.startswith("t_")]
        assert silences == [(*names[who], raised, when) for who, raised, when in expected]
