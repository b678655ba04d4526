"""How easily a wearer's device calls a movement a fall: what each choice costs, in words."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from alarms.core.motion.cost import cost
from alarms.core.motion.sensitivity import Sensitivity
from console.device_choice import DeviceChoice
from console.language import N_
from console.pages.chart import number_text
from ingest.wire.motion import Placement

SENSITIVITY = DeviceChoice(rule="fall_impact", parameter="sensitivity")
PLACES = (Placement.WAIST, Placement.WRIST, Placement.NECK, Placement.POCKET)
"""Where a device may be worn, as long as nobody knows where it is."""

_WHOM: dict[Sensitivity, str] = {
    Sensitivity.LOW: N_("Low: for brisk people who set off alarms."),
    Sensitivity.NORMAL: N_("Normal: for most people."),
    Sensitivity.HIGH: N_("High: for whoever has fallen lately or is alone for long."),
}
_COST = N_("About %(false)s false alarms a week; finds %(found)s of 100 falls.")


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
