"""``anxin eval inactivity``: what the judgement of silence is worth."""

from __future__ import annotations

import json
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any

import click

from console.cli.exit_codes import ExitCode, MissingPartError
from console.cli.inactivity_table import table
from console.cli.results import write
from console.cli.text_table import terminal_language
from evaluation.errors import NothingToMeasureError
from evaluation.inactivity.plots import draw
from evaluation.inactivity.run import evaluate as run


@click.command()
@click.option(
    "--data",
    "folder",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    required=True,
    help="A folder with some of house_power, tracebase, ordonez, casas_cil, uci799_elder, uci235 (docs/inactivity.md).",
)
@click.option("--plots", type=click.Path(file_okay=False, path_type=Path), help="Write the figures and plots here.")
@click.option(
    "--removals", type=click.IntRange(0, 10_000), default=500, show_default=True,
    help="Remove the people of each home at so many moments.",
)  # fmt: skip
@click.option("--seed", type=click.IntRange(0), default=1, show_default=True, help="Of the moments.")
@click.option("--machines", is_flag=True, help="Also homes of house_power with a machine that runs by day alone.")
@click.option("--outages", is_flag=True, help="Also homes of house_power whose meter drops out four times a day.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on the last line.")
def inactivity(
    folder: Path, plots: Path | None, removals: int, seed: int, *, machines: bool, outages: bool, as_json: bool
) -> int:
    """Replay homes through the judgement of silence, then remove their people, and count.

    Exit codes: 0 everything was read and counted, 1 a file could not be read (the others were counted), 2 wrong usage,
    3 there is nothing to measure.
    """
    tell = partial(click.echo, err=True)
    try:
        result = run(folder, removals=removals, seed=seed, machines=machines, outages=outages, tell=tell)
    except NothingToMeasureError as error:
        raise MissingPartError(str(error)) from error
    for name in result.absent:
        tell(f"not there: {folder / name}")
    for problem in result.problems:
        tell(problem)
    settings: dict[str, Any] = {  # Any: JSON
        "data": str(folder),
        "removals": removals,
        "seed": seed,
        "machines": machines,
        "outages": outages,
    }
    body = {
        "command": "eval inactivity",
        "version": version("anxin"),
        "settings": settings,
        "results": result.rows,
        "absent": result.absent,
        "problems": result.problems,
    }
    for line in table(result, terminal_language()):
        click.echo(line, err=as_json)
    if plots is not None:
        write(plots, "inactivity", body, partial(draw, result))
    if as_json:
        click.echo(json.dumps(body, ensure_ascii=False))
    return ExitCode.FAILED if result.problems else ExitCode.OK
