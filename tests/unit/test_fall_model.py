"""The learned judgement of falls: its file, what it does not depend on, and the simulator's wearers."""

from __future__ import annotations

import io
from dataclasses import replace
from importlib.resources import files

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alarms.core.errors import ModelError
from alarms.core.falls import Fall
from alarms.core.motion.cost import cost
from alarms.core.motion.features import LENGTH, channels_of, measures
from alarms.core.motion.frames import COLUMNS
from alarms.core.motion.model import FallModel, Head, decode, encode, shipped
from alarms.core.motion.sensitivity import Sensitivity
from firmware_sim.firmware.wearable import G_UP, Posture, Wearable, simulated_fall
from ingest.wire import motion
from ingest.wire.fall_stage import Stage
from ingest.wire.motion import Placement
from tests.unit.test_sim_firmware import NOW, parts
from tests.worn import START, falls_of, window

WORN = (Placement.WAIST, Placement.NECK, Placement.POCKET)
SHIPPED = files("alarms.core.motion").joinpath("falls.npz").read_bytes()
NORMAL = np.array([[shipped().limit(placement, Sensitivity.NORMAL) for placement in Placement]])


def windows_of_frames(count: int) -> np.ndarray:
    found = np.random.default_rng(4).normal(0, 1, (count, LENGTH, COLUMNS)).astype(np.float32)
    found[..., 3:] = np.abs(found[..., 3:])
    return found


def turned(seed: int) -> np.ndarray:
    """Another orientation of the device: a random rotation, shape (3, 3)."""
    found = np.linalg.qr(np.random.default_rng(seed).normal(size=(3, 3)))[0]
    found[:, 0] *= np.linalg.det(found)
    return found


def a_fall(seed: int, rate_hz: float) -> np.ndarray:
    upright = np.tile(G_UP, (round(3 * rate_hz), 1))
    return np.concatenate([upright, simulated_fall(np.random.default_rng(seed), rate_hz)])


def told(accel_g: np.ndarray, rate_hz: float, placement: Placement) -> list[Fall]:
    falls = falls_of(limits=NORMAL, model=shipped())
    return falls.update([(0, window(accel_g, START, rate_hz, placement=placement))], START + 60)


# the file


def test_a_model_is_read_as_it_was_written() -> None:
    again = decode(encode(shipped()))
    assert encode(again) == encode(shipped())
    assert (again.facts, again.trained_on) == (shipped().facts, shipped().trained_on)
    windows, placement = windows_of_frames(40), np.resize(np.array(list(Placement), np.int8), 40)
    np.testing.assert_array_equal(again.logits(windows, placement), shipped().logits(windows, placement))


def test_our_weights_are_small_and_name_the_people_they_are_from() -> None:
    assert len(SHIPPED) <= 2 * 2**20
    people = shipped().trained_on
    assert len(people) > 50
    assert all(person.count("/") == 1 for person in people)
    assert FallModel(kernels=shipped().kernels, heads=shipped().heads).trained_on == frozenset()


def foreign() -> bytes:
    target = io.BytesIO()
    np.savez(target, version=np.array(1), other=np.zeros(3))
    return target.getvalue()


def of_version(version: int) -> bytes:
    with np.load(io.BytesIO(SHIPPED)) as archive:
        arrays = {**archive, "version": np.array(version)}
    target = io.BytesIO()
    np.savez(target, **arrays)
    return target.getvalue()


def plain_array() -> bytes:
    target = io.BytesIO()
    np.save(target, np.zeros(3))
    return target.getvalue()


@pytest.mark.parametrize("data", [b"", b"weights", SHIPPED[:100], SHIPPED[:-30], foreign(), plain_array()])
def test_what_is_no_model_is_called_so(data: bytes) -> None:
    with pytest.raises(ModelError, match="no weights of the fall detector"):
        decode(data)


