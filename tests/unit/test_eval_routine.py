"""The measure of the notes: lives without change, changes that are put in, and what the recordings give."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from alarms.core.routine.note import NoteKind
from evaluation.routine.lives import PEOPLE, declining, life, restless
from evaluation.routine.recordings import elder_hours, ordonez_home
from evaluation.routine.replay import begun, stretched

_STEADY = PEOPLE["steady"]


def test_a_change_that_was_put_in_is_found_and_nothing_before_it() -> None:
    days = life(_STEADY, 110, np.random.default_rng(1))
    assert [note.kind for note in begun(days)] == []
    (note,) = begun(restless(days, 80, 9, 1))
    assert (note.kind, note.since) == (NoteKind.NIGHT, days[80].day)
    (note,) = begun(declining(days, 40, 0.5))
    assert note.kind is NoteKind.DECLINE


def test_a_stretched_life_has_only_days_of_the_one_it_is_made_of() -> None:
    days = life(_STEADY, 30, np.random.default_rng(2))
    longer = stretched(days, 100, np.random.default_rng(3))
    assert [one.day for one in longer] == sorted({one.day for one in longer})
    hours = {one.morning_h for one in days if one.morning_h == one.morning_h}
    assert {one.morning_h for one in longer if one.morning_h == one.morning_h} <= hours


@pytest.mark.recordings
def test_two_real_homes_as_they_are_give_no_note(recordings: Path) -> None:
    elder, home = elder_hours(recordings), ordonez_home(recordings)
    assert (len(elder), len(home)) == (60, 20)
    assert list(begun(elder)) == list(begun(home)) == []
