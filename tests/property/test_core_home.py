"""Beds and bathrooms against their slow twins: any history, cut into batches anywhere, saved and restored anywhere."""

from __future__ import annotations

import math
from contextlib import contextmanager
from unittest.mock import patch

from hypothesis import given, settings
from hypothesis import strategies as st

from alarms.core import norms
from alarms.core.engine import Core, CoreDevice
from alarms.core.home import Home
from alarms.core.judgement import Judgement
from alarms.core.profiles import load_profiles
from ingest.wire.signals import BY_NAME
from tests.naive import Told
from tests.naive_home import NaiveBed, NaivePerson
from tests.property.test_core_twins import batch_of

PROFILES = load_profiles()
RULES = ("bed_left", "bathroom_long")
LEAST = 2
GIVEN = {"night_s": 300.0, "day_s": 500.0, "factor": 1.5, "longest_s": 900.0, "gap_s": 200.0}
THRESHOLDS = {"bathroom_long": GIVEN, "bed_left": {"hold_s": 400}, "device_silent": {"heartbeat_s": 604_800}}
PLACES = {  # number: profile, room, whose
    1: ("bed_sensor", "li-bedroom", "li"),
    2: ("motion_sensor", "li-bath", "li"),
    3: ("fall_radar", "li-bath", "li"),
    4: ("motion_sensor", "li-toilet", "li"),
    5: ("door_contact", "li-bath", "li"),
    6: ("door_contact", "li-hall", "li"),
    7: ("motion_sensor", "wang-bath", "wang"),
    8: ("motion_sensor", "wang-hall", "wang"),
}
BATHS = ("li-bath", "li-toilet", "wang-bath")
SUBJECTS = {"li-bath": "d2", "li-toilet": "d4", "wang-bath": "d7"}
SAID = [
    *[(1, "bed_occupied")] * 3, *[(2, "motion")] * 3, (2, "occupied"), (3, "occupied"), (4, "motion"),
    (5, "contact_open"), (6, "contact_open"), *[(7, "motion")] * 2, *[(8, "motion")] * 2, (8, "temp_c"), (9, "motion"),
]  # fmt: skip
ZONES = {"li": "Asia/Shanghai", "wang": "Europe/Berlin"}
STARTS = [1_774_740_000.0 + 300 * step for step in range(0, 288, 7)]
"""Through the day in which Berlin's clocks are put forward."""

rows = st.tuples(
    st.sampled_from(SAID),
    st.sampled_from([0.0, 0.0, 0.0, 0.0, 3.0, 100.0, 250.0]),  # how far its clock is behind ours
    st.sampled_from([0.0, 1.0, 1.0, float("nan")]),
)
moves = st.one_of(
    st.tuples(st.just("wait"), st.sampled_from([1.0, 5.0, 50.0, 130.0, 301.0, 500.0, 700.0])),
    st.tuples(st.just("rows"), st.lists(rows, min_size=1, max_size=8)),
    st.tuples(st.just("online"), st.booleans()),
)
histories = st.lists(moves, min_size=10, max_size=40)


def devices() -> list[CoreDevice]:
    return [
        CoreDevice(
            device_id=f"d{number}",
            number=number,
            profile=profile,
            gateway_id=whose,
            room_id=room,
            room_use="bathroom" if room in BATHS else None,
            home=Home(resident_id=whose, timezone=ZONES[whose]),
            thresholds=THRESHOLDS,
        )
        for number, (profile, room, whose) in PLACES.items()
    ]


