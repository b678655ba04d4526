"""Our own form from a device: SenML (JSON or CBOR), a pack, or a motion window.

Topics: ``senml/…`` and ``motion/…`` from devices behind a gateway, and a gateway's own ``anxin/v1/gw/…/up/…``. Who a
record is about stands in its base name. ``…/set`` below them is what the gateway itself tells a device.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from gateway.adapters.native import Decoded, Dropped, NativeDecodeError, NativeMessage, NativeReading
from ingest.wire import motion, pack, senml
from ingest.wire.batch import SINGLE
from ingest.wire.errors import DecodeError
from ingest.wire.pack import Table
from ingest.wire.signals import BY_NAME, FALL_CODES, FALL_NAMES, JUDGEMENT_PREFIX, STAFF_PRESENT, SignalClass
from ingest.wire.topics import Lane, parse_gateway

LOCAL = ("senml/", "motion/")
_COMMAND = re.compile(r"/.+/set\Z")
_MAX_ELEMENT = 127
_LONGEST_TEXT = 256


class Canonical:
    """Decoder of canonical messages."""

    name = "canonical"

    def matches(self, topic: str) -> bool:
        if topic.startswith(LOCAL):
            return True
        parsed = parse_gateway(topic)
        return parsed is not None and parsed.lane is not None

    def decode(self, message: NativeMessage) -> Sequence[Decoded]:
        if message.topic.startswith(LOCAL) and _COMMAND.search(message.topic) is not None:
            return (Decoded(adapter=self.name, device="", ignored=True),)  # ours, to a lamp or a relay
        parsed = parse_gateway(message.topic)
        is_motion = message.topic.startswith("motion/") or (parsed is not None and parsed.lane is Lane.MOTION)
        try:
            if is_motion:
                return (self._window(message.payload),)
            content = pack.decode(message.payload)
        except DecodeError as error:
            device = parsed.gateway_id if parsed is not None else message.topic.partition("/")[2]
            raise NativeDecodeError(error.reason, error.detail, adapter=self.name, device=device) from error
        return self._group(content, retained=message.retained)

    def _window(self, payload: bytes) -> Decoded:
        window = motion.decode(payload)
        # the family in the registry's ``native`` is "motion", as the topic is
        return Decoded(adapter="motion", device=window.device_id, observed_at=_moment(window.start_s), window=window)

    def _group(self, content: pack.Pack, *, retained: bool) -> list[Decoded]:
        groups: dict[tuple[str, float | None], _Group] = {}
        for device, name, value, at in _values(content):
            moment_s = None if math.isnan(at) else at
            group = groups.setdefault((device, moment_s), _Group())
            group.add(name, value)
        return [
            Decoded(
                adapter=self.name,
                device=device,
                readings=tuple(group.readings),
                events=() if retained else tuple(group.events),
                observed_at=None if at is None else _moment(at),
                dropped=tuple(group.dropped),
            )
            for (device, at), group in groups.items()
        ]


class _Group:
    def __init__(self) -> None:
        self.readings: list[NativeReading] = []
        self.events: list[str] = []
        self.dropped: list[Dropped] = []

    def add(self, name: str, value: float | bool | str | DecodeError) -> None:
        if isinstance(value, DecodeError):
            self.dropped.append(Dropped(name, value.reason))
            return
        if isinstance(value, str) and len(value) > _LONGEST_TEXT:
            self.dropped.append(Dropped(name[:_LONGEST_TEXT], "too_long"))
            return
        plain, _, place = name.partition(":")
        if name.startswith(JUDGEMENT_PREFIX) or plain not in BY_NAME:
            self.readings.append(NativeReading(name, value))
            return
        element = int(place) if place.isascii() and place.isdigit() and len(place) <= 3 else SINGLE
        if element > _MAX_ELEMENT:
            self.dropped.append(Dropped(name, "out_of_range"))
            return
        self._add_known(plain, element, value)

    def _add_known(self, name: str, element: int, value: float | bool | str) -> None:
        signal = BY_NAME[name]
        if name == "fall":
            fall = _fall(value)
            if fall is None:
                self.dropped.append(Dropped(name, "unknown_value"))
                return
            self.readings.append(NativeReading(name, fall, element))
            if fall == "confirmed":
                self.events.append(name)
            return
        if isinstance(value, str) and name == STAFF_PRESENT:
            self.readings.append(NativeReading(name, value, element))  # the badge of whoever came
        elif isinstance(value, str):
            self.dropped.append(Dropped(name, "wrong_type"))
        elif signal.of is SignalClass.MEASURE:
            if signal.low <= value <= signal.high:
                self.readings.append(NativeReading(name, float(value), element))
            else:
                self.dropped.append(Dropped(name, "out_of_range"))
        elif value not in (0, 1):
            self.dropped.append(Dropped(name, "wrong_type"))
        elif signal.of is SignalClass.STATE:
            self.readings.append(NativeReading(name, bool(value), element))
        elif value:
            self.events.append(name)


def _values(content: pack.Pack) -> Iterator[tuple[str, str, float | bool | str | DecodeError, float]]:
    for item in senml.resolve(content.records):
        if isinstance(item, DecodeError):
            yield "", item.detail, item, math.nan
        else:
            yield item.device, item.signal, item.value, item.at
    for table in content.tables:
        yield from _rows(table)


def _rows(table: Table) -> Iterator[tuple[str, str, float, float]]:
    for row, values in enumerate(table.v):
        device = table.d[row if len(table.d) > 1 else 0]
        at = table.bt + (table.t[row] if table.t else 0.0)
        known = at if senml.ABSOLUTE_S <= at < 2.0**40 else math.nan
        for name, value in zip(table.n, values, strict=True):
            if value is not None and math.isfinite(value):
                yield device, name, value, known


def _fall(value: float | bool | str) -> str | None:
    if isinstance(value, str):
        return value if value in FALL_CODES else None
    return FALL_NAMES[int(value)] if value in (0, 1, 2) else None


def _moment(at_s: float) -> datetime | None:
    try:
        return datetime.fromtimestamp(at_s, UTC)
    except (ValueError, OverflowError, OSError):
        return None
