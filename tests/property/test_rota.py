"""Rotas against a slow twin that watches a clock on the wall, minute by minute."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from hypothesis import example, given, settings
from hypothesis import strategies as st

from alarms.lifecycle.rota import Layer, Override, Rota, gaps, next_change, on_duty, shifts, together

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
SPAN = timedelta(days=2)
NIGHTS = {  # a moment shortly before the clocks change, where they do
    "Europe/Berlin": (datetime(2026, 3, 28, 12, tzinfo=UTC), datetime(2026, 10, 24, 12, tzinfo=UTC)),
    "Asia/Shanghai": (datetime(2026, 3, 28, 12, tzinfo=UTC),),
    "Australia/Lord_Howe": (datetime(2026, 4, 4, 0, tzinfo=UTC), datetime(2026, 10, 3, 0, tzinfo=UTC)),  # half an hour
    "America/Havana": (datetime(2026, 3, 7, 12, tzinfo=UTC), datetime(2026, 10, 31, 12, tzinfo=UTC)),  # at midnight
    "Africa/Cairo": (datetime(2026, 4, 23, 6, tzinfo=UTC), datetime(2026, 10, 29, 6, tzinfo=UTC)),  # to 23:00
    "America/St_Johns": (datetime(2010, 11, 6, 12, tzinfo=UTC),),  # a minute of the next day, then 23:01 once more
    "Pacific/Apia": (datetime(2011, 12, 29, 12, tzinfo=UTC),),  # a whole day is left out
}


class Wall:
    """The twin: it sees a clock on the wall, and what the clock has shown once does not happen a second time."""

    def __init__(self, rota: Rota, begin: datetime) -> None:
        self.rota = rota
        self.zone = ZoneInfo(rota.timezone)
        self.furthest = datetime.min  # noqa: DTZ901 - a wall time
        self.at = begin - 2 * DAY
        while self.at < begin:
            self.tick()

    def tick(self) -> None:
        self._look()
        self.at += MINUTE

    def on_duty(self) -> tuple[str, ...]:
        self._look()
        people = [person for layer in self.rota.layers if (person := self.of_layer(layer)) is not None]
        for override in self.rota.overrides:
            if override.begins_at <= self.at < override.ends_at:
                if override.instead_of is None:
                    people = [override.person]
                people = [override.person if person == override.instead_of else person for person in people]
        return tuple(sorted(set(people), key=people.index))

    def of_layer(self, layer: Layer) -> str | None:
        wall = self.furthest
        if not any(self.covers(layer, wall.date() - back * DAY) for back in (0, 1)):
            return None
        day = wall.date() if wall.time() >= layer.hand_over else wall.date() - DAY
        if day < layer.starts_on:
            return None
        turn = 0
        while layer.starts_on + (turn + 1) * layer.turn_days * DAY <= day:
            turn += 1
        return layer.members[turn % len(layer.members)]

    def covers(self, layer: Layer, day: date) -> bool:
        end_day = day + DAY if layer.end <= layer.begin else day
        return day.weekday() in layer.weekdays and datetime.combine(
            day, layer.begin
        ) <= self.furthest < datetime.combine(end_day, layer.end)

    def _look(self) -> None:
        self.furthest = max(self.furthest, self.at.astimezone(self.zone).replace(tzinfo=None))


people = st.sampled_from(["user:mei", "user:li", "contact:son", "contact:zhao"])
times = st.builds(time, st.sampled_from([0, 0, 1, 1, 2, 2, 3, 8, 20, 23]), st.sampled_from([0, 0, 1, 15, 30, 59]))


def layers(near: date) -> st.SearchStrategy[Layer]:
    return st.builds(
        Layer,
        members=st.lists(people, min_size=1, max_size=3).map(tuple),
        starts_on=st.integers(-40, 3).map(lambda days: near + days * DAY),
        hand_over=times,
        turn_days=st.sampled_from([1, 1, 2, 7]),
        begin=times,
        end=times,
        weekdays=st.one_of(st.just(frozenset(range(7))), st.frozensets(st.integers(0, 6), min_size=1)),
    )


@st.composite
def rotas(draw: st.DrawFn) -> tuple[Rota, datetime]:
    timezone = draw(st.sampled_from(sorted(NIGHTS)))
    begin = draw(st.sampled_from(NIGHTS[timezone]))
    overrides = []
    for _ in range(draw(st.integers(0, 3))):
        person, other = draw(st.lists(people, min_size=2, max_size=2, unique=True))
        starts = begin + draw(st.integers(-600, 2000)) * MINUTE
        ends = starts + draw(st.integers(1, 1500)) * MINUTE
        instead_of = draw(st.sampled_from([other, None]))
        overrides.append(Override(begins_at=starts, ends_at=ends, person=person, instead_of=instead_of))
    drawn = draw(st.lists(layers(begin.date()), max_size=3).map(tuple))
    rota = Rota(rota_id="r", site_id="s", name="", timezone=timezone, layers=drawn, overrides=tuple(overrides))
    return rota, begin


@settings(max_examples=60, deadline=None)
@given(rotas())
def test_every_minute_is_as_the_clock_on_the_wall_says(drawn: tuple[Rota, datetime]) -> None:
    rota, begin = drawn
    end = begin + SPAN
    found = shifts(rota, begin, end)
    wall = Wall(rota, begin)
    for shift in found:
        while wall.at < shift.ends_at:
            assert wall.on_duty() == shift.people, wall.at
            wall.tick()
    assert wall.at == end


@settings(max_examples=100, deadline=None)
@given(rotas())
def test_shifts_cover_the_time_once_and_are_cut_only_where_people_change(drawn: tuple[Rota, datetime]) -> None:
    rota, begin = drawn
    end = begin + SPAN
    found = shifts(rota, begin, end)
    assert found[0].begins_at == begin
    assert found[-1].ends_at == end
    for one, after in pairwise(found):
        assert one.ends_at == after.begins_at
        assert one.people != after.people
    for shift in found:
        assert shift.begins_at < shift.ends_at
        for at in (
            shift.begins_at,
            shift.begins_at + (shift.ends_at - shift.begins_at) / 2,
            shift.ends_at - MINUTE / 60,
        ):
            assert on_duty(rota, at) == shift.people
    assert gaps(rota, begin, end) == [shift for shift in found if not shift.people]
    for shift in found[:-1]:
        assert next_change(rota, shift.begins_at) == shift.ends_at


@settings(max_examples=40, deadline=None)
@given(rotas(), rotas())
def test_together_misses_nobody_who_is_on_duty_alone(one: tuple[Rota, datetime], other: tuple[Rota, datetime]) -> None:
    begin = one[1]
    both = (one[0], other[0])
    for shift in together(both, begin, begin + SPAN):
        alone = [on_duty(rota, shift.begins_at) for rota in both]
        assert set(shift.people) == set(alone[0]) | set(alone[1])
        assert len(set(shift.people)) == len(shift.people)


@given(st.sampled_from(sorted(NIGHTS)), times, times, st.data())
@example("Europe/Berlin", time(2, 30), time(2, 30), None)
def test_no_change_of_the_clocks_makes_a_hole_between_layers_that_touch(
    timezone: str, one: time, other: time, data: st.DataObject | None
) -> None:
    if one == other:
        other = time((one.hour + 12) % 24, one.minute)
    week = frozenset(range(7))
    begin = NIGHTS[timezone][0] if data is None else data.draw(st.sampled_from(NIGHTS[timezone]))
    halves = [
        Layer(
            members=(f"user:{name}",),
            starts_on=date(2010, 1, 1),
            hand_over=time(0),
            turn_days=1,
            begin=start,
            end=stop,
            weekdays=week,
        )
        for name, start, stop in (("a", one, other), ("b", other, one))
    ]
    rota = Rota(rota_id="r", site_id="s", name="", timezone=timezone, layers=tuple(halves), overrides=())
    assert all(len(shift.people) == 1 for shift in shifts(rota, begin, begin + SPAN))
