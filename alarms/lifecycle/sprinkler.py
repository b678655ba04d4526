"""What a sprinkler's words are to a fire, and a fire's to a sprinkler.

- *Flow* alone is a leak or a fire: an emergency, go and look. Flow and a fire alarm near it (``rooms``) within
  a window are a fire confirmed, whichever came first: an open sprinkler and a detector are two independent triggers.
  The fire alarm is confirmed by ``verification``, the flow here.
- A *valve* that is shut while a fire alarm stands at the site is an emergency of its own (docs/adr/0026): it is told
  whatever the valve's own alarm is, also when that one was acknowledged, put aside or announced long before.
- A *test* is flow inside a planned window: it wakes nobody and confirms nothing, and it is over when the water stops.
- Flow that the gateway *holds back* stands in the list; whoever should judge it has longer than any retard to do so.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from alarms.lifecycle.alarm import Alarm, AlarmKind, Condition, Flag, Priority, Suppression
from alarms.lifecycle.events import Confirmed, Onset
from alarms.lifecycle.policy import DUTY, Policy, Step
from alarms.lifecycle.rooms import Rooms
from alarms.lifecycle.verification import CONFIRMED_BY, known_by, trigger

FLOW_BEGINS = "flow_begins"
FLOW_LASTS = "flow_lasts"
FLOW = ("water_flow", FLOW_LASTS, FLOW_BEGINS)
PUMP = "pump_running"
VALVE = "valve_shut"
VALVE_IN_FIRE = "valve_shut_in_fire"
UNTIL_RESTORED = (VALVE, "tank_low", VALVE_IN_FIRE)
"""Supervisory signals: while they stand nobody resolves them but as a false alarm, a repair or a test."""

WINDOW = timedelta(minutes=30)
"""Flow and fire within this time mean one fire: a sprinkler opens minutes after the smoke."""

FIRE_CONFIRMED = "fire_confirmed"
"""In the evidence of a flow: that a fire alarm is there too."""

HELD_BACK = Policy(name=FLOW_BEGINS, steps=(Step(after_s=120, who=(DUTY,)),), repeat_s=120, return_s=None)
"""Longer than a retard may be (NFPA 72: 90 s) and a backlog takes."""

Evidence = dict[str, Any]  # Any: a JSON object

_NOT_REAL = {Flag.TEST, Flag.DRILL, Flag.CANARY, Flag.UNREGISTERED}
_ALONE = ("water flows in the sprinkler pipe: leak or fire, go and look", "喷淋管网有水流：漏水或火灾，请立即前往查看")
_WITH_PUMP = (
    "water flows in the sprinkler pipe and the fire pump runs: leak or fire, go and look",
    "喷淋管网有水流且消防水泵已启动：漏水或火灾，请立即前往查看",
)
_CONFIRMED = ("FIRE CONFIRMED: a detector and the sprinkler's flow", "火灾确认：探测器报警且喷淋出水")
_TEST = ("test flow", "试水")
_UNJUDGED = (
    "water has flowed for two minutes and no gateway says whether it is a surge: leak or fire, go and look",
    "水流已持续两分钟，网关未作判断：漏水或火灾，请立即前往查看",
)
_VALVE = (
    "the valve of the sprinkler is CLOSED during a fire: open it",
    "火警期间喷淋阀门处于关闭状态：立即打开",
)


def is_flow(one: Alarm | Onset) -> bool:
    """Whether it says that water flows; held-back flow says so only when nobody judged it."""
    return one.rule in FLOW and not is_held_back(one)


def is_held_back(one: Alarm | Onset) -> bool:
    """Whether it is flow that may yet be a surge."""
    return one.rule == FLOW_BEGINS and one.priority is not Priority.EMERGENCY


def told(onset: Onset, around: Iterable[Alarm], rooms: Rooms) -> Onset:
    """A flow with what it means, given the open alarms of its site; a drill keeps its own words."""
    if not is_flow(onset) or Flag.DRILL in onset.flags or Flag.TEST in onset.flags:
        return onset
    if onset.suppressed is not None and onset.suppressed.how is Suppression.PLANNED:
        said = _texts((f"{_TEST[0]}: {onset.suppressed.reason}", f"{_TEST[1]}：{onset.suppressed.reason}"))
    else:
        said = _meaning(onset, list(around), rooms)
    return replace(onset, evidence=onset.evidence | said)


def confirmation(alarm: Alarm, around: Sequence[Alarm], rooms: Rooms) -> Confirmed | None:
    """What open alarms of the site add to a flow; None: nothing new. More fires add nothing to one that has one."""
    if not is_flow(alarm) or is_confirmed(alarm) or alarm.condition is not Condition.ACTIVE:
        return None
    before = {one.get("id") for one in known_by(alarm.evidence)}
    others = [*_fires(alarm, around, rooms), *_pumps(alarm, around)]
    new = [one for one in others if one.identity.device_id not in before]
    is_after_test = _is_real(alarm) and str(alarm.evidence.get("text", "")).startswith(_TEST[0])
    if not (new or is_after_test):
        return None
    return Confirmed(at=_last([alarm, *new]), priority=alarm.priority, evidence=_meaning(alarm, around, rooms))


def is_confirmed(alarm: Alarm) -> bool:
    """Whether a detector and the flow say together that it burns."""
    return alarm.evidence.get(FIRE_CONFIRMED) is True


def unjudged(now: datetime) -> Confirmed:
    """Held-back flow of which the gateway has said nothing in time."""
    return Confirmed(at=now, priority=Priority.EMERGENCY, evidence=_texts(_UNJUDGED))


def is_test_over(alarm: Alarm) -> bool:
    """Whether it is a test flow that has stopped."""
    is_planned = alarm.suppressed is not None and alarm.suppressed.how is Suppression.PLANNED
    return alarm.is_open and is_planned and is_flow(alarm) and alarm.condition is Condition.CLEARED


def is_fire(alarm: Alarm) -> bool:
    """Whether it is a fire alarm in earnest, of any room of its site."""
    return alarm.kind is AlarmKind.FIRE and alarm.priority is Priority.EMERGENCY and _is_real(alarm)


def valve_onset(valve: Alarm, fires: Sequence[Alarm], now: datetime) -> Onset | None:
    """The shout about a shut valve while ``fires`` stand; None when there is nothing to shout about."""
    if Flag.DRILL in valve.flags or not fires:
        return None
    first = min(fires, key=lambda fire: (fire.raised_at, fire.alarm_id))
    return Onset(
        rule=VALVE_IN_FIRE,
        subject=valve.subject,
        kind=AlarmKind.FAULT,
        priority=Priority.EMERGENCY,
        latching=False,
        momentary=False,
        identity=valve.identity,
        record=f"{VALVE_IN_FIRE}/{valve.alarm_id}/{first.alarm_id}",
        raised_at=now,
        received_at=now,
        evidence=_texts(_VALVE) | {"signal": "valve_open", "value": False, "fire": first.alarm_id},
    )


def _meaning(one: Alarm | Onset, around: Sequence[Alarm], rooms: Rooms) -> Evidence:
    fires = _fires(one, around, rooms)
    pumps = _pumps(one, around)
    said = _texts(_CONFIRMED if fires else _WITH_PUMP if pumps else _ALONE)
    by = [*(trigger(fire, independent=True) for fire in fires), *(trigger(pump, independent=False) for pump in pumps)]
    said |= {FIRE_CONFIRMED: True} if fires else {}
    return said | ({CONFIRMED_BY: by} if by else {})


def _fires(one: Alarm | Onset, around: Iterable[Alarm], rooms: Rooms) -> list[Alarm]:
    """The fires behind a flow: near by."""
    if not (is_flow(one) and _is_real(one)):
        return []
    return [
        other
        for other in around
        if other.kind is AlarmKind.FIRE
        and _is_real(other)
        and other.identity.site_id == one.identity.site_id
        and rooms.are_near(one.identity.room_id, other.identity.room_id)
        and abs(_moment(one) - _moment(other)) <= WINDOW
    ]


def _pumps(one: Alarm | Onset, around: Iterable[Alarm]) -> list[Alarm]:
    """The pumps that run behind a flow: a site has one set of them."""
    if not (is_flow(one) and _is_real(one)):
        return []
    return [
        other
        for other in around
        if other.rule == PUMP and _is_real(other) and other.identity.site_id == one.identity.site_id
    ]


def _is_real(one: Alarm | Onset) -> bool:
    """No test, no drill, nothing announced or put aside, of a device that is known."""
    return one.suppressed is None and not _NOT_REAL & set(one.flags)


def _moment(one: Alarm | Onset) -> datetime:
    return one.last_at if isinstance(one, Alarm) else one.raised_at


def _last(alarms: Iterable[Alarm]) -> datetime:
    return max(alarm.last_at for alarm in alarms)


def _texts(words: tuple[str, str]) -> Evidence:
    return {"text": words[0], "text_zh": words[1]}
