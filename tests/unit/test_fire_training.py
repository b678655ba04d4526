"""Fitting the fire judgement's weights: one best fit, the same for the same seed, on seeds that nobody is tested on."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from alarms.core.fire.model import Look, decode
from console.cli.main import anxin
from evaluation.fire import examples, training
from evaluation.fire.simulated import MOST_SCENES
from evaluation.fire.softmax import fit


def descended(x: np.ndarray, kind: np.ndarray, weight: np.ndarray, kinds: int, penalty: float) -> np.ndarray:
    """The weights and, in the last column, the biases that plain gradient descent ends at."""
    known = np.column_stack([x, np.ones(len(x))])
    found = np.zeros((kinds, known.shape[1]))
    for _ in range(20_000):
        score = known @ found.T
        share = np.exp(score - score.max(axis=1, keepdims=True))
        share /= share.sum(axis=1, keepdims=True)
        slope = ((share - np.eye(kinds)[kind]) * (weight / weight.sum())[:, None]).T @ known
        slope[:, :-1] += penalty * found[:, :-1]
        found -= 0.5 * slope
    return found


def test_newton_finds_what_gradient_descent_ends_at() -> None:
    random = np.random.default_rng(3)
    kind = random.integers(0, 3, 60)
    x = random.normal(size=(60, 2)) + 1.5 * np.eye(3)[kind][:, :2]
    weight = random.uniform(0.5, 2.0, 60)
    assert fit(x, kind, weight, 3, 0.05) == pytest.approx(descended(x, kind, weight, 3, 0.05), abs=2e-3)


def test_without_features_the_biases_are_the_logarithms_of_the_shares() -> None:
    kind = np.array([0, 0, 0, 1])
    found = fit(np.zeros((4, 1)), kind, np.ones(4), 2, 1.0)
    assert found[:, 0] == pytest.approx([0, 0], abs=1e-6)
    assert found[0, 1] - found[1, 1] == pytest.approx(np.log(3), abs=1e-3)


def test_the_command_fits_every_set_of_signals_the_same_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    few = {"ultra_fast": 240, "toast": 300, "steam": 300, "dust": 200}
    short = tuple(
        replace(kind, rooms=kind.rooms[:1], seconds=few[kind.name]) for kind in examples.KINDS if kind.name in few
    )
    monkeypatch.setattr(examples, "KINDS", short)
    monkeypatch.setattr(training, "MOMENTS", 2)
    written = []
    for name in ("a.json", "b.json"):
        done = CliRunner().invoke(anxin, ["train", "fire", "--out", str(tmp_path / name), "--scenes", "10"])
        assert done.exit_code == 0, done.output
        written.append((tmp_path / name).read_bytes())
    assert written[0] == written[1]
    model = decode(written[0])
    assert model.looks == list(Look)
    assert len(model.heads) == 12
    assert (model.facts["scenes"], model.facts["seed"]) == (10, training.FIRST_SEED)


def test_seeds_that_are_for_measuring_cannot_be_trained_on(tmp_path: Path) -> None:
    assert training.FIRST_SEED >= MOST_SCENES
    done = CliRunner().invoke(anxin, ["train", "fire", "--out", str(tmp_path / "a.json"), "--seed", "5"])
    assert done.exit_code == 2
