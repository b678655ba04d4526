"""Words about falls in whatever order, as often as they like: against a slow twin that looks at all of them at once."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from alarms.lifecycle.alarm import Alarm, AlarmKind, Identity, Priority
from alarms.lifecycle.effects import Notify, Reason
from alarms.lifecycle.events import Onset, Recovered
from alarms.lifecycle.fall import event_of, is_recovery, priority_of
from alarms.lifecycle.step import alarm_of, open_alarm, step
from tests.alarm_stories import START
from tests.naive import naive_falls

WINDOW = timedelta(seconds=60)
words = st.tuples(st.sampled_from(["suspected", "confirmed", "recovered"]), st.integers(0, 3))
"""A stage, and which fall it is about."""


def onset_of(stage: str, fall: int) -> Onset:
    evidence = {"stage": stage, "impact_at_s": 100.0 * fall}
    at = START + timedelta(seconds=100 * fall)
    return Onset(
        rule="fall_impact",
        subject="device:belt",
        kind=AlarmKind.FALL,
        priority=priority_of(evidence, Priority.EMERGENCY),
        latching=True,
        momentary=True,
        identity=Identity(site_id="pine", device_id="belt"),
        record=f"fall/{fall}",
        raised_at=at,
        received_at=at,
        evidence=evidence,
    )


def hear(alarm: Alarm | None, stage: str, fall: int) -> tuple[Alarm | None, int]:
    """The alarm after a word, and how often people were told."""
    onset = onset_of(stage, fall)
    if stage == "recovered":
        if alarm is None or not is_recovery(alarm, "belt", onset.evidence, onset.raised_at, WINDOW):
            return alarm, 0
        alarm, effects = step(alarm, Recovered(at=onset.raised_at, evidence=onset.evidence), START)
    elif alarm is None:
        alarm, effects = open_alarm(alarm_of(onset), Reason.NEW_ALARM, START)
    else:
        event = event_of(alarm, onset, WINDOW)
        if event is None:
            return alarm, 0
        alarm, effects = step(alarm, event, START)
    return alarm, sum(isinstance(effect, Notify) for effect in effects)


@given(st.lists(words, max_size=12))
def test_what_stands_is_what_all_the_words_together_say(history: list[tuple[str, int]]) -> None:
    alarm: Alarm | None = None
    for number, (stage, fall) in enumerate(history, 1):
        alarm, _ = hear(alarm, stage, fall)
        expected = naive_falls(history[:number])
        found = None if alarm is None else (str(alarm.priority), alarm.is_near_fall, alarm.count)
        assert found == expected


@given(st.lists(words, max_size=12), words)
def test_a_word_that_is_said_again_at_once_tells_nobody_and_changes_nothing(
    history: list[tuple[str, int]], word: tuple[str, int]
) -> None:
    alarm: Alarm | None = None
    for stage, fall in (*history, word):
        alarm, _ = hear(alarm, stage, fall)
    again, told = hear(alarm, *word)
    assert (again, told) == (alarm, 0)


@given(st.lists(words, max_size=12).filter(lambda history: any(stage != "recovered" for stage, _ in history)))
def test_nobody_is_told_of_a_fall_more_often_than_it_became_worse(history: list[tuple[str, int]]) -> None:
    alarm: Alarm | None = None
    for stage, fall in history:
        before = alarm
        alarm, told = hear(alarm, stage, fall)
        is_worse = alarm is not None and (before is None or alarm.priority.rank < before.priority.rank)
        assert told == is_worse
