"""Zigbee2MQTT: topics, availability, JSON state and single attributes.

``{base}/{name}`` carries JSON; ``{base}/{name}/{attribute}`` one attribute as text; ``…/availability`` and
``{base}/bridge/state`` say who can be reached; ``…/set`` and ``…/get`` are commands. A name may hold blanks and
slashes.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from gateway.adapters.fields import json_value, moment, text_of, truth
from gateway.adapters.native import Decoded, Dropped, NativeDecodeError, NativeMessage
from gateway.adapters.zigbee2mqtt.attributes import ATTRIBUTES, Attributes
from ingest.wire.errors import DecodeError

BRIDGE = "bridge"
_COMMANDS = ("set", "get")


class Zigbee2Mqtt:
    """Decoder of every device that Zigbee2MQTT knows; ``bases`` are its base topics."""

    name = "zigbee2mqtt"

    def __init__(self, bases: Sequence[str] = ("zigbee2mqtt",)) -> None:
        self._prefixes = tuple(f"{base}/" for base in bases)

    def matches(self, topic: str) -> bool:
        return topic.startswith(self._prefixes)

    def decode(self, message: NativeMessage) -> Sequence[Decoded]:
        name = self._name_in(message.topic)
        if name == BRIDGE or name.startswith(f"{BRIDGE}/"):
            return (self._bridge(name, message.payload),)
        device, _, suffix = name.rpartition("/")
        if device and suffix == "availability":
            return (self._availability(device, message.payload),)
        for command in _COMMANDS:
            # "/set/" too: a command for one attribute names it behind the suffix
            before, found, _ = f"{name}/".partition(f"/{command}/")
            if found and before:
                return (Decoded(adapter=self.name, device=before, ignored=True),)
        if device and suffix in ATTRIBUTES and not message.payload.lstrip().startswith(b"{"):
            return (self._attribute(device, suffix, message),)
        return (self._state(name, message),)

    def _bridge(self, name: str, payload: bytes) -> Decoded:
        if name == f"{BRIDGE}/state":
            return self._availability(BRIDGE, payload)
        return Decoded(adapter=self.name, device=BRIDGE, ignored=True)

    def _availability(self, device: str, payload: bytes) -> Decoded:
        if not payload:
            return Decoded(adapter=self.name, device=device, ignored=True)
        word: object = text_of(payload)
        if payload.lstrip().startswith(b"{"):
            body = self._json(device, payload)
            word = body.get("state") if isinstance(body, dict) else None
        online = truth(word)
        if online is None:
            raise self._refuse("unexpected_shape", "availability is neither online nor offline", device)
        return Decoded(adapter=self.name, device=device, online=online)

    def _attribute(self, device: str, attribute: str, message: NativeMessage) -> Decoded:
        text = text_of(message.payload)
        if text is None:
            raise self._refuse("not_text", f"{attribute} is not UTF-8", device, is_call=attribute == "action")
        return self._read(device, {attribute: text}, message)

    def _state(self, device: str, message: NativeMessage) -> Decoded:
        if not message.payload.strip():
            # an empty retained message takes a state out of the broker; it says nothing about the world
            return Decoded(adapter=self.name, device=device, ignored=True)
        body = self._json(device, message.payload)
        if not isinstance(body, dict):
            raise self._refuse("unexpected_shape", f"a JSON object was expected, not {type(body).__name__}", device)
        return self._read(device, body, message)

    def _read(self, device: str, body: dict[str, Any], message: NativeMessage) -> Decoded:  # Any: JSON values
        attributes = Attributes(body)
        seen = body.get("last_seen")
        at = None if seen is None else moment(seen)
        dropped = list(attributes.fields.dropped)
        if seen is not None and at is None:
            dropped.append(Dropped("last_seen", "not_a_time"))
        return Decoded(
            adapter=self.name,
            device=device,
            readings=tuple(attributes.fields.readings),
            events=() if message.retained else tuple(attributes.events),
            observed_at=at if at is not None and at.tzinfo is not None else None,
            observed_at_local=at if at is not None and at.tzinfo is None else None,
            dropped=tuple(dropped),
        )

    def _json(self, device: str, payload: bytes) -> Any:  # Any: a JSON value
        try:
            return json_value(payload)
        except DecodeError as error:
            raise self._refuse(error.reason, error.detail, device) from error

    def _refuse(self, reason: str, detail: str, device: str, *, is_call: bool = False) -> NativeDecodeError:
        return NativeDecodeError(reason, detail, adapter=self.name, device=device, is_call=is_call)

    def _name_in(self, topic: str) -> str:
        for prefix in self._prefixes:
            if topic.startswith(prefix):
                return topic[len(prefix) :]
        raise self._refuse("unknown_topic", f"{topic!r} is below none of the base topics", "")
