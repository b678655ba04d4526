"""Plots of an evaluation of silence, as PNG and SVG; matplotlib is imported when asked (ADR 0020)."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from evaluation.inactivity.removal import CAP_H, CAP_MIN
from evaluation.inactivity.run import Result
from evaluation.plots import COLOURS, empty_figure, save

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def draw(result: Result, folder: Path) -> list[Path]:
    """Write the plots that have something to show; their paths.

    Raises
    ------
    MissingToolError
        matplotlib is not installed.
    """
    return save({"delays": _delays, "rates": _rates, "days": _days}, result, folder)


def _delays(result: Result) -> Figure | None:
    """The share of removals with an alarm over the hours since, ours and the best timer's."""
    homes = [outcome for outcome in result.outcomes if len(outcome.alarm_min)]
    if not homes:
        return None
    figure = empty_figure(8, 5)
    axes = figure.subplots()
    for outcome, colour in zip(homes, COLOURS * len(homes), strict=False):
        timer = outcome.timer.delay_min if outcome.timer is not None else np.zeros(0)
        for minutes, line in ((outcome.alarm_min, "-"), (timer, ":")):
            there = np.sort(minutes[~np.isnan(minutes)])
            share = np.arange(1, len(there) + 1) / max(len(there), 1)
            label = outcome.recording.home if line == "-" else None
            axes.plot(np.minimum(there, CAP_MIN) / 60, share, line, color=colour, label=label)
    axes.set(
        title="From removal to alarm (dotted: the best fixed timer)", xlabel="h since people are gone",
        ylabel="share of removals with an alarm", xlim=(0, CAP_H), ylim=(0, 1),
    )  # fmt: skip
    axes.grid(visible=True, alpha=0.3)
    axes.legend(fontsize=8)
    return figure


def _rates(result: Result) -> Figure | None:
    """Median delay over false alarms a month, a point per home, ours and the best timer's joined."""
    homes = [one for one in result.outcomes if one.row["delay_h_median"] is not None]
    if not homes:
        return None
    figure = empty_figure(7, 5)
    axes = figure.subplots()
    for outcome, colour in zip(homes, COLOURS * len(homes), strict=False):
        row = outcome.row
        rate, ours, timer = (
            row[name] for name in ("false_alarms_per_month", "delay_h_median", "fixed_timer_delay_h_median")
        )
        axes.plot(rate, ours, "o", color=colour, label=outcome.recording.home)
        if timer is not None:
            axes.plot([rate, rate], [ours, timer], ":", color=colour)
            axes.plot(rate, timer, "x", color=colour)
    axes.set(
        title="Delay against false alarms (cross: the best fixed timer)", xlabel="false alarms a month",
        ylabel="median delay, h", ylim=(0, None),
    )  # fmt: skip
    axes.grid(visible=True, alpha=0.3)
    axes.legend(fontsize=8)
    return figure


def _days(result: Result) -> Figure | None:
    """Each home's learned day: the share of days with a sign, per half hour."""
    homes = [outcome for outcome in result.outcomes if np.isfinite(outcome.shares).any()]
    if not homes:
        return None
    figure = empty_figure(9, 1 + 1.1 * len(homes))
    all_axes = np.atleast_1d(figure.subplots(len(homes), 1, sharex=True))
    for axes, outcome in zip(all_axes, homes, strict=True):
        axes.bar(np.arange(48) / 2 + 0.25, np.nan_to_num(outcome.shares), width=0.45, color=COLOURS[0])
        axes.set(ylim=(0, 1), ylabel=outcome.recording.home, xlim=(0, 24))
    all_axes[-1].set(xlabel="hour", xticks=range(0, 25, 3))
    all_axes[0].set(title="The learned day: share of days with a sign of life")
    return figure
