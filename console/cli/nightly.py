"""``anxin nightly``: a thousand simulated days on virtual time. The simulation itself is in ``tests/simulation``."""

from __future__ import annotations

import json
import sys
from functools import partial
from importlib import import_module
from importlib.metadata import version
from typing import Any

import click

from console.cli.exit_codes import ExitCode
from console.cli.source_tree import ROOT, require_tools
from ingest.clock import SystemClock

_A_NIGHTS_SEEDS = 100_000


@click.command()
@click.option(
    "--days", type=click.IntRange(1), default=1000, show_default=True, help="Simulated days, all seeds together."
)
@click.option("--seed", type=click.IntRange(0), help="The first seed; left out: one of its own for every date.")
@click.option("--each", type=click.IntRange(1), default=1, show_default=True, help="Days that a seed lives.")
@click.option("--jobs", type=click.IntRange(1, 256), default=2, show_default=True, help="Processes.")
@click.option("--story", is_flag=True, help="Print the whole story of the first seed, and nothing else.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on the last line.")
def nightly(days: int, seed: int | None, each: int, jobs: int, *, story: bool, as_json: bool) -> int:
    """Live seeded days of a home around the real alarm engine, and judge every promise at every moment.

    Exit codes: 0 every promise was kept, 1 one was broken (seed, promise and story are printed), 2 wrong usage, 3 not a
    source tree, or a tool is missing.
    """
    require_tools("hypothesis")
    # the simulation is no part of the installed package
    sys.path.insert(0, str(ROOT))
    first = SystemClock().now().date().toordinal() * _A_NIGHTS_SEEDS if seed is None else seed
    if story:
        return _tell(first, days)
    live = import_module("tests.simulation.nightly").live
    result: dict[str, Any] = live(  # Any: JSON
        days=days, first_seed=first, each=min(each, days), jobs=jobs, tell=partial(click.echo, err=True)
    )
    (row,) = result["results"]
    click.echo("  ".join(f"{key} {value}" for key, value in row.items() if key != "found"), err=as_json)
    if as_json:
        click.echo(json.dumps({"command": "nightly", "version": version("anxin")} | result, ensure_ascii=False))
    return ExitCode.FAILED if row["broken"] else ExitCode.OK


def _tell(seed: int, days: int) -> int:
    outcome = import_module("tests.simulation.run").run(seed, days, whole_story=True)
    for line in outcome.story:
        click.echo(line)
    if outcome.broken is None:
        return ExitCode.OK
    click.echo(f"BROKEN: {outcome.broken.promise}: {outcome.broken.text}")
    return ExitCode.FAILED
