"""The canary on a moved clock: when it presses, what a miss is, when people are told and the outside watcher is not."""

from __future__ import annotations

import pytest

from console.watch import canary
from console.watch.canary import Clear, Effect, Leg, Missed, Passed, Press, Raise, Timing

TIMING = Timing(every_s=60, limit_s=10, settle_s=10)


class Story:
    """A canary and its clock; ``did`` is everything that followed, with its moment."""

    def __init__(self, **before: object) -> None:
        self.now_s = 0.0
        self.canary = canary.start(0.0, TIMING, **before)  # type: ignore[arg-type]
        self.did: list[tuple[float, Effect]] = []

    def forward(self, seconds: float) -> None:
        """Let the time pass; everything happens at its own moment."""
        end = self.now_s + seconds
        while (due_s := canary.due_s(self.canary, TIMING)) <= end:
            self.now_s = max(self.now_s, due_s)
            self._take(canary.turn(self.canary, self.now_s, TIMING))
        self.now_s = end

    def saw(self, leg: Leg, after_s: float = 0.0) -> None:
        self.forward(after_s)
        self._take(canary.saw(self.canary, leg, self.now_s))

    def _take(self, result: tuple[canary.Canary, list[Effect]]) -> None:
        self.canary, effects = result
        self.did += [(self.now_s, effect) for effect in effects]

    def minute(self, *, last: Leg | None = Leg.FEED) -> None:
        """One press, seen up to ``last``, and the time until the next one."""
        if last is not None:
            self.saw(last, 0.01)
        self.forward(59.99 if last is not None else 60)

    def of(self, kind: type[Effect]) -> list[Effect]:
        return [effect for _, effect in self.did if isinstance(effect, kind)]

    @property
    def is_well(self) -> bool:
        return self.now_s < canary.well_until_s(self.canary, TIMING)


@pytest.fixture
def story() -> Story:
    """The first press is under way."""
    begun = Story()
    begun.forward(10)
    return begun


def test_it_presses_every_minute_to_the_second(story: Story) -> None:
    for _ in range(5):
        story.minute()
    assert [at for at, effect in story.did if isinstance(effect, Press)] == [10, 70, 130, 190, 250, 310]


def test_what_came_through_has_a_latency_for_every_leg(story: Story) -> None:
    story.saw(Leg.BROKER, 0.002)
    story.saw(Leg.ALARMS, 0.010)
    story.saw(Leg.FEED, 0.003)
    (passed,) = story.of(Passed)
    assert isinstance(passed, Passed)
    assert passed.seen == pytest.approx({Leg.BROKER: 0.002, Leg.ALARMS: 0.012, Leg.FEED: 0.015})


def test_who_was_seen_further_on_has_passed_what_is_before(story: Story) -> None:
    story.saw(Leg.FEED, 0.5)
    (passed,) = story.of(Passed)
    assert isinstance(passed, Passed)
    assert set(passed.seen) == set(Leg)


@pytest.mark.parametrize(
    ("last", "failed"), [(None, Leg.BROKER), (Leg.BROKER, Leg.ALARMS), (Leg.ALARMS, Leg.FEED)], ids=str
)
def test_a_miss_names_the_leg_where_it_stopped(story: Story, last: Leg | None, failed: Leg) -> None:
    story.minute(last=last)
    assert story.of(Missed) == [Missed(leg=failed, misses=1)]
    assert [at for at, effect in story.did if isinstance(effect, Missed)] == [20]


def test_one_miss_tells_nobody_and_two_tell_once(story: Story) -> None:
    story.minute()
    story.minute(last=Leg.BROKER)
    story.minute()
    assert story.of(Raise) == []
    for _ in range(3):
        story.minute(last=Leg.BROKER)
    assert story.of(Raise) == [Raise(leg=Leg.ALARMS, misses=2)]
    assert len(story.of(Missed)) == 4


def test_people_are_told_again_when_it_breaks_elsewhere(story: Story) -> None:
    for last in (Leg.BROKER, Leg.BROKER, Leg.ALARMS):
        story.minute(last=last)
    assert story.of(Raise) == [Raise(leg=Leg.ALARMS, misses=2), Raise(leg=Leg.FEED, misses=3)]


def test_it_is_over_with_the_first_that_comes_through(story: Story) -> None:
    story.minute()
    cleared = len(story.of(Clear))
    for _ in range(4):
        story.minute(last=None)
    story.minute()
    story.minute()
    assert len(story.of(Clear)) == cleared + 1


def test_the_pings_stop_with_the_second_miss_and_come_back(story: Story) -> None:
    assert not story.is_well, "nothing has come through yet"
    story.minute()
    assert story.is_well
    story.minute(last=None)
    assert story.is_well, "one miss is no trouble yet"
    story.forward(9.9)
    assert story.is_well
    story.forward(0.2)
    assert not story.is_well
    story.forward(49.9)
    story.minute()
    assert story.is_well


def test_a_watcher_that_hangs_stops_the_pings_by_itself(story: Story) -> None:
    story.saw(Leg.FEED)
    story.now_s += 129
    assert story.is_well
    story.now_s += 2
    assert not story.is_well


def test_a_late_sight_is_a_miss_all_the_same(story: Story) -> None:
    story.forward(11)
    story.saw(Leg.FEED)
    assert story.of(Passed) == []
    assert story.canary.misses == 1


def test_a_machine_that_slept_has_missed_one_press_not_ten(story: Story) -> None:
    story.now_s += 600
    story.forward(0)
    assert len(story.of(Missed)) == 1
    assert len(story.of(Press)) == 2
    story.minute()
    assert story.canary.misses == 0


def test_a_restart_counts_on_and_tells_again() -> None:
    story = Story(misses=1, failed=Leg.FEED, passed_s=-70.0)
    assert story.is_well, "the last one that came through is not old"
    story.forward(10)
    story.minute(last=Leg.ALARMS)
    assert story.of(Raise) == [Raise(leg=Leg.FEED, misses=2)]
    again = Story(misses=2, failed=Leg.FEED, passed_s=-140.0)
    assert not again.is_well
    again.forward(10)
    again.minute(last=Leg.ALARMS)
    assert again.of(Raise) == [Raise(leg=Leg.FEED, misses=3)]
    over = Story(misses=3, failed=Leg.FEED)
    over.forward(10)
    over.minute()
    assert len(over.of(Clear)) == 1
