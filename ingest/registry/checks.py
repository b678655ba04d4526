"""What an entry about escalation must be like by itself: reaches, rotas, policies, planned windows. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta

from ingest.registry.entry_check import PERSON, EntryCheck
from ingest.registry.model import Policy, Reach, Rota, RotaLayer, RotaOverride, Window

EMERGENCY = "emergency"
PRIORITIES = (EMERGENCY, "high", "medium", "low")
KINDS = (
    "help_call",
    "fall",
    "fire",
    "gas",
    "co",
    "water_flow",
    "leak",
    "electrical",
    "inactivity",
    "bed_exit",
    "climate",
    "tamper",
    "fault",
    "battery",
    "test",
    "unreadable",
)
"""The kinds of alarms, as the lifecycle names them; a test holds the two equal."""

LANGUAGES = ("zh", "en")
LONGEST_STEP_S = 86_400.0
SHORTEST_STEP_S = 5.0
LONGEST_EMERGENCY_HAND_OVER_S = 20.0
LONGEST_TURN_DAYS = 366
LONGEST_WINDOW = timedelta(days=31)
MOST_ACKNOWLEDGEMENTS = 10
_WHO = re.compile(r"duty|duty:\S+|contacts|everyone|(user|contact):\S+")


def check_reach(reach: Reach) -> None:
    """Raise InvalidEntryError where a reach is wrong; the address is not repeated in what it says."""
    check = EntryCheck("reach", f"{reach.person} {reach.channel}")
    check.person("person", reach.person)
    check.channel("channel", reach.channel)
    check.given("address", reach.address, "give a number, a token or an address")
    check.that(reach.rank >= 1, "rank", "below_one", f"{reach.rank} is below 1, which is the first")
    check.listed("language", reach.language, LANGUAGES)
    limit = reach.hourly_limit
    said = f"{limit} is below 1: leave it out for no limit"
    check.that(limit is None or limit >= 1, "hourly_limit", "below_one", said)
    if reach.answered_at is not None:
        check.moment("answered_at", reach.answered_at)


def check_rota(rota: Rota) -> None:
    """Raise InvalidEntryError where a rota is wrong."""
    check = EntryCheck("rota", rota.rota_id)
    check.id("rota_id", rota.rota_id)
    for index, layer in enumerate(rota.layers):
        _check_layer(check, f"layers[{index}]", layer)
    for index, override in enumerate(rota.overrides):
        _check_override(check, f"overrides[{index}]", override)


def check_policy(policy: Policy) -> None:
    """Raise InvalidEntryError where a policy is wrong. One for emergencies tells somebody, hands over soon, returns."""
    check = EntryCheck("policy", policy.policy_id)
    check.id("policy_id", policy.policy_id)
    _check_kinds(check, policy.kinds)
    for priority in policy.priorities:
        check.listed("priorities", priority, PRIORITIES)
    for_emergencies = not policy.priorities or EMERGENCY in policy.priorities
    _check_steps(check, policy, for_emergencies=for_emergencies)
    if policy.steps:
        check.within("repeat_s", policy.repeat_s, SHORTEST_STEP_S, LONGEST_STEP_S, " s")
    if policy.return_s is not None:
        check.within("return_s", policy.return_s, SHORTEST_STEP_S, LONGEST_STEP_S, " s")
    asked, most = policy.acknowledgements, MOST_ACKNOWLEDGEMENTS
    said = f"it must be 1 to {most} people"
    check.that(1 <= asked <= most, "acknowledgements", "out_of_range", said, least=1, most=most)
    longest_s = LONGEST_EMERGENCY_HAND_OVER_S if for_emergencies else LONGEST_STEP_S
    check.within("hand_over_s", policy.hand_over_s, 1.0, longest_s, " s")
    if for_emergencies:
        advice = "give it, or leave emergency out of the priorities"
        check.that(bool(policy.steps), "steps", "emergency_untold", f"an emergency must be told to somebody: {advice}")
        said = f"a forgotten emergency must come back: {advice}"
        check.that(policy.return_s is not None, "return_s", "emergency_forgotten", said)


def check_window(window: Window) -> None:
    """Raise InvalidEntryError where a planned window is wrong."""
    check = EntryCheck("window", window.window_id)
    check.id("window_id", window.window_id)
    _check_kinds(check, window.kinds)
    check.given("reason", window.reason, "say what is planned")
    check.given("by", window.by, "say who planned it")
    check.span("", window.begins_at, window.ends_at)
    too_long = window.ends_at - window.begins_at > LONGEST_WINDOW
    days = LONGEST_WINDOW.days
    said = f"a window is at most {days} days long: plan another one then"
    check.that(not too_long, "ends_at", "window_too_long", said, days=days)


def people_of_rota(rota: Rota) -> list[str]:
    """Everybody whom it names, each once."""
    layers = (member for layer in rota.layers for member in layer.members)
    return list(dict.fromkeys([*layers, *(person for override in rota.overrides for person in _people_of(override))]))


def people_of_policy(policy: Policy) -> list[str]:
    """Everybody whom it names one by one, each once."""
    return list(dict.fromkeys(word for step in policy.steps for word in step.who if PERSON.fullmatch(word)))


def rotas_of_policy(policy: Policy) -> list[str]:
    """The rotas that it names one by one, each once."""
    words = (word.partition(":") for step in policy.steps for word in step.who)
    return list(dict.fromkeys(name for kind, _, name in words if kind == "duty" and name))


def _people_of(override: RotaOverride) -> Iterator[str]:
    yield override.person
    if override.instead_of is not None:
        yield override.instead_of


def _check_layer(check: EntryCheck, field: str, layer: RotaLayer) -> None:
    said = "nobody is named: name at least one person"
    check.that(bool(layer.members), f"{field}.members", "nobody_named", said)
    for member in layer.members:
        check.person(f"{field}.members", member)
    check.within(f"{field}.turn_days", layer.turn_days, 1, LONGEST_TURN_DAYS)
    days_known = bool(layer.weekdays) and set(layer.weekdays) <= set(range(7))
    said = f"{list(layer.weekdays)}: name days from 0 (Monday) to 6 (Sunday)"
    check.that(days_known, f"{field}.weekdays", "no_weekday", said)
    for name, at in (("hand_over", layer.hand_over), ("begin", layer.begin), ("end", layer.end)):
        check.local_time(f"{field}.{name}", at)


def _check_override(check: EntryCheck, field: str, override: RotaOverride) -> None:
    check.span(f"{field}.", override.begins_at, override.ends_at)
    for person in _people_of(override):
        check.person(field, person)
    said = f"{override.person} cannot stand in for themselves"
    check.that(override.person != override.instead_of, field, "own_stand_in", said)


def _check_steps(check: EntryCheck, policy: Policy, *, for_emergencies: bool) -> None:
    for index, step in enumerate(policy.steps):
        field = f"steps[{index}]"
        least_s = SHORTEST_STEP_S if index > 0 and for_emergencies else 0.0
        check.within(f"{field}.after_s", step.after_s, least_s, LONGEST_STEP_S, " s")
        said = "nobody is named: write duty, contacts or everyone, for example"
        check.that(bool(step.who), f"{field}.who", "nobody_named", said)
        for word in step.who:
            said = f"{word!r} is none of duty, duty:ROTA, contacts, everyone, user:ID, contact:ID"
            check.that(_WHO.fullmatch(word) is not None, f"{field}.who", "not_listed", said, value=word)
            every_site = policy.site_id is None and word.startswith("duty:")
            said = f"{word}: a policy of every site names no rota: write duty"
            check.that(not every_site, f"{field}.who", "rota_of_every_site", said)
        for channel in step.channels:
            check.channel(f"{field}.channels", channel)


def _check_kinds(check: EntryCheck, kinds: tuple[str, ...]) -> None:
    for kind in kinds:
        check.listed("kinds", kind, KINDS)
