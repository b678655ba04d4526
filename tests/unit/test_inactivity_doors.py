"""Whoever went out may be silent for longer than whoever is at home."""

from __future__ import annotations

from alarms.core.inactivity.clock import LocalClock
from alarms.core.inactivity.steps import Step
from alarms.core.inactivity_evidence import of_silence
from tests.silent_home import BUSY, MIDNIGHT_S, ZONE, home, move


def test_who_went_through_the_door_has_longer() -> None:
    alarmed_at = []
    for door in (False, True):
        silence = home(0, sensed=True)
        move(silence, 0, 14, BUSY)
        told = move(silence, 14, 1, (7.0,), doors=(7.0,) if door else ()) + move(silence, 15, 1, ())
        alarm = next(one for one in told if one.step is Step.ALARM)
        alarmed_at.append(alarm.at_s)
        assert ("last heard at the front door" in of_silence(alarm, LocalClock([ZONE]), silence)["text"]) is door
    assert alarmed_at[1] > alarmed_at[0]


def test_a_door_sensor_tells_silence_at_home_from_hours_out() -> None:
    """They go out at nine on all days, for four or six hours, and one day stir for the last time at half past eight."""
    alarmed_at = []
    for has_door in (False, True):
        silence = home(0, sensed=True)
        for day in range(28):
            way = (9.0, 13.0 + 2 * (day % 2))
            indoors = tuple(hour for hour in BUSY if not way[0] <= hour <= way[1])
            assert move(silence, day, 1, indoors if has_door else indoors + way, doors=way if has_door else ()) == []
        told = move(silence, 28, 1, (7.0, 7.5, 8.0, 8.5))
        alarmed_at.append(next(one.at_s for one in told if one.step is Step.ALARM))
    without_h, with_h = ((at_s - MIDNIGHT_S) / 3600 - 28 * 24 - 8.5 for at_s in alarmed_at)
    assert without_h > 6
    assert with_h < 3
