"""How easily a wearer's device calls a movement a fall: where the choice is kept, and what each one costs, in words."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from alarms.core.motion.cost import cost
from alarms.core.motion.sensitivity import Sensitivity
from alarms.core.profiles import Profiles
from alarms.core.rules import Rule, RuleType
from alarms.core.thresholds import parameters_of
from console.language import N_
from console.pages.chart import number_text
from ingest.registry.model import Device, Registry
from ingest.registry.thresholds import thresholds_of
from ingest.wire.motion import Placement

PARAMETER = "sensitivity"
PLACES = (Placement.WAIST, Placement.WRIST, Placement.NECK, Placement.POCKET)
"""Where a device may be worn, as long as nobody knows where it is."""

Thresholds = dict[str, dict[str, Any]]  # Any: as Device.thresholds

_WHOM: dict[Sensitivity, str] = {
    Sensitivity.LOW: N_("Low: for brisk people who set off alarms."),
    Sensitivity.NORMAL: N_("Normal: for most people."),
    Sensitivity.HIGH: N_("High: for whoever has fallen lately or is alone for long."),
}
_COST = N_("About %(false)s false alarms a week; finds %(found)s of 100 falls.")


def fall_rule(profiles: Profiles, profile: str) -> Rule | None:
    """The rule that judges the movement of such a device; None: it is not worn."""
    known = profiles.profile(profile)
    return next((rule for rule in known.rules if rule.type is RuleType.FALL), None) if known is not None else None


def sensitivity_of(profiles: Profiles, device: Device, registry: Registry) -> str:
    """What holds for the device: its own choice, or its room's, its site's, its profile's; empty: it is not worn."""
    rule = fall_rule(profiles, device.profile)
    if rule is None:
        return ""
    parameters, _ = parameters_of(rule, thresholds_of(device, registry), device.device_id)
    return str(parameters[PARAMETER])


def choosing(thresholds: Thresholds, rule: str, sensitivity: str) -> Thresholds:
    """The device's thresholds with this choice; all others stay."""
    return {**thresholds, rule: {**thresholds.get(rule, {}), PARAMETER: sensitivity}}


def costs(text: Callable[..., str], places: Sequence[Placement] = PLACES) -> Mapping[str, str]:
    """Each choice with what it costs one wearer, from the best to the worst of ``places``; ``text`` translates."""
    return {one: f"{text(whom)} {text(_COST, **_figures(one, places))}" for one, whom in _WHOM.items()}


def _figures(sensitivity: Sensitivity, places: Sequence[Placement]) -> dict[str, str]:
    expected = [cost(place, sensitivity) for place in places]
    return {
        "false": _range([float(f"{one.false_per_week:.2g}") for one in expected]),
        "found": _range([int(100 * one.detected + 1e-9) for one in expected]),
    }


def _range(values: Sequence[float]) -> str:
    low, high = number_text(min(values)), number_text(max(values))
    return low if low == high else f"{low}–{high}"