def test_a_model_of_another_version_is_refused_by_its_number() -> None:
    with pytest.raises(ModelError, match="of version 2, this is version 1"):
        decode(of_version(2))


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.integers(0, len(SHIPPED) - 1), st.integers(0, 255)), min_size=1, max_size=4))
def test_damage_is_a_model_error_or_harmless(changes: list[tuple[int, int]]) -> None:
    data = bytearray(SHIPPED)
    for place, value in changes:
        data[place] = value
    try:
        found = decode(bytes(data))
    except ModelError:
        return
    assert encode(found) == encode(shipped())


# what it does not depend on


def without_gate(placement: Placement) -> Head:
    head = shipped().heads[placement]
    return replace(head, gate=replace(head.gate, bias=head.gate.bias + 1e6))


def test_a_judgement_does_not_depend_on_who_else_is_judged() -> None:
    windows, placement = windows_of_frames(25), np.resize(np.array(list(Placement), np.int8), 25)
    windows[::2, :50, :3] = [0, 1, 0]
    model = replace(shipped(), heads={place: without_gate(place) for place in Placement})
    together = model.logits(windows, placement)
    alone = [model.logits(windows[n : n + 1], placement[n : n + 1])[0] for n in range(25)]
    assert np.isfinite(together).all()
    np.testing.assert_array_equal(together, alone)


def test_what_kernels_read_does_not_depend_on_the_orientation() -> None:
    windows = windows_of_frames(10)
    other = windows.copy()
    other[..., :3] = windows[..., :3] @ turned(1).astype(np.float32)
    rows = np.arange(10)
    one, two = (channels_of(each).stacked_of(rows) for each in (windows, other))
    np.testing.assert_allclose(one, two, atol=1e-4)


@pytest.mark.parametrize("placement", list(Placement))
def test_however_the_device_is_turned_a_fall_looks_nearly_the_same(placement: Placement) -> None:
    accel_g = a_fall(1, 50.0)
    logits = [told(accel_g @ turned(seed), 50.0, placement)[0].logit for seed in range(8)]
    assert np.ptp(logits) < 0.15


@pytest.mark.parametrize("placement", WORN)
def test_the_rate_hardly_matters(placement: Placement) -> None:
    accel_g = a_fall(1, 200.0)
    logits = [told(accel_g[::step], 200.0 / step, placement)[0].logit for step in (1, 2, 4, 8, 10)]
    assert np.ptp(logits) < 1.5


# the simulator's wearers


@pytest.mark.parametrize("placement", WORN)
def test_every_simulated_fall_is_suspected_and_confirmed(placement: Placement) -> None:
    for seed in range(30):
        stages = [fall.stage for fall in told(a_fall(seed, 50.0), 50.0, placement)]
        assert stages == [Stage.SUSPECTED, Stage.CONFIRMED], seed


@pytest.mark.parametrize("placement", list(Placement))
def test_ten_minutes_of_lying_sitting_and_walking_raise_nothing(placement: Placement) -> None:
    limits = [[shipped().limit(place, Sensitivity.HIGH) for place in Placement]]
    falls = falls_of(limits=np.array(limits), model=shipped())
    clock, radio = parts()
    belt = Wearable(name="belt", clock=clock, rng=radio.rng, placement=placement)
    belt.boot(NOW)
    for number in range(300):
        belt.posture = list(Posture)[number // 8 % 3]
        now_s = belt.next_at
        (message,) = belt.step(now_s)
        assert falls.update([(0, motion.decode(message.payload))], clock.reads(now_s)) == []
    assert falls.frames.filled[0] == 12_000


# what a sensitivity costs


@pytest.mark.parametrize("placement", list(Placement))
def test_a_higher_sensitivity_costs_more_and_misses_no_more(placement: Placement) -> None:
    low, normal, high = (cost(placement, each) for each in Sensitivity)
    assert 0 < low.false_per_week <= normal.false_per_week <= high.false_per_week
    assert 0 < low.detected <= normal.detected <= high.detected <= 1
    limits = [shipped().limit(placement, each) for each in Sensitivity]
    assert limits == sorted(limits, reverse=True)


def test_measures_are_finite_for_frames_of_nothing() -> None:
    assert np.isfinite(measures(channels_of(np.zeros((2, LENGTH, COLUMNS), np.float32)))).all()
