"""Shelly's ``NotifyEvent`` words."""

from __future__ import annotations

_INPUT = {
    "single_push": "button_short",
    "double_push": "button_double",
    "triple_push": "button",
    "long_push": "button_long",
}


def event_of(component: str, word: str) -> str | None:
    """The event's name, or None for one that says nothing about the world (``btn_down``, ``sleep``, ``ota_begin``)."""
    if component.partition(":")[0] in ("input", "bthomedevice"):
        return _INPUT.get(word)
    return None
