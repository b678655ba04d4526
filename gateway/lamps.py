"""The wearer's lamp: "received" when the press is journaled, "help is coming" when a person took it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import msgspec

from alarms.lifecycle.effects import LampState


class Lamps(Protocol):
    """The lamps of the devices behind this gateway."""

    def show(self, native: str, state: LampState) -> bool:
        """Light the lamp of the device that the family knows as ``native``; False when it cannot be told."""
        ...


class NativeLamps:
    """Tells the device over the native session, in its family's way of setting things."""

    def __init__(self, publish: Callable[[str, bytes], bool], prefix: str, zigbee2mqtt_base: str) -> None:
        self._publish = publish
        self._prefix = prefix
        self._zigbee2mqtt_base = zigbee2mqtt_base

    def show(self, native: str, state: LampState) -> bool:
        family, _, name = native.partition(":")
        topics = {
            "zigbee2mqtt": f"{self._zigbee2mqtt_base}/{name}/set",
            "motion": f"motion/{name}/set",
            "canonical": f"senml/{name}/set",
        }
        topic = topics.get(family)
        if topic is None or not name or any(sign in name for sign in "+#\0"):
            return False
        return self._publish(self._prefix + topic, msgspec.json.encode({"lamp": state}))
