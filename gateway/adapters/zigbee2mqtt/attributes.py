"""The attributes of Zigbee2MQTT's devices in our words."""

from __future__ import annotations

from typing import Any

from gateway.adapters.fields import Fields
from gateway.adapters.native import NativeReading
from gateway.adapters.zigbee2mqtt.actions import event_of

_STATES = {
    "smoke": "smoke",
    "gas": "gas",
    "carbon_monoxide": "co",
    "water_leak": "leak",
    "leak": "leak",
    "tamper": "tamper",
    "battery_low": "battery_low",
    "test": "test",
    "fault": "device_fault",
    "trouble": "device_fault",
    "presence": "occupied",
    "occupancy": "motion",
    "motion": "motion",
    "vibration": "vibration",
    "mute": "muted",
    "buzzer_manual_mute": "muted",
}
_NUMBERS = {
    "battery": "battery_pct",
    "linkquality": "link_quality",
    "temperature": "temp_c",
    "humidity": "humidity_pct",
    "co": "co_ppm",
    "co2": "co2_ppm",
    "strength": "strength",
    "smoke_density_dbm": "obscuration_db_m",
    "energy": "energy_kwh",
    "power_factor": "power_factor",
    "ac_frequency": "frequency_hz",
}
_PHASED = {"power": "power_w", "current": "current_a"}
_FALLS = {"none": "none", "no_fall": "none", "maybe_fall": "suspected", "fall": "confirmed"}
_SWITCH = {"ON": True, "OFF": False}
_OTHER = {
    "action", "click", "contact", "voltage", "state", "illuminance", "illuminance_lux", "fall_down_status",
    "fall_status", "battery_state", "last_seen",
}  # fmt: skip

ATTRIBUTES = frozenset(_STATES) | frozenset(_NUMBERS) | frozenset(_PHASED) | frozenset(_OTHER)
"""Names that stand for an attribute as the last part of a topic."""


class Attributes:
    """Reads one JSON state: ``fields`` has the readings, ``events`` what happened.

    Fields that nobody here knows are settings or noise and are passed over in silence.
    """

    def __init__(self, body: dict[str, Any]) -> None:  # Any: JSON values
        self.fields = Fields()
        self.events: list[str] = []
        self._body = body
        self._read_actions()
        for field, signal in _STATES.items():
            self.fields.state(field, body.get(field), signal)
        self._read_fall()
        for field, signal in _NUMBERS.items():
            self.fields.number(field, body.get(field), signal)
        for field, signal in _PHASED.items():
            self._read_phases(field, signal)
        self.fields.state("contact", body.get("contact"), "contact_open", inverted=True)
        self._read_voltage()
        self._read_switches()
        self._read_light()
        self._read_battery_state()

    def _read_actions(self) -> None:
        for field in ("action", "click"):
            raw = self._body.get(field)
            for word in raw if isinstance(raw, list) else [raw]:
                if word is None or word == "":
                    continue
                event = event_of(word) if isinstance(word, str) else None
                if event is None:
                    self.fields.drop(field, "unknown_action" if isinstance(word, str) else "wrong_type")
                elif event == "vibration":
                    self.fields.readings.append(NativeReading("vibration", value=True))
                elif event and event not in self.events:
                    self.events.append(event)

    def _read_fall(self) -> None:
        for field in ("fall_down_status", "fall_status"):
            raw = self._body.get(field)
            if raw is None or raw == "":
                continue
            status = _FALLS.get(raw) if isinstance(raw, str) else None
            if status is None:
                self.fields.drop(field, "unknown_value")
                continue
            self.fields.readings.append(NativeReading("fall", status))
            if status == "confirmed":
                self.events.append("fall")
            return

    def _read_phases(self, field: str, signal: str) -> None:
        phases = [self._first(f"{field}_{letter}", f"{field}_phase_{letter}") for letter in "abc"]
        if any(phase is not None for phase in phases[1:]) and phases[0] is None:
            phases[0] = field  # the first phase has the plain name
        elif field in self._body:
            self.fields.number(field, self._body[field], signal)
        for place, name in enumerate(phases, start=1):
            if name is not None:
                self.fields.number(name, self._body.get(name), signal, element=place)

    def _first(self, *names: str) -> str | None:
        return next((name for name in names if name in self._body), None)

    def _read_voltage(self) -> None:
        """Millivolts of a battery on battery devices, volts of the mains on plugs and meters."""
        phases = [self._first(f"voltage_{letter}", f"voltage_phase_{letter}") for letter in "abc"]
        raw = self._body.get("voltage")
        if any(phases) or any(name in self._body for name in ("power", "current", "energy", "state")):
            self._read_phases("voltage", "voltage_v")
        elif isinstance(raw, int | float | str) and _is_millivolts(raw):
            self.fields.number("voltage", raw, "battery_v", scale=0.001)
        elif "battery" in self._body or "battery_low" in self._body:
            self.fields.number("voltage", raw, "battery_v")
        else:
            self.fields.number("voltage", raw, "voltage_v")

    def _read_switches(self) -> None:
        # "state" belongs to locks and covers too: only the switch's own words are taken
        for field, element in (("state", 0), *((f"state_l{n}", n) for n in range(1, 9))):
            raw = self._body.get(field)
            if isinstance(raw, str) and raw.upper() in _SWITCH:
                self.fields.readings.append(NativeReading("switch_on", _SWITCH[raw.upper()], element))

    def _read_light(self) -> None:
        field = "illuminance_lux" if "illuminance_lux" in self._body else "illuminance"
        self.fields.number(field, self._body.get(field), "illuminance_lux")

    def _read_battery_state(self) -> None:
        raw = self._body.get("battery_state")
        if isinstance(raw, str) and raw and "battery_low" not in self._body:
            self.fields.readings.append(NativeReading("battery_low", raw.lower() == "low"))


def _is_millivolts(raw: float | str) -> bool:
    try:
        return float(raw) >= 1000
    except (ValueError, OverflowError):
        return False
