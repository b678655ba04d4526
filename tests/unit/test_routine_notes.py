"""Notes about a resident's routine: what begins one, what it says, and when it ends."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alarms.core.routine.facts import DayFacts, Past
from alarms.core.routine.limits import Limits
from alarms.core.routine.note import Note, NoteKind, Sureness
from alarms.core.routine.notes import step
from alarms.core.routine.trend import fall_chance, levels
from alarms.core.routine.usual import usual
from alarms.core.routine.words import note_words
from tests.naive_routine_notes import naive_fall_chance, naive_levels, naive_residual, naive_usual

LIMITS = Limits()
_FIRST = date(2025, 1, 6)
_SENSORS = (1, 2, 3)


def a_day(**facts: float) -> DayFacts:
    given = {"night_up": 1.0, "visits_day": 5.0, "visits_night": 1.0, "afternoon_h": 3.0, "evening_h": 2.0}
    given |= {"morning_h": 4.0, "temp_low_c": 18.0, "temp_median_c": 20.0, "temp_h": 24.0, "cold_h": 0.0}
    return DayFacts(day=_FIRST, sensors=_SENSORS, heard_h=24.0, **given | {"cooker_left_min": 3.0} | facts)


UNKNOWN = DayFacts(day=_FIRST, sensors=_SENSORS)


@dataclass
class Life:
    """Days follow each other; each is judged once, the morning after."""

    days: list[DayFacts] = field(default_factory=list)
    standing: dict[NoteKind, Note] = field(default_factory=dict)
    ended: list[Note] = field(default_factory=list)

    def goes_on(self, days: Iterable[DayFacts]) -> Life:
        for facts in days:
            self.days.append(replace(facts, day=_FIRST + timedelta(days=len(self.days))))
            for kind, note in step(Past(self.days), self.standing, LIMITS).items():
                if note.until is None:
                    self.standing[kind] = note
                else:
                    self.standing.pop(kind, None)
                    self.ended.append(note)
        return self

    def words(self, kind: NoteKind) -> tuple[str, str]:
        return note_words(self.standing[kind])


def four_weeks(**facts: float) -> Life:
    """Counts differ a little, as they do."""
    ups, visits = (1, 0, 1, 2, 1, 1, 0), (5, 4, 6, 5, 5, 7, 4)
    return Life().goes_on(
        a_day(night_up=float(ups[n % 7]), visits_day=float(visits[n % 7]), **facts) for n in range(28)
    )


def test_a_night_of_wandering_is_one_note_with_its_numbers() -> None:
    life = four_weeks()
    assert not life.standing
    life.goes_on([a_day(night_up=6.0, visits_night=2.0)])
    assert life.words(NoteKind.NIGHT) == (
        "夜间活动 6 次（其中如厕 2 次），近四周常为 1 次。",
        "Up 6 times in the night (2 visits to the bathroom); usually 1 in the last four weeks.",
    )
    assert life.standing[NoteKind.NIGHT].sure is Sureness.LIKELY


def test_it_goes_on_with_the_newest_numbers_and_ends_after_three_nights_as_usual() -> None:
    life = four_weeks().goes_on([a_day(night_up=6.0), a_day(night_up=1.0), a_day(night_up=7.0, visits_night=0.0)])
    note = life.standing[NoteKind.NIGHT]
    assert (note.since, note.seen, note.now, note.sure) == (
        _FIRST + timedelta(days=28),
        _FIRST + timedelta(days=30),
        7,
        Sureness.CLEAR,
    )
    assert life.words(NoteKind.NIGHT)[1].endswith("; usually 1 in the last four weeks; for 3 days.")
    life.goes_on([a_day(night_up=1.0)] * 2)
    assert NoteKind.NIGHT in life.standing
    life.goes_on([a_day(night_up=2.0)])
    assert not life.standing
    assert [note.until for note in life.ended] == [_FIRST + timedelta(days=33)]


def test_three_restless_nights_together_are_a_note_where_none_alone_is() -> None:
    life = four_weeks().goes_on([a_day(night_up=5.0)])
    assert not life.standing
    life.goes_on([a_day(night_up=5.0)] * 2)
    assert life.standing[NoteKind.NIGHT].since == _FIRST + timedelta(days=30)


def test_what_lasts_four_weeks_is_usual_then_and_no_note_again() -> None:
    life = four_weeks().goes_on([a_day(night_up=6.0)] * 60)
    assert len(life.ended) == 1
    assert life.ended[0].until == _FIRST + timedelta(days=56)
    assert not life.standing


def test_who_is_always_up_often_gets_no_note() -> None:
    life = Life().goes_on(a_day(night_up=float((5, 7, 4, 6, 8)[n % 5])) for n in range(28))
    assert not life.goes_on([a_day(night_up=8.0)]).standing


def test_many_visits_say_how_many_of_them_by_night() -> None:
    life = four_weeks().goes_on([a_day(visits_day=14.0, visits_night=4.0)])
    assert life.words(NoteKind.BATHROOM) == (
        "一天如厕 18 次（其中夜间 4 次），近四周常为 6 次。",
        "In the bathroom 18 times in a day (4 at night); usually 6 in the last four weeks.",
    )


def test_less_than_ten_known_days_tell_nothing() -> None:
    life = Life().goes_on([a_day()] * 9 + [UNKNOWN] * 15)
    assert not life.goes_on([a_day(night_up=9.0)]).standing


def test_a_new_sensor_sees_more_and_that_is_no_news() -> None:
    life = four_weeks().goes_on([replace(a_day(night_up=9.0, visits_day=30.0), sensors=(1, 2, 3, 4))] * 9)
    assert not life.standing


def test_unknown_days_change_nothing_and_after_two_weeks_the_note_ends() -> None:
    life = four_weeks().goes_on([a_day(night_up=6.0)] + [UNKNOWN] * 13)
    assert NoteKind.NIGHT in life.standing
    life.goes_on([UNKNOWN])
    assert [note.kind for note in life.ended] == [NoteKind.NIGHT]


def test_a_cold_home_is_one_note_all_winter_and_ends_with_the_heating() -> None:
    life = four_weeks().goes_on([a_day(cold_h=9.0, temp_low_c=12.5, temp_median_c=15.0)] * 40)
    assert life.words(NoteKind.COLD) == (
        "室温低于 16 °C 达 9 小时，最低 12.5 °C，近四周常为 20 °C，持续 40 天。",
        "Colder than 16 °C for 9 h, 12.5 °C at the coldest; usually 20 °C in the last four weeks; for 40 days.",
    )
    life.goes_on([a_day()])
    assert NoteKind.COLD in life.standing
    life.goes_on([a_day()])
    assert not life.standing
    assert len(life.ended) == 1


def test_a_cold_first_day_needs_no_past() -> None:
    life = Life().goes_on([a_day(cold_h=7.0, temp_h=10.0)])
    assert life.standing[NoteKind.COLD].sure is Sureness.LIKELY
    assert "近四周" not in life.words(NoteKind.COLD)[0]


def test_a_cooker_left_on_is_a_note_unless_it_always_simmers_alone() -> None:
    life = four_weeks().goes_on([a_day(cooker_left_min=42.0)])
    assert life.words(NoteKind.COOKER) == (
        "灶具开着 42 分钟而厨房无人，近四周常为 3 分钟。",
        "A cooker was on for 42 min with nobody in the kitchen; usually 3 min in the last four weeks.",
    )
    life.goes_on([a_day()] * 6)
    assert NoteKind.COOKER in life.standing
    assert not life.goes_on([a_day()]).standing
    soup = Life().goes_on([a_day(cooker_left_min=60.0)] * 60)
    assert [note.until for note in soup.ended] == []
    assert len(soup.standing) == 1
    assert soup.standing[NoteKind.COOKER].since == _FIRST


def declining(share: float, days: int = 56, cv: float = 0.1, seed: int = 3) -> list[DayFacts]:
    """From nine hours down to ``1 - share`` of them, evenly, with noise."""
    noise = 1 + cv * np.random.default_rng(seed).normal(size=days)
    level = 9 * (1 - share * np.arange(days) / 55) * noise
    return [a_day(morning_h=float(one), afternoon_h=0.0, evening_h=0.0) for one in np.round(level * 4) / 4]


def test_a_slow_decline_is_a_note_and_noise_is_none() -> None:
    assert not Life().goes_on(declining(0.0, days=140)).standing
    life = Life().goes_on(declining(0.0, days=60)).goes_on(declining(0.35))
    note = life.standing[NoteKind.DECLINE]
    assert 8.5 < note.usual < 9.8
    assert 5 < note.now < 7.5
    zh, en = life.words(NoteKind.DECLINE)
    assert zh.startswith("白天有活动的时间约 ")
    assert en.endswith(" h 8 weeks before.")


def test_a_decline_is_over_when_it_has_come_back() -> None:
    life = Life().goes_on(declining(0.0, days=30)).goes_on(declining(0.4))
    assert NoteKind.DECLINE in life.standing
    life.goes_on(declining(0.0, days=20))
    assert [note.kind for note in life.ended] == [NoteKind.DECLINE]
    assert not life.standing


def test_a_decline_that_settles_is_usual_after_eight_weeks() -> None:
    settled = (5.25, 5.5, 5.5, 5.25, 5.75, 5.5, 5.25) * 14
    life = Life().goes_on(declining(0.4))
    life.goes_on(a_day(morning_h=one, afternoon_h=0.0, evening_h=0.0) for one in settled)
    assert [note.kind for note in life.ended] == [NoteKind.DECLINE]
    assert not life.standing


def test_what_every_autumn_does_is_no_news() -> None:
    def autumn(seed: int) -> list[DayFacts]:
        return declining(0.3, seed=seed)

    quiet = declining(0.0, days=364 - 56, cv=0.05)
    life = Life().goes_on(autumn(1)).goes_on(quiet)
    before = len(life.ended) + len(life.standing)
    life.goes_on(autumn(2))
    assert len(life.ended) + len(life.standing) == before
    life.goes_on(quiet).goes_on(declining(0.6, seed=4))
    assert NoteKind.DECLINE in life.standing, "twice what the autumn did is"


@given(
    value=st.lists(st.one_of(st.none(), st.integers(0, 30)), min_size=1, max_size=60),
    now=st.integers(0, 40),
)
def test_what_is_usual_is_as_its_slow_twin_has_it(value: Sequence[int | None], now: int) -> None:
    days = [a_day(night_up=math.nan if one is None else float(one)) for one in value]
    days = [replace(one, day=_FIRST + timedelta(days=n)) for n, one in enumerate(days)]
    before = _FIRST.toordinal() + len(days)
    found = usual(Past(days), "night_up", before)
    known = {_FIRST.toordinal() + n: float(one) for n, one in enumerate(value) if one is not None}
    twin = naive_usual(known, before)
    if twin is None:
        assert found is None
        return
    assert found is not None
    assert (found.median, found.mean, found.spread) == pytest.approx(twin)
    assert found.strays(now) == pytest.approx(naive_residual(max(0, now - 0.5), twin[1]) / twin[2], abs=1e-3)


@settings(max_examples=15)
@given(weeks=st.lists(st.floats(0, 17), min_size=8, max_size=8), gaps=st.sets(st.integers(0, 55), max_size=12))
def test_a_trend_is_as_its_slow_twin_has_it(weeks: list[float], gaps: set[int]) -> None:
    known = {n: weeks[n // 7] + 0.1 * (n % 7) for n in range(56) if n not in gaps}
    ordinal, value = np.array(list(known), np.int64), np.array(list(known.values()), np.float64)
    assert fall_chance(ordinal, value, 55) == pytest.approx(naive_fall_chance(known, 55))
    assert levels(ordinal, value, 55) == pytest.approx(naive_levels(known, 55))


_NUMBER = st.one_of(st.just(math.nan), st.integers(0, 20).map(float))
_ANY_DAY = st.builds(
    lambda ups, visits, cold, cooker, active: a_day(
        night_up=ups, visits_day=visits, cold_h=cold, cooker_left_min=cooker, morning_h=active
    ),
    _NUMBER, _NUMBER, _NUMBER, _NUMBER, _NUMBER,
)  # fmt: skip


@settings(max_examples=40)
@given(st.lists(_ANY_DAY, min_size=1, max_size=90))
def test_in_any_life_notes_of_a_kind_follow_each_other_and_never_overlap(days: list[DayFacts]) -> None:
    life = Life().goes_on(days)
    for kind in NoteKind:
        own = [note for note in (*life.ended, *life.standing.values()) if note.kind is kind]
        for earlier, later in pairwise(own):
            assert earlier.until is not None
            assert earlier.since <= earlier.seen <= earlier.until < later.since
        for note in own:
            zh, en = note_words(note)
            assert "nan" not in zh + en
