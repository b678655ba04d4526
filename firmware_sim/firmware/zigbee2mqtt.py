"""Zigbee devices as Zigbee2MQTT tells of them: JSON per device, text actions, availability, the bridge's state."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from typing import TypeAlias

import msgspec

from firmware_sim.firmware.device import NEVER, Battery, DeviceClock, NativeMessage, Radio

BASE = "zigbee2mqtt"
BRIDGE_STATE = f"{BASE}/bridge/state"
_LOCAL = timezone(timedelta(hours=8))

FieldValue: TypeAlias = bool | int | float | str | None
"""What a field of a Zigbee2MQTT message may hold."""


def bridge_online() -> NativeMessage:
    """What Zigbee2MQTT says when it has started."""
    return NativeMessage(topic=BRIDGE_STATE, payload=b'{"state":"online"}', retain=True)


def bridge_offline() -> NativeMessage:
    """Zigbee2MQTT's last will: every device behind it is now unknown."""
    return NativeMessage(topic=BRIDGE_STATE, payload=b'{"state":"offline"}', retain=True)


@dataclass(slots=True, kw_only=True)
class ZigbeeDevice:
    """A sleepy Zigbee device with the fields of its model, checking in every ``check_in_s``.

    Zigbee2MQTT keeps the last fields and repeats them with every message, as this model does.
    ``tells_time`` adds ``last_seen``; ``availability`` adds the retained availability topic.
    """

    name: str
    clock: DeviceClock
    radio: Radio
    battery: Battery | None = None
    check_in_s: float = 3000.0
    tells_time: bool = False
    tells_battery: bool = True
    availability: bool = True
    fields: dict[str, FieldValue] = field(default_factory=dict)
    silent: bool = False
    check_in_at: float = 0.0

    @property
    def next_at(self) -> float:
        return NEVER if self.silent else self.check_in_at

    def boot(self, now: float) -> list[NativeMessage]:
        # Check-ins of a house spread over the interval, as devices were not paired in the same second.
        self.check_in_at = now + self.check_in_s * float(self.radio.rng.random())
        if not self.availability or self.silent:
            return []
        return [self._availability("online")]

    def step(self, now: float) -> list[NativeMessage]:
        if now < self.check_in_at:
            return []
        self.check_in_at = now + self.check_in_s * float(self.radio.rng.uniform(0.9, 1.1))
        return self.report(now)

    def report(self, now: float, **changed: FieldValue) -> list[NativeMessage]:
        """The device's message with these fields changed; nothing while it is silent or its battery is empty."""
        self.fields.update(changed)
        if self.battery is not None:
            self.battery.spend(now)
        if self.silent or (self.battery is not None and self.battery.empty):
            return []
        return self.radio.send(NativeMessage(topic=f"{BASE}/{self.name}", payload=self._body(now, {})))

    def lost(self) -> list[NativeMessage]:
        """Zigbee2MQTT gives the device up: it has not been heard for its time."""
        return [self._availability("offline")] if self.availability else []

    def _availability(self, state: str) -> NativeMessage:
        body = msgspec.json.encode({"state": state})
        return NativeMessage(topic=f"{BASE}/{self.name}/availability", payload=body, retain=True)

    def _body(self, now: float, once: dict[str, FieldValue]) -> bytes:
        body: dict[str, FieldValue] = {**once, **self.fields}
        if self.battery is not None:
            body["battery"] = self.battery.percent if self.tells_battery else None
            if "battery_low" in self.fields:
                body["battery_low"] = self.fields["battery_low"] = self.battery.low
        body["linkquality"] = self.radio.link_quality()
        if self.tells_time:
            at = datetime.fromtimestamp(self.clock.reads(now), UTC).astimezone(_LOCAL)
            body["last_seen"] = at.isoformat(timespec="seconds")
        return msgspec.json.encode(body)


@dataclass(slots=True, kw_only=True)
class ZigbeeButton(ZigbeeDevice):
    """A call button, pull cord or pendant (Tuya TS0215A_sos, HEIMAN HS1EB).

    ``legacy`` follows each press with the empty action and tells it on the ``/action`` topic too, as Zigbee2MQTT
    before 2.0 does.
    """

    legacy: bool = False
    pressed: int = 0

    def press(self, now: float) -> list[NativeMessage]:
        """Somebody pushes it."""
        self.pressed += 1
        if self.battery is not None:
            self.battery.spend(now)
        if self.silent or (self.battery is not None and self.battery.empty):
            return []
        topic = f"{BASE}/{self.name}"
        told = NativeMessage(topic=topic, payload=self._body(now, {"action": "emergency"}))
        if not self.legacy:
            return self.radio.send(told)
        return [
            *self.radio.send(told),
            NativeMessage(topic=f"{topic}/action", payload=b"emergency"),
            NativeMessage(topic=topic, payload=self._body(now, {"action": ""})),
        ]


@dataclass(slots=True, kw_only=True)
class ZigbeeMotion(ZigbeeDevice):
    """A passive infrared sensor: occupied at a movement, free ``hold_s`` after the last one."""

    hold_s: float = 90.0
    free_at: float = NEVER

    @property
    def next_at(self) -> float:
        return NEVER if self.silent else min(self.check_in_at, self.free_at)

    def step(self, now: float) -> list[NativeMessage]:
        if now >= self.free_at:
            self.free_at = NEVER
            return self.report(now, occupancy=False)
        return ZigbeeDevice.step(self, now)

    def move(self, now: float) -> list[NativeMessage]:
        """Somebody moves before it."""
        was_free = not self.fields.get("occupancy")
        self.free_at = now + self.hold_s
        return self.report(now, occupancy=True) if was_free else []
