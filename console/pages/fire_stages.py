"""How far a fire is known to be one, what bore it out and what it switched, out of its evidence. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from alarms.lifecycle.alarm import Alarm, AlarmKind
from alarms.lifecycle.step import linked
from alarms.lifecycle.verification import FireStage, known_by
from console.pages.chart import moment_of, number_of
from console.words import FIRE_STAGES


@dataclass(frozen=True, slots=True, kw_only=True)
class Trigger:
    """What bore a fire out: a device with its place, a person (an id for ``name_of``), or the time that ran out."""

    what: str
    name: str
    rule: str
    room: str
    at: datetime | str | None
    independent: bool


def fire_stage_of(alarm: Alarm) -> str:
    """A key of ``FIRE_STAGES``; empty: nobody said, or it is no fire."""
    stage = alarm.evidence.get("stage")
    return stage if alarm.kind is AlarmKind.FIRE and isinstance(stage, str) and stage in FIRE_STAGES else ""


def may_be_confirmed(alarm: Alarm) -> bool:
    """Whether a person may still say that it burns."""
    return alarm.kind is AlarmKind.FIRE and alarm.is_open and fire_stage_of(alarm) != FireStage.CONFIRMED


def triggers_of(alarm: Alarm) -> Sequence[Trigger]:
    """What bore a fire out, in the order in which it came; what cannot be read is left out."""
    found = []
    for one in known_by(alarm.evidence) if alarm.kind is AlarmKind.FIRE else ():
        at_s = number_of(one.get("at_s"))
        found.append(
            Trigger(
                what=str(one.get("what", "")),
                name=str(one.get("name") or one.get("id") or "")[:200],
                rule=str(one.get("rule", ""))[:64],
                room=str(one.get("room", ""))[:200],
                at=None if at_s is None else moment_of(at_s, at_s),
                independent=one.get("independent") is True,
            )
        )
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkTold:
    """An output that was asked for, or refused: keys of ``words.OUTPUT_DOES`` and ``words.LINK_REASONS``.

    ``moved``: whether a device says that it has moved; None: not yet, ``within_s`` at most. ``within_s`` 0: none can.
    """

    output_id: str
    name: str
    does: str
    refused: bool
    why: str
    detail: str
    at: datetime | str | None
    within_s: float
    moved: bool | None
    moved_at: datetime | str | None


def links_of(alarm: Alarm) -> Sequence[LinkTold]:
    """The outputs that were asked for at an alarm, in order; what cannot be read is left out."""
    found = []
    for one in linked(alarm):
        if isinstance(one, dict):
            at_s, moved_at_s = number_of(one.get("at_s")), number_of(one.get("moved_at_s"))
            moved = one.get("moved")
            found.append(
                LinkTold(
                    output_id=str(one.get("output_id", "")),
                    name=str(one.get("name", ""))[:200],
                    does=str(one.get("does", "")),
                    refused=one.get("refused") is True,
                    why=str(one.get("why", "")),
                    detail=str(one.get("detail", ""))[:500],
                    at=None if at_s is None else moment_of(at_s, at_s),
                    within_s=number_of(one.get("within_s")) or 0.0,
                    moved=moved if isinstance(moved, bool) else None,
                    moved_at=None if moved_at_s is None else moment_of(moved_at_s, moved_at_s),
                )
            )
    return found


def has_refused_link(alarm: Alarm) -> bool:
    """Whether an output that was asked for last was refused, or has not moved in time: somebody must see to it."""
    last = {one.output_id: one.refused or one.moved is False for one in links_of(alarm)}
    return any(last.values())
