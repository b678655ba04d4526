"""How long one smoke alarm waits in a room of each use: where a site keeps it, and how its form asks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from alarms.core.profiles import Profiles
from alarms.core.rules import Rule
from alarms.core.thresholds import parameters_of
from alarms.lifecycle import verification
from console.language import N_
from console.setup.field import Ask, Field
from console.words import ROOM_USES
from ingest.registry.model import Site

_PREFIX = "wait_"
_NIGHT = {
    "night_from_h": N_("Fire: the night, without any wait, begins at (hour)"),
    "night_to_h": N_("Fire: the night ends at (hour)"),
}
_WAITS = {
    "bedroom": N_("Fire: wait of one smoke alarm in a bedroom (s)"),
    "bathroom": N_("Fire: wait of one smoke alarm in a bathroom (s)"),
    "kitchen": N_("Fire: wait of one smoke alarm in a kitchen (s)"),
    "living": N_("Fire: wait of one smoke alarm in a living room (s)"),
    "corridor": N_("Fire: wait of one smoke alarm in a corridor (s)"),
    "other": N_("Fire: wait of one smoke alarm in another room (s)"),
}
_HELP = N_(
    "It shows at once and sounds after the wait; a second sign, a call point or a person ends it. 0: never waits."
)


def fields(profiles: Profiles) -> list[Field]:
    """The fields of a site's form, in the order of the uses; the rule's own bounds."""
    bounds = _rule(profiles).bounds()
    labels = {**{f"{use}_s": _WAITS[use] for use in ROOM_USES}, **_NIGHT}
    return [
        Field(
            name=f"{_PREFIX}{name}",
            label=label,
            ask=Ask.SECONDS,
            least=bounds[name].low,
            most=bounds[name].high,
            help=_HELP if name == "kitchen_s" else "",
        )
        for name, label in labels.items()
    ]


def shown(profiles: Profiles, site: Site) -> dict[str, float | str]:
    """What holds at the site, by the fields' names."""
    parameters, _ = parameters_of(_rule(profiles), site.thresholds, site.site_id)
    return {f"{_PREFIX}{name}": value for name, value in parameters.items()}


def adjusted(profiles: Profiles, values: Mapping[str, Any], site: Site | None) -> dict[str, Any]:  # Any: as Site
    """The form's values with what differs from the profile's numbers among the site's thresholds."""
    rule = _rule(profiles)
    own = {name: value for name, value in values.items() if not name.startswith(_PREFIX)}
    typed = {name.removeprefix(_PREFIX): value for name, value in values.items() if name.startswith(_PREFIX)}
    set_anew = {name: value for name, value in typed.items() if value not in (None, rule.parameters[name])}
    kept = {} if site is None else {name: given for name, given in site.thresholds.items() if name != rule.rule}
    return {**own, "thresholds": {**kept, rule.rule: set_anew} if set_anew else kept}


def _rule(profiles: Profiles) -> Rule:
    rule = profiles.rule(verification.RULE)
    if rule is None:
        raise ValueError(f"the rules of every device must hold {verification.RULE}")
    return rule
