"""Tasmota: ``tele/{name}/…`` and ``stat/{name}/…`` in the default full topic.

Energy, the LD2410 radar, the switch and the last will. Times have no zone.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from gateway.adapters.fields import Fields, json_value, moment, text_of, truth
from gateway.adapters.native import Decoded, NativeDecodeError, NativeMessage, NativeReading
from ingest.wire.errors import DecodeError

_ENERGY = {
    "Power": "power_w",
    "Total": "energy_kwh",
    "Voltage": "voltage_v",
    "Current": "current_a",
    "Factor": "power_factor",
    "Frequency": "frequency_hz",
}
_MAX_ELEMENTS = 16


class Tasmota:
    """Decoder of Tasmota's telemetry."""

    name = "tasmota"

    def matches(self, topic: str) -> bool:
        return topic.startswith(("tele/", "stat/")) and topic.count("/") >= 2

    def decode(self, message: NativeMessage) -> Sequence[Decoded]:
        device, _, leaf = message.topic.partition("/")[2].rpartition("/")
        if not message.payload.strip():
            return (Decoded(adapter=self.name, device=device, ignored=True),)
        if leaf == "LWT":
            return (self._online(device, message.payload),)
        if leaf.startswith("POWER"):
            return (self._switch(device, leaf, message.payload),)
        if leaf in ("SENSOR", "STATUS8", "STATE", "RESULT"):
            return (self._telemetry(device, message.payload),)
        return (Decoded(adapter=self.name, device=device, ignored=True),)

    def _online(self, device: str, payload: bytes) -> Decoded:
        online = truth(text_of(payload))
        if online is None:
            raise self._refuse("unexpected_shape", "the last will is neither Online nor Offline", device)
        return Decoded(adapter=self.name, device=device, online=online)

    def _switch(self, device: str, leaf: str, payload: bytes) -> Decoded:
        fields = Fields()
        _read_switch(fields, leaf, text_of(payload))
        return self._decoded(device, fields, None)

    def _telemetry(self, device: str, payload: bytes) -> Decoded:
        try:
            body = json_value(payload)
        except DecodeError as error:
            raise self._refuse(error.reason, error.detail, device) from error
        if isinstance(body, dict) and isinstance(body.get("StatusSNS"), dict):
            body = body["StatusSNS"]
        if not isinstance(body, dict):
            raise self._refuse("unexpected_shape", f"a JSON object was expected, not {type(body).__name__}", device)
        fields = Fields()
        _read_energy(fields, body.get("ENERGY"))
        radar = body.get("LD2410")
        if isinstance(radar, dict):
            _read_list(fields, "LD2410.Distance", radar.get("Distance"), "distance_cm")
        for field, raw in body.items():
            if field.startswith("POWER"):
                _read_switch(fields, field, raw)
        return self._decoded(device, fields, moment(body.get("Time")))

    def _decoded(self, device: str, fields: Fields, at: datetime | None) -> Decoded:
        return Decoded(
            adapter=self.name,
            device=device,
            readings=tuple(fields.readings),
            observed_at=at if at is not None and at.tzinfo is not None else None,
            observed_at_local=at if at is not None and at.tzinfo is None else None,
            dropped=tuple(fields.dropped),
        )

    def _refuse(self, reason: str, detail: str, device: str) -> NativeDecodeError:
        return NativeDecodeError(reason, detail, adapter=self.name, device=device)


def _read_switch(fields: Fields, field: str, raw: object) -> None:
    number = field.removeprefix("POWER")
    on = truth(raw)
    if on is None or (number and number not in "12345678"):
        fields.drop(field, "wrong_type")
    else:
        fields.readings.append(NativeReading("switch_on", on, int(number) if number else 0))


def _read_energy(fields: Fields, energy: Any) -> None:  # Any: a JSON value
    if not isinstance(energy, dict):
        if energy is not None:
            fields.drop("ENERGY", "wrong_type")
        return
    for field, signal in _ENERGY.items():
        _read_list(fields, f"ENERGY.{field}", energy.get(field), signal)


def _read_list(fields: Fields, field: str, raw: object, signal: str) -> None:
    """One value, or a list with one per phase or target."""
    if not isinstance(raw, list):
        fields.number(field, raw, signal)
        return
    for place, item in enumerate(raw[:_MAX_ELEMENTS], start=1):
        fields.number(field, item, signal, element=place)
