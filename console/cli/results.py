"""Figures and plots of an evaluation, written where they are asked for."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from console.cli.exit_codes import CommandError
from evaluation.errors import MissingToolError


def write(
    out: Path,
    name: str,
    body: dict[str, Any],  # Any: JSON
    draw: Callable[[Path], list[Path]],
) -> None:
    """The object as ``name``.json, and the plots beside it.

    Raises
    ------
    CommandError
        The folder cannot be written.
    """
    try:
        out.mkdir(parents=True, exist_ok=True)
        (out / f"{name}.json").write_text(json.dumps(body, ensure_ascii=False, indent=1) + "\n", "utf-8")
        written = draw(out)
    except OSError as error:
        raise CommandError(f"{out} cannot be written: {error}") from error
    except MissingToolError as error:
        click.echo(str(error), err=True)
    else:
        click.echo(f"written: {', '.join(path.name for path in written)} in {out}", err=True)
