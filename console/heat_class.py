"""Which class of heat detector a device is of: where it may hang, and at how many degrees it alarms, in words."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from alarms.core.profiles import Profiles
from alarms.core.rules import Rule
from console.device_choice import DeviceChoice
from console.language import N_
from ingest.registry.model import Device, Registry

HEAT_CLASS = DeviceChoice(rule="heat_high", parameter="class")
_LIMIT = "limit"

_WHERE = {
    "a1": N_("A1: for rooms. Alarms at %(limit)s °C."),
    "a2": N_("A2: for rooms that may be warmer. Alarms at %(limit)s °C."),
    "b": N_("B: for a boiler room or a loft, which may have 65 °C. Alarms at %(limit)s °C."),
}


def classes(text: Callable[..., str], rule: Rule) -> Mapping[str, str]:
    """Each class that the rule knows with its limit; ``text`` translates."""
    known = rule.choices[HEAT_CLASS.parameter]
    return {one: text(_WHERE[one], limit=f"{numbers[_LIMIT]:g}") for one, numbers in known.items()}


def own_limit(profiles: Profiles, device: Device, registry: Registry) -> float | None:
    """At how many degrees it alarms (°C) where that is not its class's limit: one of its own is more than a class."""
    rule = HEAT_CLASS.rule_of(profiles, device.profile)
    if rule is None:
        return None
    held = HEAT_CLASS.parameters(profiles, device, registry)
    limit = float(held[_LIMIT])
    return None if limit == rule.choices[HEAT_CLASS.parameter][str(held[HEAT_CLASS.parameter])][_LIMIT] else limit
