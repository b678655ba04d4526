"""``anxin train``: weights of the detectors, fitted anew."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import click

from alarms.core.motion.model import encode
from console.cli import trials
from console.cli.exit_codes import CommandError, ExitCode, MissingPartError
from console.cli.train_fire import fire
from evaluation.errors import NothingToMeasureError
from evaluation.falls.run import Chosen, open_folder
from evaluation.falls.training import train as fit


@click.group()
def train() -> None:
    """Fit the detectors' weights to recordings, or to simulated scenes."""


train.add_command(fire)


@train.command()
@trials.data
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), required=True, help="Write the weights here.")
@click.option("--without", default="", help="Leave these data sets (a,b) out.")
@click.option("--seed", type=click.IntRange(0), default=1, show_default=True)
def falls(folder: Path, out: Path, without: str, seed: int) -> int:
    """Fit the fall detector's weights to every recording of a folder; the model's card says what ours are from."""
    left_out = trials.names(without)
    tell = partial(click.echo, err=True)
    try:
        recordings = open_folder(folder)
        unknown = sorted(left_out - recordings.datasets)
        if unknown:
            raise click.UsageError(f"there is no data set {', '.join(unknown)} here")
        model = fit(Chosen(recordings, lambda trial: trial.dataset not in left_out), seed=seed, progress=tell)
    except NothingToMeasureError as error:
        raise MissingPartError(str(error)) from error
    for problem in [*recordings.unreadable, *recordings.set_aside]:
        tell(problem)
    data = encode(model)
    try:
        out.write_bytes(data)
    except OSError as error:
        raise CommandError(f"{out} cannot be written: {error}") from error
    click.echo(f"{out}: {len(data) / 1024:.0f} KiB, {model.facts['recordings']} recordings")
    return ExitCode.FAILED if recordings.unreadable else ExitCode.OK
