"""Floods: more alarms than people can take in. ISA-18.2 and EEMUA 191 call ten alarms in ten minutes a flood, over when
fewer than five come in ten minutes.

While one stands at a site, new alarms of low and medium priority are not told one by one: an alarm of its own says to
the people on duty how many there are, ranked, once every ten minutes. Emergencies, high priorities, calls, falls and
fire are told as ever, and nothing leaves the list.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from alarms.lifecycle.alarm import UNTOLD, Alarm, AlarmKind, Flag, Identity, Priority, Suppression
from alarms.lifecycle.events import Onset
from alarms.lifecycle.incident import is_urgent
from alarms.lifecycle.policy import DUTY, Policy, Step

RULE = "alarm_flood"
WINDOW = timedelta(minutes=10)
BEGINS_AT = 10
ENDS_BELOW = 5
POLICY = Policy(
    name=RULE,
    steps=(Step(after_s=0, who=(DUTY,)),),
    repeat_s=WINDOW.total_seconds(),
    return_s=WINDOW.total_seconds(),
    hand_over_s=60,
)
"""One message every ten minutes, also after somebody has acknowledged it: by then there may be others."""

_NOT_COUNTED = (Flag.TEST, Flag.CANARY, Flag.DRILL)
_RANKS_SHOWN = 20


def subject(site_id: str) -> str:
    """What a flood's alarm is about."""
    return f"site:{site_id}"


def counts(alarm: Alarm) -> bool:
    """Whether it is one of those that people have to take in: no test, nothing announced, nothing that an incident
    tells of, and not the flood's own alarm."""
    is_spoken_for = alarm.step == UNTOLD and alarm.incident_id is not None
    return not (_is_announced(alarm) or is_spoken_for or _is_apart(alarm))


def may_bundle(alarm: Alarm) -> bool:
    """Whether it may be told together with others."""
    is_minor = alarm.priority in (Priority.MEDIUM, Priority.LOW)
    return is_minor and not is_urgent(alarm) and not _is_apart(alarm)


def is_bundled(alarm: Alarm) -> bool:
    """Whether nobody has been told of it by itself."""
    is_untold = alarm.is_open and alarm.step == UNTOLD and alarm.incident_id is None
    return is_untold and not alarm.is_pre_alarm


def wants_to_be_told_at(alarm: Alarm) -> datetime | None:
    """When people are to be told of it for the first time: its own step comes, or announced work is over."""
    if not alarm.is_open or not may_bundle(alarm):
        return None
    if _is_announced(alarm) and alarm.suppressed is not None and alarm.priority is not Priority.LOW:
        return alarm.suppressed.until
    return alarm.next_step_at if is_bundled(alarm) else None


def stands(began: Sequence[datetime], now: datetime) -> bool:
    """Whether so many began in the last ten minutes; ``began`` are the newest ones' moments, newest first."""
    return len(began) >= BEGINS_AT and began[BEGINS_AT - 1] > now - WINDOW


def ends_at(began: Sequence[datetime], now: datetime) -> datetime:
    """When fewer than five will have begun in the last ten minutes if nothing comes; ``now`` when that is so."""
    if len(began) < ENDS_BELOW:
        return now
    return max(now, began[ENDS_BELOW - 1] + WINDOW)


def onset(cause: Alarm, evidence: dict[str, Any], now: datetime) -> Onset:  # Any: a JSON object
    """The flood at the site of ``cause``, the alarm that was one too many."""
    site = cause.identity
    return Onset(
        rule=RULE,
        subject=subject(site.site_id),
        kind=AlarmKind.FAULT,
        priority=Priority.HIGH,
        latching=False,
        momentary=False,
        identity=Identity(site_id=site.site_id, site_name=site.site_name),
        record=f"{RULE}/{cause.alarm_id}/{now.timestamp()}",
        raised_at=now,
        received_at=now,
        evidence=evidence,
    )


def evidence(alarms: Iterable[Alarm]) -> dict[str, Any]:  # Any: a JSON object
    """How many alarms there are, how many of them nobody was told of one by one, and which, in order of rank.

    ``ranking`` is by priority, then kind, then room: ``[{"priority", "kind", "room", "count"}, …]``, at most 20 rows.
    """
    listed = list(alarms)
    bundled = sum(is_bundled(alarm) for alarm in listed)
    groups = Counter((_rank(alarm), alarm.priority, alarm.kind, alarm.identity.room_name) for alarm in listed)
    return {
        "count": len(listed),
        "bundled": bundled,
        "text": f"{len(listed)} alarms, {bundled} of them told only by this message",
        "text_zh": f"共{len(listed)}条报警,其中{bundled}条仅由本消息通知",
        "ranking": [
            {"priority": priority, "kind": kind, "room": room, "count": groups[rank, priority, kind, room]}
            for rank, priority, kind, room in sorted(groups)[:_RANKS_SHOWN]
        ],
    }


def _is_announced(alarm: Alarm) -> bool:
    return alarm.suppressed is not None and alarm.suppressed.how is not Suppression.SHELVED


def _is_apart(alarm: Alarm) -> bool:
    return alarm.rule == RULE or any(flag in alarm.flags for flag in _NOT_COUNTED)


def _rank(alarm: Alarm) -> tuple[int, int]:
    return alarm.priority.rank, list(AlarmKind).index(alarm.kind)
