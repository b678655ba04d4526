"""What is counted at a home."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evaluation.inactivity.recording import DAY_MIN, Recording
from evaluation.inactivity.removal import CAP_H
from evaluation.inactivity.replay import Steps
from evaluation.inactivity.timer import Timer, median

Row = dict[str, Any]  # Any: JSON values
MONTH_DAYS = 30
LEARN_DAYS = 7
SETTLED_DAYS = 28
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """A home; delays float64, shape (removals,), minutes: inf beyond 48 h, NaN: it stood already."""

    recording: Recording
    steps: Steps
    shares: Floats
    moments: NDArray[np.int64]
    ask_min: Floats
    alarm_min: Floats
    timer: Timer | None

    def days(self, from_day: int) -> float:
        """Days of which anything is known, from that day on."""
        return float(self.recording.known[from_day * DAY_MIN :].sum()) / DAY_MIN

    def alarms(self, from_day: int) -> int:
        return _since(self.steps.alarmed, from_day)

    def asked(self, from_day: int) -> int:
        return _since(self.steps.asked, from_day)

    @property
    def ratio(self) -> float | None:
        """Our median delay over the timer's."""
        if self.timer is None or not np.isfinite(median(self.timer.delay_min)):
            return None
        return median(self.alarm_min) / median(self.timer.delay_min)

    @property
    def row(self) -> Row:
        """The row of ``--json``."""
        timer = self.timer
        delay_h = _hours(self.alarm_min)
        return {
            "dataset": self.recording.dataset,
            "home": self.recording.home,
            "days": round(self.days(0), 2),
            "days_judged": round(self.days(LEARN_DAYS), 2),
            "false_alarms": self.alarms(LEARN_DAYS),
            "questions": self.asked(LEARN_DAYS),
            "false_alarms_per_month": _rate(self.alarms(LEARN_DAYS), self.days(LEARN_DAYS)),
            "questions_per_month": _rate(self.asked(LEARN_DAYS), self.days(LEARN_DAYS)),
            "false_alarms_per_month_after_28_days": _rate(self.alarms(SETTLED_DAYS), self.days(SETTLED_DAYS)),
            "questions_per_month_after_28_days": _rate(self.asked(SETTLED_DAYS), self.days(SETTLED_DAYS)),
            "removals": len(delay_h),
            "alarm_stood": len(self.alarm_min) - len(delay_h),
            "delay_h_median": _percentile(delay_h, 50),
            "delay_h_p90": _percentile(delay_h, 90),
            "within_3h": _share(delay_h, 3),
            "within_8h": _share(delay_h, 8),
            "not_within_48h": _share(delay_h, CAP_H - 1e-9, above=True),
            "question_h_median": _percentile(_hours(self.ask_min), 50),
            "question_before_alarm_min": self._lead_min(),
            "fixed_timer_h": None if timer is None else round(timer.after_min / 60, 3),
            "fixed_timer_over_w": None if timer is None else timer.over_w,
            "fixed_timer_false_alarms": None if timer is None else timer.alarms,
            "fixed_timer_delay_h_median": None if timer is None else _percentile(_hours(timer.delay_min), 50),
            "fixed_timer_delay_h_p90": None if timer is None else _percentile(_hours(timer.delay_min), 90),
            "delay_to_fixed_timer": None if self.ratio is None else round(self.ratio, 3),
        }

    def _lead_min(self) -> float | None:
        both = np.isfinite(self.ask_min) & np.isfinite(self.alarm_min)
        return round(float((self.alarm_min[both] - self.ask_min[both]).min()), 1) if both.any() else None


def _since(minutes: Sequence[int], from_day: int) -> int:
    return sum(minute > from_day * DAY_MIN for minute in minutes)


def _hours(minutes: Floats) -> Floats:
    there = minutes[~np.isnan(minutes)]
    return np.minimum(there / 60, CAP_H)


def _rate(count: int, days: float) -> float | None:
    return round(count / days * MONTH_DAYS, 3) if days >= 1 else None


def _percentile(values: Floats, percent: float) -> float | None:
    return round(float(np.percentile(values, percent)), 3) if len(values) else None


def _share(hours: Floats, limit_h: float, *, above: bool = False) -> float | None:
    if not len(hours):
        return None
    return round(float(((hours > limit_h) if above else (hours <= limit_h)).mean()), 4)
