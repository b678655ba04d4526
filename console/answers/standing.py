"""How an alarm stands for the person who holds a link to it. Pure."""

from __future__ import annotations

from enum import StrEnum

from alarms.lifecycle.alarm import Act, Alarm, Response


class Standing(StrEnum):
    """What the person may still do, and who has it."""

    OPEN = "open"  # nobody has it
    MORE = "more"  # somebody has it, and it asks for more people
    MINE = "mine"
    TAKEN = "taken"
    OVER = "over"
    UNKNOWN = "unknown"  # this console does not know yet what is open

    @property
    def can_answer(self) -> bool:
        return self in (Standing.OPEN, Standing.MORE, Standing.UNKNOWN)


def standing(alarm: Alarm | None, by: str, *, synced: bool) -> Standing:
    """For the person ``by``; ``alarm`` None is one that is not open, if the console is ``synced``."""
    if alarm is None:
        return Standing.OVER if synced else Standing.UNKNOWN
    if not alarm.is_open:
        return Standing.OVER
    if alarm.response is Response.NEW:
        return Standing.OPEN
    if any(act.by == by for act in (*alarm.takers, holder(alarm)) if act is not None):
        return Standing.MINE
    return Standing.TAKEN if alarm.answered else Standing.MORE


def holder(alarm: Alarm) -> Act | None:
    """Who has it now: who is there, else who took it first in this round."""
    match alarm.response:
        case Response.NEW:
            return None
        case Response.RESOLVED:
            return alarm.resolved
        case Response.ATTENDED:
            return alarm.attended
        case Response.ACKNOWLEDGED:
            return alarm.takers[0] if alarm.takers else alarm.acknowledged
