"""What the commands about recordings of people have in common: their folder, and lists of data sets."""

from __future__ import annotations

from pathlib import Path

import click

data = click.option(
    "--data",
    "folder",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    required=True,
    help="A folder of recordings, or of folders with them (docs/falls.md).",
)


def names(given: str) -> frozenset[str]:
    """The data sets of a list with commas."""
    return frozenset(name.strip() for name in given.split(",") if name.strip())
