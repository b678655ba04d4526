"""Fitting the fall detector's weights: one best fit, examples that it would see, the same for the same seed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from alarms.core.motion.features import LENGTH
from alarms.core.motion.frames import COLUMNS, PEAK
from alarms.core.motion.model import CLIP, FallModel, decode, encode
from alarms.core.motion.sensitivity import Sensitivity
from console.cli.main import anxin
from evaluation.errors import NothingToMeasureError
from evaluation.falls import training
from evaluation.falls.examples import collect
from evaluation.falls.logistic import fit
from evaluation.falls.run import Chosen, open_folder
from firmware_sim.recordings.trial import Group, Recording, Trial
from ingest.wire.motion import Placement
from tests.fall_recordings import SCALE_G, fallen, still, write_sets

FEW = 12


@pytest.fixture
def sets(tmp_path: Path) -> Path:
    write_sets(tmp_path / "data")
    return tmp_path / "data"


@pytest.fixture
def few_kernels(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(training, "KERNELS", FEW)


def recordings_of(folder: Path) -> Chosen:
    return Chosen(open_folder(folder), lambda _: True)


def recording(
    accel_g: np.ndarray, rate_hz: float, *, number: int = 1, fall: bool = False, **facts: object
) -> Recording:
    known: dict[str, object] = {
        "row": 0, "dataset": "some", "subject": f"P{number}", "code": "F01" if fall else "D01", "trial": 1,
        "position": "waist", "group": Group.YOUNG, "interval_s": None,
    }  # fmt: skip
    trial = Trial(fall=fall, rate_hz=rate_hz, samples=len(accel_g), **(known | facts))  # type: ignore[arg-type]
    return Recording(trial=trial, scale_g=SCALE_G, counts=np.round(accel_g / SCALE_G).astype(np.int16))


# the fit


def descended(x: np.ndarray, is_fall: np.ndarray, weight: np.ndarray, penalty: float) -> np.ndarray:
    """The weights and the bias that plain gradient descent ends at."""
    known = np.column_stack([np.clip((x - x.mean(axis=0)) / x.std(axis=0), -CLIP, CLIP), np.ones(len(x))])
    found = np.zeros(known.shape[1])
    for _ in range(5000):
        error = weight * (1 / (1 + np.exp(-known @ found)) - is_fall)
        found -= 0.01 * (known.T @ error + penalty * np.r_[found[:-1], 0])
    return found


@pytest.mark.parametrize("penalty", [0.5, 20.0])
@pytest.mark.parametrize("weighted", [False, True])
def test_the_fit_is_the_one_that_gradient_descent_finds_too(penalty: float, weighted: bool) -> None:
    random = np.random.default_rng(2)
    x = random.normal([1, -3, 0], [1, 5, 0.1], (150, 3)).astype(np.float32)
    is_fall = x[:, 0] + x[:, 1] / 5 + random.normal(0, 1, 150) > 0.7
    weight = np.where(is_fall, 1.5, 0.2) if weighted else np.ones(150)
    found = fit(x, is_fall, weight, penalty)
    np.testing.assert_allclose([*found.weight, *found.bias], descended(x, is_fall, weight, penalty), atol=0.01)


def test_what_weighs_more_is_fitted_better() -> None:
    x = np.array([[0], [0], [1], [1]], np.float32)
    is_fall = np.array([True, False, True, False])
    falls_first = fit(x, is_fall, np.array([1.9, 0.1, 1.9, 0.1]), 1.0)
    assert (falls_first.logit(x) > 2).all()
    assert (fit(x, is_fall, np.array([0.1, 1.9, 0.1, 1.9]), 1.0).logit(x) < -2).all()


def test_where_there_is_nothing_to_tell_apart_the_fit_says_so() -> None:
    x = np.full((4, 2), 3, np.float32)
    found = fit(x, np.array([True, False, True, False]), np.ones(4), 1.0)
    np.testing.assert_array_equal(found.logit(x), 0)


# the examples


def test_examples_are_the_impacts_of_every_recording_shifted_and_slowed(sets: Path) -> None:
    found = collect(recordings_of(sets), seed=1)
    examples = found.examples
    assert (len(found.fall), found.fall.sum()) == (15, 7)  # without those at the ankle
    assert {found.people[person].split("/")[0] for person in found.person} == set(found.datasets)
    per_recording = np.bincount(examples.recording, minlength=len(found.fall))
    assert set(per_recording[found.fall]) == {2, 4}  # slow ones are only shifted, fast ones slowed down too
    assert per_recording[~found.fall].sum() == 4  # one knock
    assert examples.as_worn.sum() == 8
    np.testing.assert_array_equal(examples.is_fall, found.fall[examples.recording])
    assert examples.windows.shape == (len(examples), LENGTH, COLUMNS)
    assert (examples.windows[examples.as_worn, 60, PEAK] > 3).all()


def test_of_a_recorded_fall_the_strongest_impact_within_its_interval_counts_alone() -> None:
    accel_g = still(20, 50, knocks_s=(4.0, 10.0, 14.0), knock_g=3.0)
    accel_g[200, 1], accel_g[500, 1] = 5.0, 3.5
    whole = collect([recording(accel_g, 50.0, fall=True)], seed=1).examples
    within = collect([recording(accel_g, 50.0, fall=True, interval_s=(9.0, 12.0))], seed=1).examples
    nowhere = collect([recording(accel_g, 50.0, fall=True, interval_s=(17.0, 18.0))], seed=1).examples
    assert whole.windows[whole.as_worn][:, 60, PEAK] == pytest.approx(5, abs=0.01)
    assert within.windows[within.as_worn][:, 60, PEAK] == pytest.approx(3.5, abs=0.01)
    assert len(nowhere) == 0
    daily = collect([recording(accel_g, 50.0)], seed=1).examples
    assert (daily.as_worn.sum(), daily.is_fall.any()) == (3, False)


# the training


def trained(recordings: Chosen | list[Recording], seed: int = 1) -> FallModel:
    said: list[str] = []
    model = training.train(recordings, seed=seed, progress=said.append)
    assert said[-1] == "fitting: pocket"
    return model


def a_few(*, falls: bool = True, knocks: bool = True) -> list[Recording]:
    """Six people of whom each falls once and knocks at something once."""
    fell = [recording(fallen(50, seed), 50.0, number=seed, fall=True) for seed in range(6) if falls]
    knocks_s = (4.0,) if knocks else ()
    return [*fell, *(recording(still(9, 50, knocks_s=knocks_s), 50.0, number=seed) for seed in range(6))]


@pytest.mark.usefixtures("few_kernels")
def test_training_learns_to_tell_falls_and_is_the_same_for_the_same_seed() -> None:
    model = trained(a_few())
    assert encode(trained(a_few())) == encode(model)
    assert encode(trained(a_few(), seed=2)) != encode(model)
    assert model.trained_on == {f"some/P{number}" for number in range(6)}
    assert (model.facts["recordings"], model.facts["falls"], len(model.kernels)) == (12, 6, FEW)
    examples = collect(a_few(), seed=1).examples
    logits = model.logits(examples.windows.astype(np.float32), np.full(len(examples), Placement.WAIST, np.int8))
    assert logits[examples.is_fall].min() > logits[~examples.is_fall].max()
    expected = model.facts["expected"]
    assert expected.keys() == {placement.name.lower() for placement in Placement}
    assert expected["neck"] == expected["unknown"]  # nobody wore it there
    assert expected["waist"].keys() == set(Sensitivity)


@pytest.mark.usefixtures("few_kernels")
@pytest.mark.parametrize("recordings", [[], a_few(falls=False), a_few(falls=False, knocks=False), a_few()[:6]])
def test_without_falls_or_daily_life_there_is_nothing_to_train_on(recordings: list[Recording]) -> None:
    with pytest.raises(NothingToMeasureError, match=r"there (is|are) no"):
        trained(recordings)


@pytest.mark.usefixtures("few_kernels")
def test_recordings_of_a_single_person_are_not_enough() -> None:
    alone = [recording(fallen(50), 50.0, fall=True), recording(still(9, 50, knocks_s=(4.0,)), 50.0)]
    with pytest.raises(NothingToMeasureError):
        trained(alone)


# the command


def train_falls(*words: str | Path) -> tuple[int, str, str]:
    done = CliRunner().invoke(anxin, ["train", "falls", *map(str, words)], standalone_mode=False)
    code = done.return_value if done.exception is None else getattr(done.exception, "exit_code", -1)
    said = str(done.exception.format_message()) if hasattr(done.exception, "format_message") else done.stderr
    return code, done.stdout, said


@pytest.mark.usefixtures("few_kernels")
def test_the_command_writes_weights_that_can_be_read(sets: Path, tmp_path: Path) -> None:
    out = tmp_path / "weights.npz"
    code, said, progress = train_falls("--data", sets, "--out", out)
    assert (code, "15 recordings" in said, "fitting: wrist" in progress) == (0, True, True)
    assert "sisfall/SA01" in decode(out.read_bytes()).trained_on


@pytest.mark.usefixtures("few_kernels")
def test_sets_may_be_left_out_and_must_be_there(sets: Path, tmp_path: Path) -> None:
    out = tmp_path / "weights.npz"
    assert train_falls("--data", sets, "--out", out, "--without", "umafall, weda_fall")[0] == 0
    people = decode(out.read_bytes()).trained_on
    assert {person.split("/")[0] for person in people} == {"sisfall", "assist_stairs"}
    assert train_falls("--data", sets, "--out", out, "--without", "umafal")[::2] == (
        2, "there is no data set umafal here",
    )  # fmt: skip
    assert train_falls("--data", sets, "--out", out, "--without", "sisfall,umafall,weda_fall,assist_stairs")[0] == 3
    assert train_falls("--data", tmp_path / "data" / "assist_stairs", "--out", out)[0] == 3


@pytest.mark.usefixtures("few_kernels")
def test_a_place_that_cannot_be_written_is_said(sets: Path, tmp_path: Path) -> None:
    code, _, said = train_falls("--data", sets, "--out", tmp_path / "nowhere" / "weights.npz")
    assert (code, "cannot be written" in said) == (1, True)
