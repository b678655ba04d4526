"""The registry of families: which adapter reads a topic."""

from __future__ import annotations

from collections.abc import Sequence

from gateway.adapters.canonical.family import Canonical
from gateway.adapters.native import Decoded, Family, NativeDecodeError, NativeMessage
from gateway.adapters.shelly_gen2.family import ShellyGen2
from gateway.adapters.tasmota.family import Tasmota
from gateway.adapters.zigbee2mqtt.family import Zigbee2Mqtt


class Families:
    """The adapters in the order in which they are asked; ``zigbee2mqtt_bases`` are the base topics in use."""

    def __init__(self, zigbee2mqtt_bases: Sequence[str] = ("zigbee2mqtt",)) -> None:
        # Shelly's prefix may be any text, so the families with a fixed first word are asked before it
        self._families: tuple[Family, ...] = (Canonical(), Zigbee2Mqtt(zigbee2mqtt_bases), Tasmota(), ShellyGen2())

    def decode(self, message: NativeMessage) -> Sequence[Decoded]:
        """What ``message`` says.

        Raises
        ------
        NativeDecodeError
            Reason ``unknown_topic`` when the topic is no family's, else the family's own.
        """
        for family in self._families:
            if family.matches(message.topic):
                return family.decode(message)
        raise NativeDecodeError("unknown_topic", "the topic belongs to no known family", adapter="", device="")
