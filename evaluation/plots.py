"""What the plots of all evaluations share: PNG and SVG files; matplotlib is imported when asked (ADR 0020)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from evaluation.errors import MissingToolError

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Result = TypeVar("Result")

COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#e69f00", "#333333", "#999999")
"""Colours that colour-blind people tell apart (Okabe and Ito 2008)."""


def save(plots: Mapping[str, Callable[[Result], Figure | None]], result: Result, folder: Path) -> list[Path]:
    """Write the plots that have something to show under their names; their paths.

    Raises
    ------
    MissingToolError
        matplotlib is not installed.
    """
    if find_spec("matplotlib") is None:
        raise MissingToolError("no plots: matplotlib is not installed; install it with: pip install 'anxin[dev]'")
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name, plot in plots.items():
        figure = plot(result)
        if figure is None:
            continue
        for ending in ("png", "svg"):
            written.append(folder / f"{name}.{ending}")
            figure.savefig(written[-1], dpi=150)
    return written


def empty_figure(width: float, height: float) -> Figure:
    """Of so many inches."""
    from matplotlib.figure import Figure  # noqa: PLC0415 - only when there is something to draw

    return Figure(figsize=(width, height), layout="constrained")
