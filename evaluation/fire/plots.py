"""Plots of a fire evaluation, as PNG and SVG; matplotlib is imported when asked (ADR 0020)."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from evaluation.fire.rows import FUSED, HEAT, SMOKE
from evaluation.fire.run import Result
from evaluation.fire.simulated import BEFORE_KW
from evaluation.plots import COLOURS, empty_figure, save

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_OURS = (("fused", "D", (FUSED,)), ("dense smoke", "s", SMOKE), ("heat", "^", HEAT))
_RECORDED = (("ionisation", "Ion", "#999999"), ("photoelectric", "Pho", "#333333"))


def draw(result: Result, folder: Path) -> list[Path]:
    """Write the plots that have something to show; their paths.

    Raises
    ------
    MissingToolError
        matplotlib is not installed.
    """
    return save({"tests": _tests, "heat": _heat, "simulated": _simulated}, result, folder)


def _tests(result: Result) -> Figure | None:
    """A line per test with alarms of its own: when they sounded, and when ours would have."""
    tests = [outcome for outcome in result.outcomes if outcome.test.alarms]
    if not tests:
        return None
    figure = empty_figure(9, 1.2 + 0.7 * len(tests))
    axes = figure.subplots()
    for name, begins, colour in _RECORDED:
        points = [
            (at_s, row + 0.15)
            for row, outcome in enumerate(tests)
            for device, at_s in outcome.test.alarms
            if device.startswith(begins)
        ]
        if points:
            axes.plot(*zip(*points, strict=True), "|", color=colour, markersize=12, label=f"{name}, recorded")
    for (name, mark, rules), colour in zip(_OURS, COLOURS[:5], strict=False):
        told = [(at_s, row) for row, one in enumerate(tests) if (at_s := one.first_s(*rules)) is not None]
        if told:
            axes.plot(*zip(*told, strict=True), mark, color=colour, markeredgecolor="white", markersize=9, label=name)
    axes.set_yticks(range(len(tests)), [outcome.test.name for outcome in tests])
    axes.set(xlabel="s on the recording's clock (ignition at 0)", title="First alarms in each test", xlim=(0, None))
    axes.invert_yaxis()
    axes.grid(visible=True, axis="x", alpha=0.3)
    axes.legend(loc="lower right", fontsize=8)
    return figure


def _heat(result: Result) -> Figure | None:
    """The first heat alarm over the moment at which a thermocouple reads 57 degC, both after ignition."""
    figure = empty_figure(6.5, 5.5)
    axes = figure.subplots()
    points: dict[str, list[tuple[float, float]]] = {}
    for outcome in result.outcomes:
        ignition_s, reach_s, heat_s = outcome.test.ignition_s, outcome.reach_57c_s, outcome.first_s(*HEAT)
        if ignition_s is not None and reach_s is not None and heat_s is not None:
            points.setdefault(outcome.test.dataset, []).append((reach_s - ignition_s, heat_s - ignition_s))
    if not points:
        return None
    for (name, pairs), colour in zip(points.items(), COLOURS[:5], strict=False):
        axes.plot(*zip(*pairs, strict=True), "o", color=colour, alpha=0.7, label=f"{name}: {len(pairs)}")
    most = max(value for pairs in points.values() for pair in pairs for value in pair)
    axes.plot([0, most], [10, most + 10], "--", color="#555555", label="10 s later")
    axes.plot([0, most], [0, most], "-", color="#555555", linewidth=1, label="the same moment")
    axes.set(
        title="Heat alarm and 57 °C", xlabel="s from ignition until a thermocouple reads 57 °C",
        ylabel="s from ignition until the first heat alarm",
    )  # fmt: skip
    axes.grid(visible=True, alpha=0.3)
    axes.legend(fontsize=8)
    return figure


def _simulated(result: Result) -> Figure | None:
    """The share of simulated fires with an alarm over the heat that they release by then."""
    fires = [one for one in result.simulated if one.fire]
    if not fires:
        return None
    figure = empty_figure(8, 5)
    axes = figure.subplots()
    for one, colour in zip(fires, COLOURS[:5], strict=False):
        for values, line, name in ((one.fused_kw, "-", "fused"), (one.any_kw, ":", "any")):
            known = np.sort(values[np.isfinite(values)])
            share = np.arange(1, len(known) + 1) / len(values)
            axes.step(known, share, line, where="post", color=colour, label=f"{one.kind}, {name}")
    axes.axvline(BEFORE_KW, color="black", linewidth=1)
    axes.set(title="Heat release at the alarm, simulated fires in 20 m²", xlabel="kW", ylabel="share of scenes")
    axes.set_ylim(0, 1.01)
    axes.grid(visible=True, alpha=0.3)
    axes.legend(loc="lower right", fontsize=8)
    return figure
