"""A flood begins and ends when counting every alarm of the last ten minutes says so."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from alarms.lifecycle import flood
from alarms.lifecycle.alarm import AlarmKind, Priority
from tests.alarm_house import START, House, Says

AIR = (AlarmKind.CLIMATE, "air_stale", Priority.LOW)
CALL = (AlarmKind.HELP_CALL, "help_call", Priority.EMERGENCY)


class Twin:
    """Counts all over again, second by second."""

    def __init__(self) -> None:
        self.began: list[datetime] = []
        self.now = START
        self.stands = False

    def hear(self, now: datetime, *, may_bundle: bool) -> bool:
        """Whether the alarm is bundled."""
        self.forward(now)
        self.began.append(now)
        if may_bundle and self._count() >= 10:
            self.stands = True
        return may_bundle and self.stands

    def forward(self, now: datetime) -> None:
        while self.now < now:
            self.now += timedelta(seconds=1)
            if self.stands and self._count() < 5:
                self.stands = False

    def _count(self) -> int:
        return sum(self.now - timedelta(minutes=10) < at <= self.now for at in self.began)


@given(st.lists(st.tuples(st.sampled_from([0, 1, 10, 40, 70, 130, 290, 600]), st.booleans()), max_size=60))
@settings(max_examples=40, deadline=None)
def test_floods_begin_and_end_as_the_slow_twin_counts_them(history: list[tuple[int, bool]]) -> None:
    house, twin, now = House(), Twin(), START
    for number, (after_s, is_call) in enumerate(history):
        now += timedelta(seconds=after_s)
        kind, rule, priority = CALL if is_call else AIR
        alarm = house.hear(Says(after_s, kind, rule, priority, subject=number), now)
        assert alarm is not None
        assert flood.is_bundled(alarm) == twin.hear(now, may_bundle=not is_call)
        assert bool(house.journal.open_for(flood.RULE, "site:pine")) == twin.stands
    for _ in range(30):
        now += timedelta(seconds=23)
        house.forward(now)
        twin.forward(now)
        assert bool(house.journal.open_for(flood.RULE, "site:pine")) == twin.stands


hundreds = st.integers(0, 14).map(lambda number: number * 100)


@given(st.lists(hundreds | st.integers(0, 1300), max_size=40), hundreds)
def test_the_end_is_reckoned_from_the_fifth_newest(after_s: list[int], now_s: int) -> None:
    moments = sorted((START + timedelta(seconds=s) for s in after_s if s <= now_s), reverse=True)
    now = START + timedelta(seconds=now_s)
    end = flood.ends_at(moments, now)

    def count(at: datetime) -> int:
        return sum(at - flood.WINDOW < moment <= at for moment in moments)

    assert count(end) < flood.ENDS_BELOW
    assert end == now or count(end - timedelta(microseconds=1)) >= flood.ENDS_BELOW
    assert flood.stands(moments, now) == (count(now) >= flood.BEGINS_AT)
    assert end.tzinfo is UTC
