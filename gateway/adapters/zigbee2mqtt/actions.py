"""Zigbee2MQTT's ``action`` texts: what a button, a pendant or a vibration sensor did."""

from __future__ import annotations

import re

_CALL = {"emergency", "sos", "panic"}
_WORDS = {
    "test": "call_test",
    "double": "button_double",
    "long": "button_long",
    "hold": "button_long",
    "single": "button_short",
    "short": "button_short",
    "click": "button_short",
    "press": "button_short",
    "pressed": "button_short",
    "drop": "drop",
    "tilt": "tilt",
    "vibration": "vibration",
}
_END = {"release", "released", "up"}


def event_of(action: str) -> str | None:
    """The event's name; empty for an action that ends another one, None for an action that nobody here knows.

    A button with several keys puts the key before or after the word: ``1_single``, ``button_2_double``. A call is found
    wherever its word stands.
    """
    words = [word for word in re.split(r"[^a-z]+", action.lower()) if word]
    if any(word in _END for word in words):
        return ""
    if any(word in _CALL for word in words):
        return "help_call"
    return next((event for word, event in _WORDS.items() if word in words), None)
