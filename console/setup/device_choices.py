"""What a device's form asks because of the rules that judge the device; its answers stand in the thresholds."""

from __future__ import annotations

from collections.abc import Mapping

from alarms.core.profiles import Profiles
from alarms.core.rules import Rule
from console.device_choice import DeviceChoice
from console.heat_class import HEAT_CLASS, classes, own_limit
from console.language import N_
from console.sensitivity import SENSITIVITY, costs
from console.setup.field import Ask, Choice, Field
from console.setup.kind import Values
from console.setup.place import Place
from ingest.registry.model import Device

_ASKED = (SENSITIVITY, HEAT_CLASS)


def fields(profiles: Profiles, place: Place, device: Device) -> list[Field]:
    """One for each rule of its profile that there is something to choose for."""
    asked = []
    if SENSITIVITY.rule_of(profiles, device.profile) is not None:
        asked.append(_sensitivity(place))
    heat = HEAT_CLASS.rule_of(profiles, device.profile)
    if heat is not None:
        asked.append(_heat_class(place, heat, own_limit(profiles, device, place.registry)))
    return asked


def shown(profiles: Profiles, place: Place, device: Device) -> Values:
    """What holds."""
    return {one.parameter: one.of(profiles, device, place.registry) for one in _ASKED}


def taken(profiles: Profiles, place: Place, values: Values, device: Device) -> Values:
    """The form's values with what was chosen among the thresholds; what holds already is not written."""
    own, thresholds = dict(values), device.thresholds
    for one in _ASKED:
        chosen = own.pop(one.parameter, None)
        is_judged = one.rule_of(profiles, values["profile"]) is not None
        if chosen and is_judged and chosen != one.of(profiles, device, place.registry):
            thresholds = one.choosing(thresholds, chosen)
    return {**own, "thresholds": thresholds}


def _field(of: DeviceChoice, label: str, words: Mapping[str, str], why: str, **facts: object) -> Field:
    return Field(
        name=of.parameter,
        label=label,
        ask=Ask.ONE,
        required=True,
        choices=[Choice(value=value, label=word) for value, word in words.items()],
        help=why,
        facts=facts,
    )


def _sensitivity(place: Place) -> Field:
    why = N_("Expected of people whom the detector does not know; two numbers: by where on the body it is worn.")
    return _field(SENSITIVITY, N_("Sensitivity to falls"), costs(place.text), why)


def _heat_class(place: Place, rule: Rule, limit: float | None) -> Field:
    label, words = N_("Class of the heat detector"), classes(place.text, rule)
    if limit is None:
        return _field(HEAT_CLASS, label, words, N_("As EN 54-5 and GB 4716 have it. Fast heat alarms in every class."))
    own = N_("It alarms at %(limit)s °C: a limit of its own is set, and that is more than a class.")
    return _field(HEAT_CLASS, label, words, own, limit=f"{limit:g}")
