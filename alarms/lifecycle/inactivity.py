"""The stages of a missing sign of life: the resident and the family are asked first, then people are sent.

Both are one alarm (docs/adr/0029). A question is low and rings nobody who works: whoever knows that all is well says
so, and a sign of life ends it. Unanswered it becomes the rule's own priority.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from alarms.lifecycle.alarm import Alarm, AlarmKind, Condition, Flag, Priority
from alarms.lifecycle.events import Confirmed, Onset, Recurred
from alarms.lifecycle.policy import CONTACTS, Policy, Step
from ingest.wire.life_stage import Stage

QUESTION = Policy(steps=(Step(after_s=0, who=(CONTACTS,)),), repeat_s=3600, return_s=None)
"""The relatives with whom this is shared, and the resident's own account; nobody else is told."""

_FIRST_S, _LAST_S = 2**28, 2**33  # moments on a clock, as on the wire
Evidence = Mapping[str, Any]  # Any: a JSON object


def stage_of(kind: AlarmKind, evidence: Evidence) -> Stage | None:
    """The stage that the evidence tells; None where the rule knows none."""
    told = evidence.get("stage")
    return Stage(told) if kind is AlarmKind.INACTIVITY and told in list(Stage) else None


def silent_since(evidence: Evidence) -> datetime | None:
    """The last sign of life that the evidence tells; None: it tells none that a clock shows."""
    return _moment(evidence.get("since_s"))


def back_since(evidence: Evidence) -> datetime | None:
    """Since when the evidence tells life again though all were said to be away; None: it tells none."""
    return _moment(evidence.get("back_s"))


def priority_of(stage: Stage | None, otherwise: Priority) -> Priority:
    """How urgent it is; ``otherwise``, the rule's own priority, once it is more than a question."""
    return Priority.LOW if stage is Stage.ASKED else otherwise


def flags_of(stage: Stage | None) -> tuple[Flag, ...]:
    """What must be known of it."""
    return (Flag.QUESTION,) if stage is Stage.ASKED else ()


def event_of(alarm: Alarm, onset: Onset) -> Confirmed | Recurred | None:
    """What another word is to the alarm that stands; None: nothing new."""
    if stage_of(onset.kind, onset.evidence) is Stage.ASKED:
        return None
    if alarm.is_question:
        return Confirmed(at=onset.raised_at, priority=onset.priority, evidence=onset.evidence)
    if alarm.condition is Condition.ACTIVE:
        return None
    return Recurred(at=onset.raised_at, received_at=onset.received_at, evidence=onset.evidence, priority=onset.priority)


def _moment(told: object) -> datetime | None:
    if not isinstance(told, (int, float)) or not _FIRST_S < told < _LAST_S:
        return None
    return datetime.fromtimestamp(told, UTC)
