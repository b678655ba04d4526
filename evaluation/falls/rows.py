"""The figures: a row for each data set, placement and age group."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from evaluation.falls.outcome import Outcome
from evaluation.intervals import poisson_rate, wilson
from firmware_sim.recordings.trial import Group

HOUR_S = 3600.0
Row = dict[str, Any]  # Any: a JSON object
Interval = tuple[float, float] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """One row (docs/falls.md). Shares are of 1, delays in seconds from the impact; what has no meaning is None.

    ``strays`` are alarms in a fall's recording outside its annotated fall, ``adl_alarms`` every alarm of daily
    activities, ``adl_recovered`` those of them that were taken back. ``trained_on`` of the ``subjects`` were among
    those that the weights were fitted to: such a row is no honest figure.
    """

    dataset: str
    placement: str
    group: Group
    falls: int
    detected: int
    confirmed: int
    strays: int
    adl: int
    adl_false: int
    adl_alarms: int
    adl_recovered: int
    adl_hours: float
    delays_s: tuple[float, ...]
    confirms_s: tuple[float, ...]
    subjects: int
    trained_on: int

    @property
    def honest(self) -> bool:
        return self.trained_on == 0

    @property
    def detected_share(self) -> float | None:
        return self.detected / self.falls if self.falls else None

    @property
    def detected_interval(self) -> Interval:
        return wilson(self.detected, self.falls)

    @property
    def adl_false_share(self) -> float | None:
        return self.adl_false / self.adl if self.adl else None

    @property
    def adl_false_interval(self) -> Interval:
        return wilson(self.adl_false, self.adl)

    @property
    def false_per_hour(self) -> float | None:
        return self.adl_alarms / self.adl_hours if self.adl_hours else None

    @property
    def false_per_hour_interval(self) -> Interval:
        return poisson_rate(self.adl_alarms, self.adl_hours)

    @property
    def row(self) -> Row:
        """The row of ``--json``."""
        return {
            "dataset": self.dataset,
            "placement": self.placement,
            "group": self.group.value,
            "falls": self.falls,
            "detected": self.detected,
            "adl": self.adl,
            "adl_false": self.adl_false,
            "adl_hours": round(self.adl_hours, 4),
            "false_per_hour": _rounded(self.false_per_hour),
            "delay_s_median": percentile(self.delays_s, 50),
            "delay_s_p95": percentile(self.delays_s, 95),
            "detected_share": _rounded(self.detected_share),
            "detected_interval": _both(self.detected_interval),
            "adl_false_share": _rounded(self.adl_false_share),
            "adl_false_interval": _both(self.adl_false_interval),
            "false_per_hour_interval": _both(self.false_per_hour_interval),
            "adl_alarms": self.adl_alarms,
            "adl_recovered": self.adl_recovered,
            "strays": self.strays,
            "confirmed": self.confirmed,
            "confirm_s_median": percentile(self.confirms_s, 50),
            "confirm_s_p95": percentile(self.confirms_s, 95),
            "subjects": self.subjects,
            "trained_on": self.trained_on,
            "honest": self.honest,
        }


def count(outcomes: Iterable[Outcome], trained_on: Collection[str]) -> list[Figures]:
    """The figures of these outcomes; ``trained_on`` names people as ``dataset/subject``."""
    rows: dict[tuple[str, str, Group], list[Outcome]] = {}
    for outcome in outcomes:
        trial = outcome.trial
        rows.setdefault((trial.dataset, trial.position, trial.group), []).append(outcome)
    return [_figures(*key, rows[key], trained_on) for key in sorted(rows)]


def percentile(values: Sequence[float], percent: float) -> float | None:
    """Rounded to milliseconds; None of nothing."""
    return round(float(np.percentile(values, percent)), 3) if values else None


def _figures(
    dataset: str, placement: str, group: Group, outcomes: Sequence[Outcome], trained_on: Collection[str]
) -> Figures:
    falls = [outcome for outcome in outcomes if outcome.trial.fall]
    daily = [outcome for outcome in outcomes if not outcome.trial.fall]
    delays_s = tuple(outcome.delay_s for outcome in falls if outcome.delay_s is not None)
    confirms_s = tuple(outcome.confirm_s for outcome in falls if outcome.confirm_s is not None)
    people = {outcome.trial.person for outcome in outcomes}
    return Figures(
        dataset=dataset,
        placement=placement,
        group=group,
        falls=len(falls),
        detected=len(delays_s),
        confirmed=len(confirms_s),
        strays=sum(outcome.alarms - len(outcome.raised) for outcome in falls),
        adl=len(daily),
        adl_false=sum(bool(outcome.raised) for outcome in daily),
        adl_alarms=sum(outcome.alarms for outcome in daily),
        adl_recovered=sum(event.recovered for outcome in daily for event in outcome.raised),
        adl_hours=sum(outcome.trial.duration_s for outcome in daily) / HOUR_S,
        delays_s=delays_s,
        confirms_s=confirms_s,
        subjects=len(people),
        trained_on=len(people & set(trained_on)),
    )


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)


def _both(interval: Interval) -> list[float] | None:
    return None if interval is None else [round(end, 4) for end in interval]
