"""``anxin eval``: what the detectors are worth on recordings."""

from __future__ import annotations

import json
from functools import partial
from importlib import import_module
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import click

from alarms.core.motion.sensitivity import Sensitivity
from console.cli import trials
from console.cli.evaluate_fire import fire
from console.cli.evaluate_inactivity import inactivity
from console.cli.exit_codes import ExitCode, MissingPartError
from console.cli.falls_table import table
from console.cli.results import write
from console.cli.text_table import terminal_language
from evaluation.errors import NothingToMeasureError
from evaluation.falls.detector import MotionDetector, Train, shipped_people
from evaluation.falls.plots import draw
from evaluation.falls.run import Recordings, open_folder
from evaluation.falls.run import evaluate as run
from evaluation.falls.split import Split, across_sets, as_shipped, leave_subjects_out

_TRAINING = "evaluation.falls.training"


@click.group("eval")
def evaluate() -> None:
    """Measure the detectors on recordings, and on simulated scenes."""


evaluate.add_command(fire)
evaluate.add_command(inactivity)


@evaluate.command()
@trials.data
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), help="Write the figures and plots here.")
@click.option(
    "--window",
    "window_s",
    type=click.FloatRange(1, 128),
    default=1.0,
    show_default=True,
    help="Seconds sent at a time.",
)
@click.option(
    "--sensitivity", type=click.Choice(list(Sensitivity)), default=Sensitivity.NORMAL, show_default=True,
    help="How easily a fall is suspected.",
)  # fmt: skip
@click.option("--ankle", is_flag=True, help="Also devices at the ankle, where nobody wears ours.")
@click.option(
    "--leave-subjects-out",
    "folds",
    type=click.IntRange(2, 100),
    help="Fit the weights anew for so many folds of people, and test each fold on the weights of the others.",
)
@click.option("--train", "train_names", default="", help="Fit the weights to these data sets (a,b) only.")
@click.option("--test", "test_names", default="", help="Test on these data sets (a,b) only.")
@click.option("--seed", type=click.IntRange(0), default=1, show_default=True, help="Of folds and training.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on the last line.")
def falls(
    folder: Path,
    out: Path | None,
    window_s: float,
    sensitivity: str,
    folds: int | None,
    train_names: str,
    test_names: str,
    seed: int,
    *,
    ankle: bool,
    as_json: bool,
) -> int:
    """Stream recordings of falls and daily activities through the fall detector and count, event by event.

    Exit codes: 0 everything was read and counted, 1 a file could not be read (the others were counted), 2 wrong usage,
    3 there is nothing to measure, or training is not part of this installation.
    """
    tell = partial(click.echo, err=True)
    try:
        recordings = open_folder(folder, ankle=ankle)
        splits = _splits(recordings, folds, trials.names(train_names), trials.names(test_names), seed)
        train = _trainer() if splits[0].train else None
        result = run(
            recordings,
            splits,
            partial(MotionDetector, sensitivity=Sensitivity(sensitivity)),
            shipped_people=shipped_people(),
            window_s=window_s,
            seed=seed,
            tell=tell,
            train=train,
        )
    except NothingToMeasureError as error:
        raise MissingPartError(str(error)) from error
    for problem in result.problems:
        tell(problem)
    settings: dict[str, Any] = {  # Any: JSON
        "data": str(folder),
        "window_s": window_s,
        "sensitivity": str(sensitivity),
        "ankle": ankle,
        "leave_subjects_out": folds,
        "train": sorted(trials.names(train_names)),
        "test": sorted(trials.names(test_names)),
        "seed": seed,
    }
    body = {
        "command": "eval falls",
        "version": version("anxin"),
        "settings": settings,
        "results": [one.row for one in result.figures],
        "problems": result.problems,
    }
    for line in table(result.figures, terminal_language()):
        click.echo(line, err=as_json)
    if out is not None:
        write(out, "falls", body, partial(draw, result.outcomes))
    if as_json:
        click.echo(json.dumps(body, ensure_ascii=False))
    return ExitCode.FAILED if recordings.unreadable else ExitCode.OK


def _splits(
    recordings: Recordings, folds: int | None, train: frozenset[str], test: frozenset[str], seed: int
) -> list[Split]:
    unknown = sorted((train | test) - recordings.datasets)
    if unknown:
        there = ", ".join(sorted(recordings.datasets))
        raise click.UsageError(f"there is no data set {', '.join(unknown)} here; there are: {there}")
    if train & test:
        raise click.UsageError(f"{', '.join(sorted(train & test))} cannot be both trained on and tested")
    if folds is not None and train:
        raise click.UsageError("give --leave-subjects-out or --train, not both")
    if folds is not None:
        return leave_subjects_out(recordings.trials(), folds, seed, test)
    return across_sets(train, test) if train else as_shipped(test)


def _trainer() -> Train:
    """Training is imported when it is asked for: it is slow to import."""
    if find_spec(_TRAINING) is None:
        raise MissingPartError("training is not part of this installation")
    train: Train = import_module(_TRAINING).train
    return train
