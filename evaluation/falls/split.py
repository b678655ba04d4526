"""Who is trained on and who is tested: nobody ever both."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from firmware_sim.recordings.trial import Trial


@dataclass(frozen=True, slots=True)
class Split:
    """The trials that are tested, and those that the weights are fitted to; ``train`` None: the weights that ship."""

    test: Callable[[Trial], bool]
    train: Callable[[Trial], bool] | None = None


def as_shipped(test: frozenset[str]) -> list[Split]:
    """These data sets, on the weights that ship; none named: all."""
    return [Split(lambda trial: not test or trial.dataset in test)]


def across_sets(train: frozenset[str], test: frozenset[str]) -> list[Split]:
    """Fitted to some data sets, tested on others; none named to test: all others."""
    return [
        Split(
            test=lambda trial: trial.dataset in test if test else trial.dataset not in train,
            train=lambda trial: trial.dataset in train,
        )
    ]


def leave_subjects_out(trials: Iterable[Trial], folds: int, seed: int, test: frozenset[str]) -> list[Split]:
    """Each person tested once, on weights that are fitted to the other folds' people of all data sets."""
    fold_of = dict(_folds(trials, folds, seed))

    def split(fold: int) -> Split:
        return Split(
            test=lambda trial: fold_of[trial.person] == fold and (not test or trial.dataset in test),
            train=lambda trial: fold_of[trial.person] != fold,
        )

    return [split(fold) for fold in range(folds)]


def _folds(trials: Iterable[Trial], folds: int, seed: int) -> Iterator[tuple[str, int]]:
    """A fold for each person, dealt out within the data set, so that every fold has some of each."""
    people: dict[str, set[str]] = {}
    for trial in trials:
        people.setdefault(trial.dataset, set()).add(trial.person)
    for dataset in sorted(people):
        for place, person in enumerate(np.random.default_rng(seed).permutation(sorted(people[dataset]))):
            yield str(person), place % folds
