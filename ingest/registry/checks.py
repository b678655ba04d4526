"""What an entry about escalation must be like by itself: reaches, rotas, policies, planned windows. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, time, timedelta

from ingest.registry.errors import InvalidEntryError
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
_PERSON = re.compile(r"(user|contact):\S+")
_WHO = re.compile(r"duty|duty:\S+|contacts|everyone|(user|contact):\S+")
_ID = re.compile(r"\S+")
_CHANNEL = re.compile(r"[a-z][a-z0-9_]*")


def check_reach(reach: Reach) -> None:
    """Raise InvalidEntryError where a reach is wrong; the address is not repeated in what it says."""
    check = _Check("reach", f"{reach.person} {reach.channel}")
    check.person("person", reach.person)
    check.channel("channel", reach.channel)
    check.that(bool(reach.address.strip()), "address", "is empty: give a number, a token or an address")
    check.that(reach.rank >= 1, "rank", f"{reach.rank} is below 1, which is the first")
    check.that(reach.language in LANGUAGES, "language", f"{reach.language!r} is none of {', '.join(LANGUAGES)}")
    limit = reach.hourly_limit
    check.that(limit is None or limit >= 1, "hourly_limit", f"{limit} is below 1: leave it out for no limit")
    if reach.answered_at is not None:
        check.moment("answered_at", reach.answered_at)


def check_rota(rota: Rota) -> None:
    """Raise InvalidEntryError where a rota is wrong."""
    check = _Check("rota", rota.rota_id)
    check.id("rota_id", rota.rota_id)
    for index, layer in enumerate(rota.layers):
        _check_layer(check, f"layers[{index}]", layer)
    for index, override in enumerate(rota.overrides):
        _check_override(check, f"overrides[{index}]", override)


def check_policy(policy: Policy) -> None:
    """Raise InvalidEntryError where a policy is wrong. One for emergencies tells somebody, hands over soon, returns."""
    check = _Check("policy", policy.policy_id)
    check.id("policy_id", policy.policy_id)
    check.kinds(policy.kinds)
    for priority in policy.priorities:
        check.that(priority in PRIORITIES, "priorities", f"{priority!r} is none of {', '.join(PRIORITIES)}")
    for_emergencies = not policy.priorities or EMERGENCY in policy.priorities
    _check_steps(check, policy, for_emergencies=for_emergencies)
    if policy.steps:
        check.within("repeat_s", policy.repeat_s, SHORTEST_STEP_S, LONGEST_STEP_S)
    if policy.return_s is not None:
        check.within("return_s", policy.return_s, SHORTEST_STEP_S, LONGEST_STEP_S)
    most = MOST_ACKNOWLEDGEMENTS
    check.that(1 <= policy.acknowledgements <= most, "acknowledgements", f"it must be 1 to {most} people")
    longest_s = LONGEST_EMERGENCY_HAND_OVER_S if for_emergencies else LONGEST_STEP_S
    check.within("hand_over_s", policy.hand_over_s, 1.0, longest_s)
    if for_emergencies:
        advice = "give it, or leave emergency out of the priorities"
        check.that(bool(policy.steps), "steps", f"an emergency must be told to somebody: {advice}")
        check.that(policy.return_s is not None, "return_s", f"a forgotten emergency must come back: {advice}")


def check_window(window: Window) -> None:
    """Raise InvalidEntryError where a planned window is wrong."""
    check = _Check("window", window.window_id)
    check.id("window_id", window.window_id)
    check.kinds(window.kinds)
    check.that(bool(window.reason.strip()), "reason", "is empty: say what is planned")
    check.that(bool(window.by.strip()), "by", "is empty: say who planned it")
    check.span("", window.begins_at, window.ends_at)
    too_long = window.ends_at - window.begins_at > LONGEST_WINDOW
    check.that(not too_long, "ends_at", f"a window is at most {LONGEST_WINDOW.days} days long: plan another one then")


def people_of_rota(rota: Rota) -> list[str]:
    """Everybody whom it names, each once."""
    layers = (member for layer in rota.layers for member in layer.members)
    return list(dict.fromkeys([*layers, *(person for override in rota.overrides for person in _people_of(override))]))


def people_of_policy(policy: Policy) -> list[str]:
    """Everybody whom it names one by one, each once."""
    return list(dict.fromkeys(word for step in policy.steps for word in step.who if _PERSON.fullmatch(word)))


def rotas_of_policy(policy: Policy) -> list[str]:
    """The rotas that it names one by one, each once."""
    words = (word.partition(":") for step in policy.steps for word in step.who)
    return list(dict.fromkeys(name for kind, _, name in words if kind == "duty" and name))


def _people_of(override: RotaOverride) -> Iterator[str]:
    yield override.person
    if override.instead_of is not None:
        yield override.instead_of


def _check_layer(check: _Check, field: str, layer: RotaLayer) -> None:
    check.that(bool(layer.members), f"{field}.members", "nobody is named: name at least one person")
    for member in layer.members:
        check.person(f"{field}.members", member)
    in_range = 1 <= layer.turn_days <= LONGEST_TURN_DAYS
    check.that(in_range, f"{field}.turn_days", f"{layer.turn_days} is not within 1 to {LONGEST_TURN_DAYS} days")
    days_known = bool(layer.weekdays) and set(layer.weekdays) <= set(range(7))
    check.that(days_known, f"{field}.weekdays", f"{list(layer.weekdays)}: name days from 0 (Monday) to 6 (Sunday)")
    for name, at in (("hand_over", layer.hand_over), ("begin", layer.begin), ("end", layer.end)):
        check.local_time(f"{field}.{name}", at)


def _check_override(check: _Check, field: str, override: RotaOverride) -> None:
    check.span(f"{field}.", override.begins_at, override.ends_at)
    for person in _people_of(override):
        check.person(field, person)
    check.that(override.person != override.instead_of, field, f"{override.person} cannot stand in for themselves")


def _check_steps(check: _Check, policy: Policy, *, for_emergencies: bool) -> None:
    for index, step in enumerate(policy.steps):
        field = f"steps[{index}]"
        least_s = SHORTEST_STEP_S if index > 0 and for_emergencies else 0.0
        check.within(f"{field}.after_s", step.after_s, least_s, LONGEST_STEP_S)
        check.that(bool(step.who), f"{field}.who", "nobody is named: write duty, contacts or everyone, for example")
        for word in step.who:
            said = f"{word!r} is none of duty, duty:ROTA, contacts, everyone, user:ID, contact:ID"
            check.that(_WHO.fullmatch(word) is not None, f"{field}.who", said)
            every_site = policy.site_id is None and word.startswith("duty:")
            check.that(not every_site, f"{field}.who", f"{word}: a policy of every site names no rota: write duty")
        for channel in step.channels:
            check.channel(f"{field}.channels", channel)


class _Check:
    """Refuses parts of one entry."""

    def __init__(self, what: str, entry_id: str) -> None:
        self._what = what
        self._entry_id = entry_id

    def that(self, holds: bool, field: str, why: str) -> None:
        if not holds:
            raise InvalidEntryError(self._what, self._entry_id, field, why)

    def id(self, field: str, entry_id: str) -> None:
        self.that(_ID.fullmatch(entry_id) is not None, field, f"{entry_id!r} is no id: use no spaces")

    def person(self, field: str, person: str) -> None:
        known = _PERSON.fullmatch(person) is not None
        self.that(known, field, f"{person!r} is no person: write user:ID or contact:ID")

    def channel(self, field: str, channel: str) -> None:
        known = _CHANNEL.fullmatch(channel) is not None
        self.that(known, field, f"{channel!r} is no channel: use small letters, digits and _")

    def kinds(self, kinds: tuple[str, ...]) -> None:
        for kind in kinds:
            self.that(kind in KINDS, "kinds", f"{kind!r} is none of {', '.join(KINDS)}")

    def within(self, field: str, value_s: float, least_s: float, most_s: float) -> None:
        said = f"{value_s:g} s is not within {least_s:g} to {most_s:g} s"
        self.that(least_s <= value_s <= most_s, field, said)

    def moment(self, field: str, at: datetime) -> None:
        self.that(at.tzinfo is not None, field, f"{at} has no time zone")

    def local_time(self, field: str, at: time) -> None:
        local = at.tzinfo is None and not at.microsecond
        self.that(local, field, f"{at} must be a local time in whole seconds, without a time zone")

    def span(self, prefix: str, begins_at: datetime, ends_at: datetime) -> None:
        self.moment(f"{prefix}begins_at", begins_at)
        self.moment(f"{prefix}ends_at", ends_at)
        self.that(begins_at < ends_at, f"{prefix}ends_at", f"{ends_at} is not after the begin, {begins_at}")
