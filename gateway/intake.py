"""From native messages to what goes out: alarm-class records, telemetry, motion windows."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime

from gateway.adapters.families import Families
from gateway.adapters.native import Decoded, NativeDecodeError, NativeMessage
from gateway.devices import Devices, Known, stranger_id
from gateway.folding import Folding
from gateway.judge import Heard
from gateway.packing import Datum, motion_body
from gateway.states import States
from ingest.wire.signals import BY_NAME, SignalClass

CLOCK_AHEAD_S = 300.0
CLOCK_BEHIND_S = 30 * 86_400.0
RECENT_S = 900.0
HEARTBEAT_EVERY_S = 10.0
_BYTES_SHOWN = 200
_TOLD_MOST = 4096
_NEWEST_FIRST = ("test",)
"""A device in test says so before it says what it tests."""


@dataclass(slots=True)
class Found:
    """What came out of some messages: ``alarms`` with their devices, ``telemetry``, and everything for the judge."""

    alarms: list[tuple[Known, Datum]] = field(default_factory=list)
    telemetry: list[Datum] = field(default_factory=list)
    windows: list[bytes] = field(default_factory=list)
    heard: list[Heard] = field(default_factory=list)


class Intake:
    """Decodes, finds the device, and sorts what it said; ``refused`` counts by adapter and reason."""

    def __init__(self, families: Families, devices: Devices, states: States) -> None:
        self._families = families
        self.devices = devices
        self.states = states
        self._folding = Folding()
        self._alive: dict[str, float] = {}
        self._told_at: dict[str, float] = {}
        self.refused: Counter[str] = Counter()
        self.dropped: Counter[str] = Counter()

    def read(self, topic: str, payload: bytes, *, retained: bool, received_s: float, into: Found) -> None:
        """Sort what one native message says into ``into``."""
        message = NativeMessage(
            topic=topic, payload=payload, retained=retained, received_at=datetime.fromtimestamp(received_s, UTC)
        )
        try:
            decoded = self._families.decode(message)
        except NativeDecodeError as error:
            self._refuse(error, message, received_s, into)
            return
        for item in decoded:
            for dropped in item.dropped:
                self.dropped[f"{item.adapter}/{dropped.reason}"] += 1
            if not item.ignored and item.device:
                self._sort(item, message, received_s, into)

    def clock_set(self, by_s: float) -> None:
        """The wall clock was set: whoever was heard lately was heard just as lately."""
        self._folding.clock_set(by_s)
        self._alive = {device: at + by_s for device, at in self._alive.items()}

    def forget(self, now_s: float) -> None:
        """Drop what is too old to matter."""
        self._folding.forget(now_s)
        self._alive = {device: at for device, at in self._alive.items() if now_s - at < HEARTBEAT_EVERY_S}

    def _sort(self, item: Decoded, message: NativeMessage, received_s: float, into: Found) -> None:
        known = self.devices.find(item)
        if item.window is not None:
            start_s = item.window.start_s
            if not math.isfinite(start_s) or not _is_possible(start_s, received_s):
                start_s = received_s - len(item.window.counts) / item.window.rate_hz
            into.windows.append(motion_body(item.window, known.device_id, start_s))
            return
        at_s, evidence = _moment(item, received_s)
        # without a believable time of its own a retained message is "as of unknown": it may be months old
        is_timed = item.observed_at is not None and _is_possible(item.observed_at.timestamp(), received_s)
        if message.retained and not is_timed:
            self._tell_online(item, known, message, at_s, into)
            return
        is_stale = message.retained and received_s - at_s > RECENT_S
        telemetry = len(into.telemetry)
        data = self._data(item, known, message.topic, at_s, received_s, evidence)
        for datum in sorted(data, key=lambda datum: datum.signal not in _NEWEST_FIRST):
            signal = BY_NAME.get(datum.signal)
            is_alarm = signal is not None and signal.alarm
            if not is_alarm:
                into.telemetry.append(datum)
            elif is_stale:
                continue
            elif self._is_news(item, datum):
                into.alarms.append((known, datum))
            into.heard.append((known, datum, received_s))
        self._tell_online(item, known, message, at_s, into)
        if not message.retained and item.online is None:
            self._tell_life(known, at_s, received_s, has_telemetry=len(into.telemetry) > telemetry, into=into)

    def _is_news(self, item: Decoded, datum: Datum) -> bool:
        """True for an event that was not told before, and for a state that changes."""
        is_event = BY_NAME[datum.signal].of is SignalClass.EVENT
        if not is_event or (datum.signal == "fall" and item.adapter == "zigbee2mqtt"):
            # Zigbee2MQTT repeats a fall as a status until the radar takes it back
            return self.states.is_change(datum)
        if item.adapter != "canonical" or item.observed_at is None:
            return True
        # SenML without a seq is known by its signal and time
        key = f"{datum.device_id}/{datum.name}"
        is_new = self._told_at.get(key) != datum.at_s
        self._told_at.pop(key, None)
        self._told_at[key] = datum.at_s
        if len(self._told_at) > _TOLD_MOST:
            del self._told_at[next(iter(self._told_at))]
        return is_new

    def _data(
        self,
        item: Decoded,
        known: Known,
        topic: str,
        at_s: float,
        received_s: float,
        evidence: dict[str, str] | None,
    ) -> list[Datum]:
        data = []
        for reading in item.readings:
            value = reading.value
            signal = known.meaning(reading.signal)
            of = BY_NAME.get(signal)
            if of is not None and not of.alarm and isinstance(value, bool):
                value = float(value)
            data.append(
                Datum(
                    device_id=known.device_id,
                    signal=signal,
                    value=value,
                    at_s=at_s,
                    element=reading.element,
                    evidence=evidence if of is not None and of.alarm else None,
                )
            )
        told = {datum.signal for datum in data}
        for event in item.events:
            signal = known.meaning(event)
            if signal in told or self._folding.is_repeat(known.device_id, signal, topic, received_s):
                continue
            of = BY_NAME.get(signal)
            is_alarm = of is not None and of.alarm
            data.append(
                Datum(
                    device_id=known.device_id,
                    signal=signal,
                    value=True if is_alarm else 1.0,
                    at_s=at_s,
                    evidence=evidence if is_alarm else None,
                )
            )
        return data

    def _tell_online(self, item: Decoded, known: Known, message: NativeMessage, at_s: float, into: Found) -> None:
        """Availability is retained by design, but that of a stranger may be of a device long gone."""
        if item.online is None or (message.retained and known.number is None):
            return
        datum = Datum(device_id=known.device_id, signal="online", value=item.online, at_s=at_s)
        if self.states.is_change(datum):
            into.alarms.append((known, datum))

    def _tell_life(self, known: Known, at_s: float, received_s: float, *, has_telemetry: bool, into: Found) -> None:
        if has_telemetry:
            self._alive[known.device_id] = received_s
        elif received_s - self._alive.get(known.device_id, -math.inf) >= HEARTBEAT_EVERY_S:
            self._alive[known.device_id] = received_s
            into.telemetry.append(Datum(device_id=known.device_id, signal="heartbeat", value=1.0, at_s=at_s))

    def _refuse(self, error: NativeDecodeError, message: NativeMessage, received_s: float, into: Found) -> None:
        self.refused[f"{error.adapter or 'none'}/{error.reason}"] += 1
        if not error.is_call or message.retained:
            return
        # a topic that carries nothing but calls: bytes that nobody can read still call a person
        who = Decoded(adapter=error.adapter, device=error.device)
        known = self.devices.find(who) if error.device else Known(stranger_id(error.adapter, error.device))
        shown = message.payload[:_BYTES_SHOWN].decode("utf-8", "backslashreplace")
        datum = Datum(
            device_id=known.device_id,
            signal="help_call",
            value=True,
            at_s=round(received_s, 6),
            evidence={"bytes": shown, "reason": error.reason},
        )
        into.alarms.append((known, datum))


def _moment(item: Decoded, received_s: float) -> tuple[float, dict[str, str] | None]:
    """When it happened, and what a person must know of the device's clock."""
    if item.observed_at is None:
        return round(received_s, 6), None
    at_s = item.observed_at.timestamp()
    if _is_possible(at_s, received_s):
        return round(at_s, 6), None
    return round(received_s, 6), {"device_clock": item.observed_at.isoformat()}


def _is_possible(at_s: float, received_s: float) -> bool:
    return -CLOCK_AHEAD_S <= received_s - at_s <= CLOCK_BEHIND_S
