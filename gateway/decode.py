"""``anxin decode``: what an adapter makes of any message, as one dictionary per record."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from gateway.adapters.families import Families
from gateway.adapters.native import Decoded, NativeDecodeError, NativeMessage

Line = dict[str, Any]
"""Any: JSON values."""


def decode_lines(topic: str | None, source: bytes) -> Iterator[Line]:
    """The records in ``source``: one message of ``topic``, or a JSON-lines file of messages.

    A line of such a file has ``topic``, ``payload`` or ``payload_hex``, and perhaps ``retained``. A record has the keys
    adapter, device, signal, value, observed_at; an event has its name as signal and the value true; a list (phases,
    targets) is the list of its values. A rejected message has error and reason. A message that says only "I live" is a
    ``heartbeat``. ``dropped`` names fields that were left out.
    """
    families = Families()
    messages = _messages(source)
    if messages is None:
        messages = [NativeMessage(topic=topic or "", payload=source)]
    for message in messages:
        try:
            decoded = families.decode(message)
        except NativeDecodeError as error:
            yield _rejected(error)
            continue
        for item in decoded:
            yield from _records(item)


def _records(item: Decoded) -> Iterator[Line]:
    if item.ignored:
        return
    base: Line = {"adapter": item.adapter, "device": item.device}
    tail: Line = {"observed_at": _utc(item.observed_at)}
    if item.observed_at_local is not None:
        tail["observed_at_local"] = item.observed_at_local.isoformat()
    if item.dropped:
        tail["dropped"] = [f"{dropped.field}: {dropped.reason}" for dropped in item.dropped]
    values: dict[str, Any] = {}  # Any: a JSON value
    for reading in item.readings:
        if reading.element == 0:
            values[reading.signal] = reading.value
        else:
            _place(values, reading.signal, reading.element, reading.value)
    if item.online is not None:
        values["online"] = item.online
    if item.window is not None:
        values["motion_window"] = {
            "samples": len(item.window.counts),
            "rate_hz": item.window.rate_hz,
            "range_g": item.window.range_g,
        }
    if not values and not item.events and item.device:
        values["heartbeat"] = True
    for signal, value in values.items():
        yield {**base, "signal": signal, "value": value, **tail}
    for event in item.events:
        yield {**base, "signal": event, "value": True, **tail}
    if not item.device:
        yield from ({**base, "error": dropped.reason, "reason": dropped.field} for dropped in item.dropped)


def _place(values: dict[str, Any], signal: str, element: int, value: object) -> None:  # Any: a JSON value
    """Put an element of a list where it belongs; a total beside its phases keeps the plain name."""
    known = values.get(signal)
    name = signal if known is None or isinstance(known, list) else f"{signal}:{element}"
    if name != signal:
        values[name] = value
        return
    listed: list[object] = values.setdefault(signal, [])
    listed.extend([None] * (element - len(listed)))
    listed[element - 1] = value


def _rejected(error: NativeDecodeError) -> Line:
    return {"adapter": error.adapter, "device": error.device, "error": error.reason, "reason": error.detail}


def _messages(source: bytes) -> list[NativeMessage] | None:
    """The messages of a JSON-lines file, or None when ``source`` is not one."""
    found: list[NativeMessage] = []
    for line in source.splitlines():
        if not line.strip():
            continue
        try:
            item = json.loads(line)
            if not isinstance(item, dict) or not isinstance(item.get("topic"), str):
                return None
            if isinstance(item.get("payload_hex"), str):
                payload = bytes.fromhex(item["payload_hex"])
            elif isinstance(item.get("payload"), str):
                payload = item["payload"].encode()
            else:
                return None
        except (ValueError, RecursionError):
            return None
        found.append(NativeMessage(topic=item["topic"], payload=payload, retained=item.get("retained") is True))
    return found or None


def _utc(at: datetime | None) -> str | None:
    if at is None:
        return None
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")
