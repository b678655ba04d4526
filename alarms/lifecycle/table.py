"""The one transition table. A pair that is not in it is refused and nothing changes."""

from __future__ import annotations

from collections.abc import Mapping

from alarms.lifecycle.alarm import Response
from alarms.lifecycle.events import Acknowledge, Attend, Cleared, Event, Note, Recurred, Resolve, ReturnDue, StepDue

_NEW, _ACKNOWLEDGED, _ATTENDED, _RESOLVED = Response

TRANSITIONS: Mapping[tuple[Response, type[Event]], Response] = {
    (_NEW, Recurred): _NEW,
    (_NEW, Cleared): _NEW,
    (_NEW, Acknowledge): _ACKNOWLEDGED,
    (_NEW, Attend): _ATTENDED,
    (_NEW, Resolve): _RESOLVED,
    (_NEW, Note): _NEW,
    (_NEW, StepDue): _NEW,
    (_ACKNOWLEDGED, Recurred): _ACKNOWLEDGED,
    (_ACKNOWLEDGED, Cleared): _ACKNOWLEDGED,
    (_ACKNOWLEDGED, Attend): _ATTENDED,
    (_ACKNOWLEDGED, Resolve): _RESOLVED,
    (_ACKNOWLEDGED, Note): _ACKNOWLEDGED,
    (_ACKNOWLEDGED, ReturnDue): _NEW,
    (_ATTENDED, Recurred): _ATTENDED,
    (_ATTENDED, Cleared): _ATTENDED,
    (_ATTENDED, Resolve): _RESOLVED,
    (_ATTENDED, Note): _ATTENDED,
    (_ATTENDED, ReturnDue): _NEW,
}
"""Two refinements live in ``step``: a *new onset* (a press, or a condition that had cleared) makes an answered alarm
new again, and a condition that clears resolves an alarm that does not latch."""
