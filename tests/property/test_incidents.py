"""However alarms come, they are grouped as the slow twin groups them, and nobody in need waits for anything."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from alarms.lifecycle import flood, incident
from alarms.lifecycle.alarm import UNTOLD, AlarmKind, Condition, Flag, Priority, Response
from alarms.lifecycle.policy import DEFAULT_POLICIES
from tests.alarm_house import START, House, Says


@dataclass
class Member:
    """What the slow twin knows of an alarm."""

    key: str
    family: str
    gateway: str
    is_gateway: bool
    at: datetime
    latches: bool
    is_open: bool = True
    group: set[str] = field(default_factory=set)


class Twin:
    """Groups by looking at everything, every time: groups are sets of names that are merged."""

    def __init__(self) -> None:
        self.members: list[Member] = []

    def hear(self, said: Says, now: datetime) -> None:
        key = f"{said.site} {said.rule} {said.about}"
        if said.over:  # it says so of the rule and the subject, wherever that stood when it began
            for one in self.members:
                one.is_open = one.is_open and (one.latches or not one.key.endswith(f" {said.rule} {said.about}"))
            return
        standing = [one for one in self.members if one.key == key and one.is_open]
        if standing or Flag.DRILL in said.flags:
            return
        family = _family(said)
        latches = said.kind in (AlarmKind.FIRE, AlarmKind.HELP_CALL, AlarmKind.FALL)
        new = Member(key, f"{said.site} {family}", said.gateway, said.rule == "gateway_lost", now, latches)
        near = [one for one in self.members if self._is_near(one, new)]
        self.members.append(new)
        if family is None:
            return
        if family == "fire":
            self._join(new, near)
            return
        standing = [one for one in near if one.is_open]
        if len(standing) >= 4 or any(len(self._open(one)) >= 5 for one in near if one.group):
            self._join(new, near)
            return
        own = [one for one in near if one.gateway == new.gateway]
        if new.is_gateway or any(one.is_gateway or one.group for one in own):
            self._join(new, own)

    def groups(self) -> set[frozenset[str]]:
        found = {id(one.group): frozenset(other.key for other in self._open(one)) for one in self.members if one.group}
        return {keys for keys in found.values() if keys}

    def _is_near(self, one: Member, new: Member) -> bool:
        window = timedelta(minutes=30 if new.family.endswith("fire") else 2)
        is_standing = one.is_open or (bool(one.group) and bool(self._open(one)))
        return one.family == new.family and new.at - one.at <= window and is_standing

    def _open(self, one: Member) -> list[Member]:
        return [other for other in self.members if other.group is one.group and other.is_open]

    def _join(self, new: Member, others: Sequence[Member]) -> None:
        if not others:
            return
        together = [new, *others, *(peer for one in others if one.group for peer in self._open(one))]
        group = {"together"}
        for one in together:
            one.group = group


def _family(said: Says) -> str | None:
    if said.flags:
        return None
    if said.kind in incident.FIRE_SIDE:
        return "fire"
    return "fault" if said.kind in (AlarmKind.FAULT, AlarmKind.BATTERY) else None


WORDS = [
    (AlarmKind.FAULT, "device_silent", Priority.MEDIUM),
    (AlarmKind.FAULT, "mains_fail", Priority.MEDIUM),
    (AlarmKind.BATTERY, "battery_low", Priority.LOW),
    (AlarmKind.FAULT, "gateway_lost", Priority.HIGH),
    (AlarmKind.FIRE, "smoke", Priority.EMERGENCY),
    (AlarmKind.WATER_FLOW, "pump_running", Priority.HIGH),
    (AlarmKind.HELP_CALL, "help_call", Priority.EMERGENCY),
    (AlarmKind.FALL, "fall_suspected", Priority.HIGH),
    (AlarmKind.CLIMATE, "room_hot", Priority.MEDIUM),
    (AlarmKind.CLIMATE, "air_stale", Priority.LOW),
]
FAULTS = WORDS[:4]


def histories(words: Sequence[tuple[AlarmKind, str, Priority]], gaps: Sequence[int]) -> st.SearchStrategy[list[Says]]:
    one = st.builds(
        lambda word, after_s, subject, site, over, flags: Says(
            after_s, word[0], word[1], word[2], subject, site, over, flags
        ),
        st.sampled_from(words),
        st.sampled_from(gaps),
        st.integers(0, 11),
        st.sampled_from(["pine", "pine", "pine", "oak"]),
        st.sampled_from([False, False, False, True]),
        st.sampled_from([(), (), (), (), (Flag.DRILL,), (Flag.UNREGISTERED,)]),
    )
    return st.lists(one, min_size=1, max_size=40)


@given(histories(WORDS, [0, 0, 1, 20, 60, 119, 121, 900, 1799]) | histories(FAULTS, [0, 0, 1, 20, 60, 119, 121]))
@settings(max_examples=50, deadline=None)
def test_alarms_are_grouped_as_the_slow_twin_groups_them(history: list[Says]) -> None:
    house, twin, now = House(), Twin(), START
    for said in history:
        now += timedelta(seconds=said.after_s)
        house.hear(said, now)
        twin.hear(said, now)
        assert house.groups() == twin.groups()


@given(histories(FAULTS, [0, 1, 60]), histories(FAULTS, [0]), st.randoms(use_true_random=False))
@settings(max_examples=25, deadline=None)
def test_grouping_does_not_depend_on_the_order_in_which_packs_of_one_moment_come(
    before: list[Says], moment: list[Says], random: object
) -> None:
    onsets = list({(one.site, one.rule, one.about): one for one in moment if not one.over}.values())
    shuffled = list(onsets)
    random.shuffle(shuffled)  # type: ignore[attr-defined] # hypothesis' Random
    found = []
    for order in (onsets, shuffled):
        house, now = House(), START
        for said in before:
            now += timedelta(seconds=said.after_s)
            house.hear(said, now)
        for said in order:
            house.hear(said, now)
        found.append(house.groups())
    assert found[0] == found[1]


@given(histories(WORDS, [0, 0, 0, 1, 5, 60, 121, 601]))
@settings(max_examples=50, deadline=None)
def test_emergencies_calls_falls_and_fire_are_told_at_once_whatever_else_comes(history: list[Says]) -> None:
    house, now = House(), START
    for said in history:
        now += timedelta(seconds=said.after_s)
        alarm = house.hear(said, now)
        if alarm is None or not incident.is_urgent(alarm):
            continue
        first = house.lines(alarm)[0]
        assert first[0] == "shown", first
        assert alarm.step == 0
    for alarm in house.journal.open_alarms():
        if alarm.kind in incident.FIRE_SIDE:
            assert ("not_sent", "bundled") not in house.lines(alarm)
        elif incident.is_urgent(alarm):
            assert {line for line, _ in house.lines(alarm)} <= {"shown", "not_sent"}
            assert not {"in_incident", "bundled"} & {reason for _, reason in house.lines(alarm)}


@given(histories(WORDS, [0, 0, 0, 1, 5, 60, 121, 601]))
@settings(max_examples=50, deadline=None)
def test_what_is_not_told_by_itself_is_told_by_another_alarm_or_soon_by_itself(history: list[Says]) -> None:
    house, now = House(), START
    for said in history:
        now += timedelta(seconds=said.after_s)
        house.hear(said, now)
        _nobody_is_forgotten(house)
        _incidents_are_whole(house)
    house.forward(now + timedelta(minutes=20))
    _nobody_is_forgotten(house)


def _nobody_is_forgotten(house: House) -> None:
    standing = house.journal.open_alarms()
    for alarm in standing:
        policy = DEFAULT_POLICIES.of("", alarm.kind, alarm.priority)
        if alarm.response is not Response.NEW or not policy.steps or alarm.rule == flood.RULE:
            continue
        assert alarm.next_step_at is not None
        assert alarm.next_step_at <= house.now + timedelta(seconds=policy.repeat_s)
        if alarm.step != UNTOLD:
            continue
        told = [one for one in standing if incident.speaks(one) and one.priority.rank <= alarm.priority.rank]
        if alarm.incident_id is not None:
            members = [one for one in standing if one.incident_id == alarm.incident_id]
            speaking = [one for one in members if one in told and (len(members) >= 5 or incident.is_gateway(one))]
            is_told = bool(speaking)
            assert is_told or alarm.next_step_at <= house.now + incident.FAULT_WINDOW
        else:
            assert ("not_sent", "bundled") in house.lines(alarm)


def _incidents_are_whole(house: House) -> None:
    for alarm in house.journal.open_alarms():
        if alarm.incident_id is None:
            continue
        parent = house.journal.alarm(alarm.incident_id)
        assert parent is not None, "an incident is named by an alarm"
        assert parent.incident_id == parent.alarm_id, "which belongs to it itself"
        assert parent.identity.site_id == alarm.identity.site_id
        assert incident.family_of(parent) is incident.family_of(alarm)
        assert alarm.condition is Condition.ACTIVE or alarm.latching
