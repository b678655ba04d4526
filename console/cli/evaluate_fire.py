"""``anxin eval fire``: what the judgements of fire and electricity are worth."""

from __future__ import annotations

import json
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any

import click

from alarms.core.profiles import load_profiles
from console.cli.exit_codes import ExitCode, MissingPartError
from console.cli.fire_table import table
from console.cli.results import write
from console.cli.text_table import terminal_language
from evaluation.errors import NothingToMeasureError
from evaluation.fire.plots import draw
from evaluation.fire.run import evaluate as run
from evaluation.fire.run import open_folder
from evaluation.fire.simulated import MOST_SCENES


@click.command()
@click.option(
    "--data",
    "folder",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    required=True,
    help="A folder of recordings, or of folders with them (docs/fire.md).",
)
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), help="Write the figures and plots here.")
@click.option(
    "--scenes", type=click.IntRange(0, MOST_SCENES), default=0, show_default=True,
    help="Also so many simulated scenes of each kind.",
)  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="One JSON object on the last line.")
def fire(folder: Path, out: Path | None, scenes: int, *, as_json: bool) -> int:
    """Stream recorded fires, what is no fire and ordinary appliances through the core, and count.

    Exit codes: 0 everything was read and counted, 1 a file could not be read (the others were counted), 2 wrong usage,
    3 there is nothing to measure.
    """
    tell = partial(click.echo, err=True)
    try:
        result = run(open_folder(folder), load_profiles(), scenes=scenes, tell=tell)
    except NothingToMeasureError as error:
        raise MissingPartError(str(error)) from error
    for problem in result.problems:
        tell(problem)
    if result.problems:
        tell(f"left out: {len(result.problems)}")
    body: dict[str, Any] = {  # Any: JSON
        "command": "eval fire",
        "version": version("anxin"),
        "settings": {"data": str(folder), "scenes": scenes},
        "results": result.rows,
        "problems": result.problems,
    }
    for line in table(result, terminal_language()):
        click.echo(line, err=as_json)
    if out is not None:
        write(out, "fire", body, partial(draw, result))
    if as_json:
        click.echo(json.dumps(body, ensure_ascii=False))
    return ExitCode.FAILED if result.problems else ExitCode.OK