class Twin:
    """The bed of Li and the movements of both, told as the core tells them."""

    def __init__(self) -> None:
        self.bed = NaiveBed(zone=ZONES["li"], hold_s=400)
        self.people = {
            whose: NaivePerson(
                zone=zone,
                rooms={number: room for number, (_, room, who) in PLACES.items() if who == whose},
                baths={room: GIVEN for room in BATHS if room.startswith(whose)},
                least=LEAST,
                growth=960 ** (1 / 40),
            )
            for whose, zone in ZONES.items()
        }
        self.online = True

    def take(self, number: int, signal: str, at: float, now: float, value: float) -> list[Told]:
        if number not in PLACES or math.isnan(value) or signal == "temp_c":
            return []
        found: list[Told] = []
        if signal == "bed_occupied":
            found += [("bed_left", "d1", raised, when) for raised, when in self.bed.take(at, now, value)]
        return found + self._visits(self.people[PLACES[number][2]].take(number, signal, at, now, value))

    def tick(self, now: float) -> list[Told]:
        found: list[Told] = [("bed_left", "d1", raised, when) for raised, when in self.bed.tick(now)]
        for whose, person in self.people.items():
            sighted = set(person.rooms) if self.online or whose != "li" else set()
            found += self._visits(person.tick(now, sighted))
        return found

    def _visits(self, told: list[tuple[str, bool, float]]) -> list[Told]:
        return [("bathroom_long", SUBJECTS[room], raised, when) for room, raised, when in told]


def told(judgements: list[Judgement]) -> list[Told]:
    return [(j.rule, j.subject, j.raised, j.at_s) for j in judgements if j.rule in RULES]


def said(content, now: float):
    return [(n, BY_NAME[name].number, 0, now - behind, now, value) for (n, name), behind, value in content]


@contextmanager
def quick_learning():
    with patch.object(norms, "LEAST", LEAST):
        yield


@settings(max_examples=40, deadline=None)
@given(history=histories, start=st.sampled_from(STARTS))
def test_beds_and_visits_are_their_twins_and_one_batch_of_n_is_n_batches_of_one(history, start) -> None:
    whole, single, twin, now = (
        Core(PROFILES, devices(), "platform"),
        Core(PROFILES, devices(), "platform"),
        Twin(),
        start,
    )
    with quick_learning():
        for kind, content in history:
            if kind == "online":
                twin.online = content
                for core in (whole, single):
                    core.set_gateway_online("li", content, now)
            elif kind == "wait":
                now += content
                expected = sorted(twin.tick(now))
                assert sorted(told(whole.tick(now))) == sorted(told(single.tick(now))) == expected
            else:
                readings = said(content, now)
                expected = [
                    each
                    for (n, name), behind, value in content
                    for each in twin.take(n, name, now - behind, now, value)
                ]
                assert told(whole.update(batch_of(readings), now)) == expected
                assert [each for one in readings for each in told(single.update(batch_of([one]), now))] == expected


@settings(max_examples=40, deadline=None)
@given(history=histories, start=st.sampled_from(STARTS), cut=st.integers(0, 30))
def test_a_core_saved_and_restored_anywhere_goes_on_with_beds_and_visits(history, start, cut) -> None:
    steady, moved = (Core(PROFILES, devices(), "platform") for _ in range(2))
    now = start
    with quick_learning():
        for place, (kind, content) in enumerate(history):
            if place == cut:
                saved = moved.state()
                moved = Core(PROFILES, list(reversed(devices())), "platform")
                assert moved.restore(saved, now) == []
            if kind == "wait":
                now += content
                assert sorted(told(moved.tick(now))) == sorted(told(steady.tick(now)))
            elif kind == "rows":
                batch = batch_of(said(content, now))
                assert told(moved.update(batch, now)) == told(steady.update(batch, now))


@settings(max_examples=40, deadline=None)
@given(history=histories, cut=st.integers(0, 30), by_s=st.sampled_from([-86_400.0, 86_400.0]))
def test_a_core_whose_clock_is_set_by_a_day_judges_beds_and_visits_as_before(history, cut, by_s) -> None:
    steady, moved = (Core(PROFILES, devices(), "platform") for _ in range(2))
    now, off_s = 1_772_000_000.0, 0.0
    with quick_learning():
        for place, (kind, content) in enumerate(history):
            if place == cut:
                moved.clock_set(by_s)
                now, off_s = now + 0.5, by_s
            if kind == "wait":
                now += content
                expected, found = steady.tick(now), moved.tick(now + off_s)
            elif kind == "rows":
                on_time = [(who, 0.0, value) for who, _, value in content]
                expected = steady.update(batch_of(said(on_time, now)), now)
                found = moved.update(batch_of(said(on_time, now + off_s)), now + off_s)
            else:
                continue
            assert [each[:3] for each in told(found)] == [each[:3] for each in told(expected)]
