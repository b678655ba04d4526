"""The status of Shelly's components in our words."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gateway.adapters.fields import Fields
from gateway.adapters.native import NativeReading
from ingest.wire.batch import SINGLE

_WH_IN_KWH = 0.001
_MAX_ELEMENT = 127
_TRIPS = {"overpower", "overcurrent", "overvoltage", "undervoltage", "overtemp"}

Reader = Callable[[Fields, str, dict[str, Any], int, bool], None]  # Any: JSON values


def read_component(fields: Fields, name: str, part: dict[str, Any], *, is_full: bool) -> None:  # Any: JSON values
    """Read the status of component ``name`` (``switch:0``); a component that nobody here knows says nothing.

    The first of several alike has the plain signal, number n the element n + 1.
    """
    kind, _, number = name.partition(":")
    reader = COMPONENTS.get(kind)
    if reader is None:
        return
    index = int(number) if number.isascii() and number.isdigit() and len(number) <= 3 else 0
    if index >= _MAX_ELEMENT:
        fields.drop(name, "out_of_range")
        return
    reader(fields, name, part, index + 1 if index else SINGLE, is_full)


def _switch(fields: Fields, name: str, part: dict[str, Any], element: int, is_full: bool) -> None:
    # its "temperature" is the relay's, not the room's
    fields.state(f"{name}.output", part.get("output"), "switch_on", element=element)
    _power(fields, name, part, element)
    errors = part.get("errors")
    if isinstance(errors, list) and errors:
        tripped = any(isinstance(error, str) and error in _TRIPS for error in errors)
        fields.readings.append(
            NativeReading("electrical_trip" if tripped else "device_fault", value=True, element=element)
        )
    elif is_full and "output" in part:
        fields.readings.append(NativeReading("electrical_trip", value=False, element=element))


def _pm1(fields: Fields, name: str, part: dict[str, Any], element: int, _is_full: bool) -> None:
    _power(fields, name, part, element)


def _power(fields: Fields, name: str, part: dict[str, Any], element: int) -> None:
    fields.number(f"{name}.apower", part.get("apower"), "power_w", element=element)
    fields.number(f"{name}.voltage", part.get("voltage"), "voltage_v", element=element)
    fields.number(f"{name}.current", part.get("current"), "current_a", element=element)
    fields.number(f"{name}.pf", part.get("pf"), "power_factor", element=element)
    fields.number(f"{name}.freq", part.get("freq"), "frequency_hz", element=element)
    energy = part.get("aenergy")
    if isinstance(energy, dict):
        fields.number(f"{name}.aenergy", energy.get("total"), "energy_kwh", scale=_WH_IN_KWH, element=element)
    elif energy is not None:
        fields.drop(f"{name}.aenergy", "wrong_type")


def _em(fields: Fields, name: str, part: dict[str, Any], _element: int, _is_full: bool) -> None:
    """Three phases: a, b, c are the elements 1, 2, 3; the plain signal is the total."""
    for place, phase in enumerate("abc", start=1):
        for field, signal in _EM_FIELDS:
            fields.number(f"{name}.{phase}_{field}", part.get(f"{phase}_{field}"), signal, element=place)
    fields.number(f"{name}.total_act_power", part.get("total_act_power"), "power_w")
    fields.number(f"{name}.total_current", part.get("total_current"), "current_a")


def _em1(fields: Fields, name: str, part: dict[str, Any], element: int, _is_full: bool) -> None:
    for field, signal in _EM_FIELDS:
        fields.number(f"{name}.{field}", part.get(field), signal, element=element)


def _emdata(fields: Fields, name: str, part: dict[str, Any], element: int, _is_full: bool) -> None:
    fields.number(f"{name}.total_act", part.get("total_act"), "energy_kwh", scale=_WH_IN_KWH, element=element)
    for place, phase in enumerate("abc", start=1):
        field = f"{phase}_total_act_energy"
        fields.number(f"{name}.{field}", part.get(field), "energy_kwh", scale=_WH_IN_KWH, element=place)


def _em1data(fields: Fields, name: str, part: dict[str, Any], element: int, _is_full: bool) -> None:
    raw = part.get("total_act_energy")
    fields.number(f"{name}.total_act_energy", raw, "energy_kwh", scale=_WH_IN_KWH, element=element)


def _detector(signal: str) -> Reader:
    def read(fields: Fields, name: str, part: dict[str, Any], element: int, _is_full: bool) -> None:  # Any: JSON
        fields.state(f"{name}.alarm", part.get("alarm"), signal, element=element)
        fields.state(f"{name}.mute", part.get("mute"), "muted", element=element)

    return read


def _number(field: str, signal: str) -> Reader:
    def read(fields: Fields, name: str, part: dict[str, Any], element: int, _is_full: bool) -> None:  # Any: JSON
        fields.number(f"{name}.{field}", part.get(field), signal, element=element)

    return read


def _devicepower(fields: Fields, name: str, part: dict[str, Any], element: int, _is_full: bool) -> None:
    battery = part.get("battery")
    if isinstance(battery, dict):
        fields.number(f"{name}.V", battery.get("V"), "battery_v", element=element)
        fields.number(f"{name}.percent", battery.get("percent"), "battery_pct", element=element)
    elif battery is not None:
        fields.drop(f"{name}.battery", "wrong_type")


def _wifi(fields: Fields, name: str, part: dict[str, Any], element: int, _is_full: bool) -> None:
    fields.number(f"{name}.rssi", part.get("rssi"), "rssi_dbm", element=element)


_EM_FIELDS = (
    ("act_power", "power_w"),
    ("voltage", "voltage_v"),
    ("current", "current_a"),
    ("pf", "power_factor"),
    ("freq", "frequency_hz"),
)
COMPONENTS: dict[str, Reader] = {
    "switch": _switch,
    "light": _switch,
    "cover": _pm1,
    "pm1": _pm1,
    "em": _em,
    "em1": _em1,
    "emdata": _emdata,
    "em1data": _em1data,
    "smoke": _detector("smoke"),
    "flood": _detector("leak"),
    "temperature": _number("tC", "temp_c"),
    "humidity": _number("rh", "humidity_pct"),
    "illuminance": _number("lux", "illuminance_lux"),
    "devicepower": _devicepower,
    "wifi": _wifi,
}
