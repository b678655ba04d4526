"""Plots of an evaluation, as PNG and SVG. matplotlib is a tool of developers, so it is imported here and when asked."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from evaluation.errors import MissingToolError
from evaluation.falls.curves import by_code, roc
from evaluation.falls.outcome import Outcome
from evaluation.falls.rows import percentile

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_COLOURS = {"waist": "#0072b2", "wrist": "#d55e00", "chest": "#009e73", "pocket": "#cc79a7", "ankle": "#56b4e9"}
"""Colours that colour-blind people tell apart (Okabe and Ito 2008)."""

_LINES = ("-", "--", ":", "-.")
_DELAY_BIN_S = 0.25
_LONGEST_DELAY_S = 8.0
_LATE_S = _LONGEST_DELAY_S - _DELAY_BIN_S
_LEAST_FALSE = 1e-3

_Place = tuple[str, str]


def draw(outcomes: Sequence[Outcome], folder: Path) -> list[Path]:
    """Write the plots that have something to show; their paths.

    Raises
    ------
    MissingToolError
        matplotlib is not installed.
    """
    if find_spec("matplotlib") is None:
        raise MissingToolError("no plots: matplotlib is not installed; install it with: pip install 'anxin[dev]'")
    places: dict[_Place, list[Outcome]] = {}
    for outcome in outcomes:
        places.setdefault((outcome.trial.dataset, outcome.trial.position), []).append(outcome)
    plots: dict[str, Callable[[dict[_Place, list[Outcome]]], Figure | None]] = {
        "roc": _roc,
        "delay": _delay,
        "missed": lambda places: _by_code(places, fall=True),
        "false": lambda places: _by_code(places, fall=False),
    }
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name, plot in plots.items():
        figure = plot(dict(sorted(places.items())))
        if figure is None:
            continue
        for ending in ("png", "svg"):
            written.append(folder / f"{name}.{ending}")
            figure.savefig(written[-1], dpi=150)
    return written


def _figure(columns: int, rows: int, width: float, height: float) -> tuple[Figure, list[Axes]]:
    """A figure with panels of so many inches, without any window behind it."""
    from matplotlib.figure import Figure  # noqa: PLC0415 - only when there is something to draw

    figure = Figure(figsize=(columns * width, rows * height), layout="constrained")
    return figure, list(figure.subplots(rows, columns, squeeze=False).flat)


def _roc(places: dict[_Place, list[Outcome]]) -> Figure | None:
    """Falls found over daily recordings with a false alarm, as the threshold falls; a dot where the detector stands."""
    curves = {place: curve for place, outcomes in places.items() if (curve := roc(outcomes)) is not None}
    if not curves:
        return None
    figure, (axes,) = _figure(1, 1, 8, 5.5)
    sets = sorted({dataset for dataset, _ in curves})
    for (dataset, position), curve in curves.items():
        colour = _COLOURS.get(position, "#555555")
        line = _LINES[sets.index(dataset) % len(_LINES)]
        false = np.maximum(curve.false, _LEAST_FALSE)
        axes.step(false, curve.detected, line, where="post", color=colour, label=f"{dataset}, {position}")
        axes.plot(max(curve.at[1], _LEAST_FALSE), curve.at[0], "o", color=colour, markeredgecolor="white", markersize=9)
    axes.set(
        title="Falls found and false alarms over the threshold (dot: the detector as it is)",
        xlabel=f"share of daily recordings with a false alarm (left edge: {_LEAST_FALSE:g} or none)",
        ylabel="share of falls found",
        xscale="log",
        xlim=(_LEAST_FALSE * 0.9, 1),
        ylim=(0.5, 1.005),
    )
    axes.grid(visible=True, alpha=0.3)
    axes.legend(loc="lower right")
    return figure


def _delay(places: dict[_Place, list[Outcome]]) -> Figure | None:
    """How long after the impact the alarm was there."""
    delays_s = {
        place: [outcome.delay_s for outcome in outcomes if outcome.trial.fall and outcome.delay_s is not None]
        for place, outcomes in places.items()
    }
    found = {place: values for place, values in delays_s.items() if values}
    if not found:
        return None
    columns = min(3, len(found))
    figure, panels = _figure(columns, -(-len(found) // columns), 4.5, 3)
    for axes, ((dataset, position), values) in zip(panels, found.items(), strict=False):
        axes.hist(
            np.clip(values, 0, _LATE_S + _DELAY_BIN_S / 2),
            bins=np.arange(0, _LONGEST_DELAY_S + _DELAY_BIN_S, _DELAY_BIN_S).tolist(),
            color=_COLOURS.get(position, "#555555"),
        )
        median_s = percentile(values, 50) or 0.0
        axes.axvline(median_s, color="black", linewidth=1)
        axes.set(
            title=f"{dataset}, {position}: {len(values)} falls, median {median_s:.2f} s",
            xlabel=f"s from impact to alarm (first bar: also before; last: {_LATE_S:g} and more)",
            ylabel="falls",
            xlim=(0, _LONGEST_DELAY_S),
        )
        axes.title.set_fontsize(10)
        axes.xaxis.label.set_fontsize(8)
    for axes in panels[len(found) :]:
        axes.remove()
    return figure


def _by_code(places: dict[_Place, list[Outcome]], *, fall: bool) -> Figure | None:
    """The share of each kind of fall that was missed, or of each activity that raised an alarm."""
    bars = {place: codes for place, outcomes in places.items() if (codes := by_code(outcomes, fall=fall))}
    if not bars:
        return None
    columns = min(3, len(bars))
    most = max(map(len, bars.values()))
    figure, panels = _figure(columns, -(-len(bars) // columns), 4.5, 1.2 + 0.22 * most)
    widest = max(wrong / of for codes in bars.values() for wrong, of in codes.values())
    for axes, ((dataset, position), codes) in zip(panels, bars.items(), strict=False):
        percents = [100 * wrong / of for wrong, of in codes.values()]
        drawn = axes.barh(list(codes), percents, color=_COLOURS.get(position, "#555555"))
        axes.bar_label(drawn, [f"{wrong} of {of}" for wrong, of in codes.values()], padding=3, fontsize=8)
        axes.set(title=f"{dataset}, {position}", xlabel="% missed" if fall else "% with a false alarm")
        axes.set_xlim(0, max(4.0, 130 * widest))
        axes.set_ylim(most - 0.5, -0.5)
        axes.tick_params(axis="y", labelsize=8)
    for axes in panels[len(bars) :]:
        axes.remove()
    figure.suptitle("Falls missed, by kind" if fall else "False alarms, by activity")
    return figure
