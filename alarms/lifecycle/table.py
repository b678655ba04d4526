"""The one transition table. A pair that is not in it is refused and nothing changes."""

from __future__ import annotations

from collections.abc import Mapping

from alarms.lifecycle.alarm import Response
from alarms.lifecycle.events import (
    Acknowledge,
    Assign,
    Attend,
    Cleared,
    ClockSet,
    Confirmed,
    Event,
    Grouped,
    NotArrived,
    Note,
    Recovered,
    Recurred,
    Resolve,
    ReturnDue,
    SetOut,
    ShelfOver,
    Shelve,
    Stay,
    StepDue,
    TurnBack,
    Unshelve,
)

_NEW, _ACKNOWLEDGED, _ATTENDED, _RESOLVED = Response

TRANSITIONS: Mapping[tuple[Response, type[Event]], Response] = {
    (_NEW, Recurred): _NEW,
    (_NEW, Confirmed): _NEW,
    (_NEW, Recovered): _NEW,
    (_NEW, Cleared): _NEW,
    (_NEW, Acknowledge): _ACKNOWLEDGED,
    (_NEW, Attend): _ATTENDED,
    (_NEW, Resolve): _RESOLVED,
    (_NEW, Note): _NEW,
    (_NEW, Assign): _NEW,
    (_NEW, Shelve): _NEW,
    (_NEW, Unshelve): _NEW,
    (_NEW, SetOut): _NEW,
    (_NEW, TurnBack): _NEW,
    (_NEW, Grouped): _NEW,
    (_NEW, StepDue): _NEW,
    (_NEW, ShelfOver): _NEW,
    (_NEW, NotArrived): _NEW,
    (_NEW, ClockSet): _NEW,
    (_ACKNOWLEDGED, Recurred): _ACKNOWLEDGED,
    (_ACKNOWLEDGED, Confirmed): _ACKNOWLEDGED,
    (_ACKNOWLEDGED, Recovered): _ACKNOWLEDGED,
    (_ACKNOWLEDGED, Cleared): _ACKNOWLEDGED,
    (_ACKNOWLEDGED, Acknowledge): _ACKNOWLEDGED,
    (_ACKNOWLEDGED, Attend): _ATTENDED,
    (_ACKNOWLEDGED, Resolve): _RESOLVED,
    (_ACKNOWLEDGED, Note): _ACKNOWLEDGED,
    (_ACKNOWLEDGED, Assign): _ACKNOWLEDGED,
    (_ACKNOWLEDGED, Shelve): _ACKNOWLEDGED,
    (_ACKNOWLEDGED, Unshelve): _NEW,
    (_ACKNOWLEDGED, SetOut): _ACKNOWLEDGED,
    (_ACKNOWLEDGED, TurnBack): _ACKNOWLEDGED,
    (_ACKNOWLEDGED, Grouped): _ACKNOWLEDGED,
    (_ACKNOWLEDGED, StepDue): _ACKNOWLEDGED,
    (_ACKNOWLEDGED, ReturnDue): _NEW,
    (_ACKNOWLEDGED, ShelfOver): _NEW,
    (_ACKNOWLEDGED, NotArrived): _ACKNOWLEDGED,
    (_ACKNOWLEDGED, ClockSet): _ACKNOWLEDGED,
    (_ATTENDED, Stay): _ATTENDED,
    (_ATTENDED, Recurred): _ATTENDED,
    (_ATTENDED, Confirmed): _ATTENDED,
    (_ATTENDED, Recovered): _ATTENDED,
    (_ATTENDED, Cleared): _ATTENDED,
    (_ATTENDED, Acknowledge): _ATTENDED,
    (_ATTENDED, Resolve): _RESOLVED,
    (_ATTENDED, Note): _ATTENDED,
    (_ATTENDED, Assign): _ATTENDED,
    (_ATTENDED, Shelve): _ATTENDED,
    (_ATTENDED, Unshelve): _NEW,
    (_ATTENDED, SetOut): _ATTENDED,
    (_ATTENDED, TurnBack): _ATTENDED,
    (_ATTENDED, Grouped): _ATTENDED,
    (_ATTENDED, StepDue): _ATTENDED,
    (_ATTENDED, ReturnDue): _NEW,
    (_ATTENDED, ShelfOver): _NEW,
    (_ATTENDED, NotArrived): _ATTENDED,
    (_ATTENDED, ClockSet): _ATTENDED,
}
"""Refinements live in ``step`` and ``guards``: a *new onset* (a press, or a condition that had cleared) makes an
answered alarm new again; so does a confirmation of an alarm that nobody has answered, for it is more urgent now; a near
fall waits for nobody; a condition that clears resolves an alarm that does not latch; a second person's
acknowledgement, and steps after the first one, come only where the policy asks for more people; what is put aside has
no deadline but its end."""
