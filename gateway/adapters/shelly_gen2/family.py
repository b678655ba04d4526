"""Shelly Gen2+: status topics, JSON-RPC notifications, availability.

``{prefix}/status/{component}:{id}`` is a component's status, ``{prefix}/events/rpc`` a notification with a part of the
status or with events, ``{prefix}/online`` the last will. A part of the status changes what it names and nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from gateway.adapters.fields import Fields, json_value, moment, text_of, truth
from gateway.adapters.native import Decoded, Dropped, NativeDecodeError, NativeMessage
from gateway.adapters.shelly_gen2.components import COMPONENTS, read_component
from gateway.adapters.shelly_gen2.events import event_of
from ingest.wire.errors import DecodeError

_TOPIC = re.compile(r"(?P<device>.+?)/(?P<leaf>online|events/rpc|rpc|(?:status|command)(?:/[a-z0-9_]+(?::\d+)?)?)\Z")
_NAMED = re.compile(r"(?:.*/)?shelly[^/]*\Z", re.IGNORECASE)
_STATUS = ("NotifyStatus", "NotifyFullStatus")


class ShellyGen2:
    """Decoder of Shelly's own messages."""

    name = "shelly_gen2"

    def matches(self, topic: str) -> bool:
        found = _TOPIC.match(topic)
        if found is None:
            return False
        # these two leaves are Shelly's alone; the others need its name before them
        leaf = found["leaf"]
        return leaf == "events/rpc" or _component(leaf) is not None or _NAMED.match(found["device"]) is not None

    def decode(self, message: NativeMessage) -> Sequence[Decoded]:
        found = _TOPIC.match(message.topic)
        if found is None:
            raise NativeDecodeError("unknown_topic", repr(message.topic), adapter=self.name, device="")
        device, leaf = found["device"], found["leaf"]
        if leaf == "online":
            return (self._online(device, message.payload),)
        if leaf == "events/rpc":
            return (self._notification(device, message),)
        component = _component(leaf)
        if component is None or not message.payload.strip():
            return (Decoded(adapter=self.name, device=device, ignored=True),)
        return (self._status(device, component, message),)

    def _online(self, device: str, payload: bytes) -> Decoded:
        if not payload:
            return Decoded(adapter=self.name, device=device, ignored=True)
        online = truth(text_of(payload))
        if online is None:
            raise self._refuse("unexpected_shape", "online is neither true nor false", device)
        return Decoded(adapter=self.name, device=device, online=online)

    def _status(self, device: str, component: str, message: NativeMessage) -> Decoded:
        body = self._object(device, message.payload)
        fields = Fields()
        read_component(fields, component, body, is_full=True)
        return Decoded(adapter=self.name, device=device, readings=tuple(fields.readings), dropped=tuple(fields.dropped))

    def _notification(self, device: str, message: NativeMessage) -> Decoded:
        body = self._object(device, message.payload)
        method, params = body.get("method"), body.get("params")
        if not isinstance(params, dict) or not isinstance(method, str):
            if "result" in body or "error" in body:
                return Decoded(adapter=self.name, device=device, ignored=True)
            raise self._refuse("unexpected_shape", "a notification has a method and params", device)
        fields = Fields()
        events: list[str] = []
        if method in _STATUS:
            for component, part in params.items():
                if isinstance(part, dict):
                    read_component(fields, component, part, is_full=method == "NotifyFullStatus")
        elif method == "NotifyEvent":
            events = _events(fields, params.get("events"))
        else:
            return Decoded(adapter=self.name, device=device, ignored=True)
        return Decoded(
            adapter=self.name,
            device=device,
            readings=tuple(fields.readings),
            events=() if message.retained else tuple(events),
            observed_at=_moment(fields, params.get("ts")),
            dropped=tuple(fields.dropped),
        )

    def _object(self, device: str, payload: bytes) -> dict[str, Any]:  # Any: JSON values
        try:
            body = json_value(payload)
        except DecodeError as error:
            raise self._refuse(error.reason, error.detail, device) from error
        if not isinstance(body, dict):
            raise self._refuse("unexpected_shape", f"a JSON object was expected, not {type(body).__name__}", device)
        return body

    def _refuse(self, reason: str, detail: str, device: str) -> NativeDecodeError:
        return NativeDecodeError(reason, detail, adapter=self.name, device=device)


def _component(leaf: str) -> str | None:
    kind, _, component = leaf.partition("/")
    return component if kind == "status" and component.partition(":")[0] in COMPONENTS else None


def _events(fields: Fields, raw: object) -> list[str]:
    found: list[str] = []
    for item in raw if isinstance(raw, list) else []:
        word = item.get("event") if isinstance(item, dict) else None
        component = item.get("component") if isinstance(item, dict) else None
        if not isinstance(word, str) or not isinstance(component, str):
            fields.drop("events", "wrong_type")
            continue
        event = event_of(component, word)
        if event is not None:
            found.append(event)
    return found


def _moment(fields: Fields, raw: object) -> datetime | None:
    if raw is None:
        return None  # a sleepy device before its first time sync
    at = moment(raw)
    if at is None or at.tzinfo is None:
        fields.dropped.append(Dropped("ts", "not_a_time"))
        return None
    return at
