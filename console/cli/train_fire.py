"""``anxin train fire``: weights of the fire judgement, fitted anew to simulated scenes."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import click

from alarms.core.fire.model import encode
from console.cli.exit_codes import CommandError, ExitCode
from evaluation.fire.training import FIRST_SEED, SCENES
from evaluation.fire.training import train as fit


@click.command()
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), required=True, help="Write the weights here.")
@click.option(
    "--scenes", type=click.IntRange(10), default=SCENES, show_default=True, help="So many scenes of each kind."
)
@click.option(
    "--seed", type=click.IntRange(FIRST_SEED), default=FIRST_SEED, show_default=True,
    help="The first scene's seed; those below are kept for measuring.",
)  # fmt: skip
def fire(out: Path, scenes: int, seed: int) -> int:
    """Fit the fire judgement's weights to simulated scenes; the model's card says what ours are from."""
    data = encode(fit(scenes=scenes, seed=seed, tell=partial(click.echo, err=True)))
    try:
        out.write_bytes(data)
    except OSError as error:
        raise CommandError(f"{out} cannot be written: {error}") from error
    click.echo(f"{out}: {len(data) / 1024:.0f} KiB, {scenes} scenes of each kind")
    return ExitCode.OK
