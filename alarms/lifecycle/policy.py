"""Escalation: who is told after how many seconds, and when a forgotten alarm comes back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from alarms.lifecycle.alarm import Priority
from alarms.lifecycle.effects import Group


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """Told ``after_s`` seconds after the step before it."""

    after_s: float
    groups: tuple[Group, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """Steps in order; the last one repeats every ``repeat_s`` until somebody answers.

    ``return_s`` after the acknowledgement an unresolved alarm is new again; None: it stays acknowledged.
    """

    steps: tuple[Step, ...]
    repeat_s: float
    return_s: float | None


_DUTY = (Group.DUTY,)
_ALL = (Group.DUTY, Group.CONTACTS)

DEFAULT_POLICIES: Mapping[Priority, Policy] = {
    Priority.EMERGENCY: Policy(
        steps=(Step(after_s=0, groups=_DUTY), Step(after_s=30, groups=_ALL)), repeat_s=60, return_s=180
    ),
    Priority.HIGH: Policy(
        steps=(Step(after_s=0, groups=_DUTY), Step(after_s=60, groups=_DUTY), Step(after_s=180, groups=_ALL)),
        repeat_s=300,
        return_s=600,
    ),
    Priority.MEDIUM: Policy(steps=(Step(after_s=0, groups=_DUTY),), repeat_s=1800, return_s=900),
    Priority.LOW: Policy(steps=(), repeat_s=0, return_s=None),
}
