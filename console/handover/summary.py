"""What a shift had to do, out of its alarms: figures, and the alarms that a person should know of."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from statistics import median

from alarms.lifecycle.alarm import Alarm, AlarmKind, Disposition, Flag
from alarms.lifecycle.incident import is_urgent

ANSWER_S = 60.0
"""By then an urgent alarm should have been answered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """Figures without drills and tests. ``late``: urgent, and not answered within ``ANSWER_S``, the longest first.

    Who still waits has waited until now.
    """

    total: int
    urgent: int
    kinds: list[tuple[AlarmKind, int]]
    median_answer_s: float | None
    late: list[Alarm]
    false_alarms: int
    noted: list[Alarm]


def summarise(alarms: Iterable[Alarm], now: datetime) -> Summary:
    """The summary of a shift's alarms, open or over."""
    real = [alarm for alarm in alarms if _is_real(alarm)]
    urgent = [alarm for alarm in real if is_urgent(alarm)]
    answered = [seconds for alarm in urgent if (seconds := answered_after_s(alarm)) is not None]
    waits = sorted(((_waited_s(alarm, now), alarm) for alarm in urgent), key=lambda one: -one[0])
    late = [alarm for seconds, alarm in waits if seconds > ANSWER_S]
    return Summary(
        total=len(real),
        urgent=len(urgent),
        kinds=Counter(alarm.kind for alarm in real).most_common(),
        median_answer_s=median(answered) if answered else None,
        late=late,
        false_alarms=sum(alarm.disposition is Disposition.FALSE_ALARM for alarm in real),
        noted=[alarm for alarm in real if alarm.note and alarm not in late],
    )


def answered_after_s(alarm: Alarm) -> float | None:
    """Seconds until the first person acknowledged, came, or ended it; None: nobody yet."""
    moments = [act.at for act in (alarm.acknowledged, alarm.attended, alarm.resolved) if act is not None]
    return (min(moments) - alarm.received_at).total_seconds() if moments else None


def _waited_s(alarm: Alarm, now: datetime) -> float:
    seconds = answered_after_s(alarm)
    return (now - alarm.received_at).total_seconds() if seconds is None else seconds


def _is_real(alarm: Alarm) -> bool:
    is_marked = Flag.TEST in alarm.flags or Flag.DRILL in alarm.flags
    return not is_marked and alarm.kind is not AlarmKind.TEST and alarm.disposition is not Disposition.TEST
