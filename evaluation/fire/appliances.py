"""Days of ordinary appliances: every alarm of electricity in them is false."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from alarms.core.profiles import Profiles
from evaluation.electrics.appliance_days import DayJudged, judge
from evaluation.fire.rows import Row
from firmware_sim.errors import RecordingError
from firmware_sim.recordings.tracebase import read_file

NOTE = "watts only: current is watts over 230 V; leakage, cable temperature and arcs were not recorded"


def rows(path: Path, profiles: Profiles) -> list[Row]:
    """A row per appliance, with its days.

    Raises
    ------
    RecordingError
        It is no such file.
    """
    days = read_file(path)
    if not days:
        raise RecordingError(f"{path} has no day")
    judged: dict[str, list[DayJudged]] = {}
    for one in judge(days, profiles):
        judged.setdefault(f"{one.day.appliance} {one.day.device}", []).append(one)
    return [_row(name, judged[name]) for name in sorted(judged)]


def _row(name: str, days: list[DayJudged]) -> Row:
    raised = Counter(told.rule for day in days for told in day.raised)
    hours = sum(day.hours for day in days)
    return {
        "dataset": "tracebase",
        "experiment": name,
        "ignition_s": None,
        "fused_alarm_s": None,
        "heat_alarm_s": None,
        "reach_57c_s": None,
        "first_photoelectric_recorded_s": None,
        "median_recorded_s": None,
        "false_alarms": raised.total(),
        "hours": round(hours, 4),
        "false_per_hour": raised.total() / hours if hours else None,
        "days": len(days),
        "alarms_by_rule": dict(raised),
        "note": NOTE,
    }
