"""Somebody leaves by the door and nothing stirs: stories, and any history against the slow twin, in any batches."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alarms.core.absence import EMPTY_S, ENTRANCE, HAPPENS, LINGERS, STANDS, TURNS, Absences
from tests.naive_absence import BED, DOOR, MOTION, PRESS, WINDOW, NaiveHome

KIND = {DOOR: ENTRANCE, BED: STANDS, MOTION: LINGERS, PRESS: HAPPENS, WINDOW: TURNS}
HOMES = ([DOOR, MOTION, BED, PRESS, WINDOW], [DOOR, MOTION], [DOOR, PRESS], [MOTION, BED], [DOOR, DOOR, BED])
INPUTS = [(home, place) for home, kinds in enumerate(HOMES) for place in range(len(kinds))]
MINUTE = 60.0

words = st.lists(
    st.tuples(st.integers(0, len(INPUTS) - 1), st.sampled_from([0.0, 1.0, 30.0, 121.0, 400.0]), st.booleans()),
    max_size=60,
)


def absences(homes: tuple[list[str], ...] = HOMES, empty_s: float = EMPTY_S) -> Absences:
    told = Absences(
        home=np.array([home for home, kinds in enumerate(homes) for _ in kinds], np.int64),
        kind=np.array([KIND[kind] for kinds in homes for kind in kinds], np.int8),
        empty_s=np.full(len(homes), empty_s),
    )
    told.can_tell = np.array([bool({MOTION, BED} & set(kinds)) for kinds in homes])
    return told


@given(words, st.integers(1, 8))
def test_any_history_is_judged_as_the_twin_does_in_any_batches(
    history: list[tuple[int, float, bool]], size: int
) -> None:
    twins = [NaiveHome(list(kinds), EMPTY_S) for kinds in HOMES]
    single, batched = absences(), absences()
    now = 1_700_000_000.0
    waiting: list[tuple[int, float, bool]] = []
    for which, after_s, on in history:
        now += after_s
        home, place = INPUTS[which]
        twins[home].say(place, now, on)
        single.update(np.array([which]), np.array([now]), np.array([on]))
        if len(waiting) == size or which in {one[0] for one in waiting}:
            take(batched, waiting)
            waiting = []
        waiting.append((which, now, on))
        assert judged(single, now) == [twin.is_empty(now) for twin in twins]
        assert judged(single, now + EMPTY_S) == [twin.is_empty(now + EMPTY_S) for twin in twins]
    take(batched, waiting)
    for name in (*Absences.STATE, *Absences.PER_HOME):
        assert np.array_equal(getattr(batched, name), getattr(single, name)), name
    homes = np.arange(len(HOMES))
    left = [twin.left_at() for twin in twins]
    assert np.array_equal(single.left_at(homes), np.array(left), equal_nan=True)


def take(told: Absences, rows: list[tuple[int, float, bool]]) -> None:
    """Different inputs in one batch, in another order than they came in."""
    columns = list(zip(*reversed(rows), strict=True)) or [(), (), ()]
    told.update(np.array(columns[0], np.int64), np.array(columns[1], np.float64), np.array(columns[2], np.bool_))


def judged(told: Absences, now: float) -> list[bool]:
    homes = np.arange(len(HOMES))
    return [bool(one) for one in told.is_empty(homes, np.full(len(homes), now))]


class Flat:
    """One flat; minutes are counted from the moment when its door closes behind somebody."""

    def __init__(self, *kinds: str, empty_s: float = EMPTY_S) -> None:
        self._kinds = kinds or (DOOR, MOTION, BED, PRESS, WINDOW)
        self._told = absences((list(self._kinds),), empty_s)

    def says(self, kind: str, minute: float, on: bool = True) -> Flat:
        place = self._kinds.index(kind)
        self._told.update(np.array([place]), np.array([minute * MINUTE]), np.array([on]))
        return self

    def is_left(self) -> Flat:
        return self.says(DOOR, -0.2).says(DOOR, 0.0, False)

    def empty_at(self, minute: float) -> bool:
        return bool(self._told.is_empty(np.zeros(1, np.int64), np.array([minute * MINUTE]))[0])


def test_who_goes_out_has_left_a_quarter_of_an_hour_later() -> None:
    flat = Flat().says(MOTION, -0.5).is_left().says(MOTION, 1.0, False)
    assert [flat.empty_at(minute) for minute in (1, 14.9, 15, 600)] == [False, False, True, True]


@pytest.mark.parametrize("sign", [MOTION, BED, PRESS, DOOR, WINDOW])
def test_any_sign_of_somebody_ends_it(sign: str) -> None:
    flat = Flat().is_left()
    assert flat.empty_at(20)
    flat.says(sign, 21)
    assert not flat.empty_at(21)
    assert not flat.says(sign, 22, False).empty_at(30), "nor is the home empty while the silence lasts anew"


def test_who_comes_home_and_moves_is_there_until_the_door_closes_again() -> None:
    flat = Flat().is_left().says(DOOR, 60).says(DOOR, 60.5, False).says(MOTION, 61).says(MOTION, 63, False)
    assert not flat.empty_at(600)
    assert flat.says(DOOR, 700).says(DOOR, 700.2, False).empty_at(716)


def test_whoever_stays_in_bed_while_another_one_goes_is_not_alone_forgotten() -> None:
    flat = Flat().says(BED, -300).is_left()
    assert not flat.empty_at(600)
    assert not flat.says(BED, 610, False).empty_at(700), "who left the bed after the door is there"


def test_a_motion_sensor_that_lingers_is_no_sign_and_one_that_goes_on_is() -> None:
    assert Flat().says(MOTION, -0.1).is_left().says(MOTION, 1.9, False).empty_at(15)
    assert not Flat().says(MOTION, -0.1).is_left().says(MOTION, 9.0, False).empty_at(60)
    assert not Flat().says(MOTION, -0.1).is_left().says(MOTION, 9.0).says(MOTION, 9.5, False).empty_at(60)


def test_a_window_that_was_left_open_is_nobody_there_and_one_that_is_shut_is() -> None:
    flat = Flat().says(WINDOW, -60).is_left().says(WINDOW, 10)
    assert flat.empty_at(20), "it only says once more that it is open"
    assert not flat.says(WINDOW, 21, False).empty_at(60)


def test_a_door_that_stays_open_is_nobody_gone() -> None:
    assert not Flat().says(DOOR, 0).empty_at(600)
    assert not Flat().says(DOOR, 0, False).empty_at(600), "of a door that was never heard open it is not known"


def test_a_word_that_comes_late_counts_at_its_own_moment() -> None:
    flat = Flat().is_left()
    assert flat.says(BED, -2).says(BED, -1, False).empty_at(16), "before the door"
    assert not flat.says(PRESS, 3).empty_at(16), "after it"


@pytest.mark.parametrize("kinds", [(MOTION, BED), (DOOR, PRESS), (DOOR,)])
def test_a_home_that_cannot_tell_is_never_empty(kinds: tuple[str, ...]) -> None:
    flat = Flat(*kinds)
    if DOOR in kinds:
        flat.is_left()
    assert not flat.empty_at(10_000)


def test_how_long_is_a_homes_own_and_a_clock_that_is_set_changes_nothing() -> None:
    flat = Flat(empty_s=60).is_left()
    assert flat.empty_at(1)
    told = absences()
    told.update(np.array([0]), np.array([0.0]), np.array([True]))
    told.update(np.array([0]), np.array([10.0]), np.array([False]))
    told.clock_set(3600)
    assert told.left_at(np.array([0])).tolist() == [3610.0]
