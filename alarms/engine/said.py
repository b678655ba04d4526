"""What a person said with a step, for the line of the log that tells of it."""

from __future__ import annotations

from typing import Any

from alarms.lifecycle.events import Confirmed, Event, Moved, Shelve

_NAMES = ("note", "disposition", "reached", "until", "second", "to", "by_s", "asked", "because")


def said(event: Event) -> dict[str, Any]:  # Any: a JSON object
    """The words and the closed terms of an event; a reason for putting aside is its ``note``, as in the command."""
    found = {name: getattr(event, name, None) for name in _NAMES}
    if isinstance(event, Shelve):
        found["note"] = event.reason
    if isinstance(event, Confirmed):
        found["trigger"] = event.trigger
    if isinstance(event, Moved):
        found |= {"output": event.name, "moved": event.moved}
    return {name: value for name, value in found.items() if value or value is False}
