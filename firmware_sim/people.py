"""A resident's day as a list of moments: sleep, getting up, meals, visits, the bathroom at night, a press, a wander.

Pure and seeded. Times are seconds since midnight.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

HOUR_S = 3600.0
DAY_S = 24 * HOUR_S


class Act(StrEnum):
    """What a person does that a device can notice."""

    LIE_DOWN = "lie_down"  # into the bed
    GET_UP = "get_up"  # out of the bed
    MOVE = "move"  # moves about in the own room
    MOVE_BATHROOM = "move_bathroom"  # moves about in the bathroom of a private home
    MOVE_SHARED = "move_shared"  # moves about in the day room or living room
    DOOR = "door"  # opens and closes the own door
    EXIT = "exit"  # goes through the front door
    PRESS = "press"  # presses the call button
    SIT = "sit"
    WALK = "walk"
    COOK = "cook"  # the stove and kettle of a private home


@dataclass(frozen=True, slots=True, order=True)
class Moment:
    """One act at a time of day."""

    at_s: float
    act: Act


@dataclass(frozen=True, slots=True, kw_only=True)
class Habits:
    """How a person lives; drawn once per resident."""

    wakes_s: float
    sleeps_s: float
    bathroom_visits: int
    presses: int
    naps: bool
    wanders: bool


def draw_habits(rng: np.random.Generator, *, wanders: bool = False) -> Habits:
    """A person."""
    return Habits(
        wakes_s=float(rng.normal(6.0, 0.4)) * HOUR_S,
        sleeps_s=float(rng.normal(20.8, 0.4)) * HOUR_S,
        bathroom_visits=int(rng.integers(0, 3)),
        presses=int(rng.random() < 0.35),
        naps=bool(rng.random() < 0.8),
        wanders=wanders,
    )


def plan_day(habits: Habits, rng: np.random.Generator) -> list[Moment]:
    """The day from midnight to midnight, in order of time."""
    day: list[Moment] = [Moment(0.0, Act.LIE_DOWN)]
    for at_s in np.sort(rng.uniform(0.5 * HOUR_S, habits.wakes_s - HOUR_S, habits.bathroom_visits)):
        day += _bathroom(float(at_s), rng)
    if habits.wanders:
        day += _wander(2.6 * HOUR_S + float(rng.uniform(0, 900)))
    day += _at(habits.wakes_s, (0, Act.GET_UP), (20, Act.WALK), (40, Act.MOVE), (600, Act.MOVE), (900, Act.SIT))
    for meal_s in (7.5 * HOUR_S, 11.5 * HOUR_S, 17.5 * HOUR_S):
        day += _meal(meal_s + float(rng.normal(0, 300)), rng)
    if habits.naps:
        nap_s = 12.5 * HOUR_S + float(rng.uniform(0, 1200))
        day += _at(nap_s, (0, Act.MOVE), (60, Act.LIE_DOWN), (4800, Act.GET_UP), (4830, Act.MOVE), (4900, Act.SIT))
    if rng.random() < 0.4:
        day += _at(
            float(rng.uniform(9, 11)) * HOUR_S, (0, Act.DOOR), (15, Act.MOVE), (1500, Act.MOVE), (1560, Act.DOOR)
        )
    for _ in range(habits.presses):
        day.append(Moment(float(rng.uniform(6.5, 21.5)) * HOUR_S, Act.PRESS))
    for at_s in rng.uniform(habits.wakes_s + HOUR_S, habits.sleeps_s, 14):
        day.append(Moment(float(at_s), Act.MOVE))
    day += _at(habits.sleeps_s, (-300, Act.WALK), (-240, Act.MOVE), (0, Act.LIE_DOWN))
    for at_s in (habits.wakes_s + 300, *rng.uniform(habits.wakes_s + HOUR_S, habits.sleeps_s - HOUR_S, 3)):
        day += _at(float(at_s), (0, Act.MOVE_BATHROOM), (float(rng.uniform(120, 600)), Act.MOVE_SHARED))
    day += _at(habits.sleeps_s - 1200, (0, Act.MOVE_BATHROOM), (300, Act.MOVE_SHARED))
    return sorted(moment for moment in day if 0 <= moment.at_s < DAY_S)


def _bathroom(at_s: float, rng: np.random.Generator) -> list[Moment]:
    stay_s = float(rng.uniform(180, 500))
    return _at(
        at_s, (0, Act.GET_UP), (5, Act.WALK), (12, Act.MOVE), (20, Act.MOVE_BATHROOM), (stay_s, Act.MOVE),
        (stay_s + 20, Act.LIE_DOWN),
    )  # fmt: skip


def _wander(at_s: float) -> list[Moment]:
    return _at(
        at_s, (0, Act.GET_UP), (10, Act.WALK), (20, Act.MOVE), (60, Act.DOOR), (240, Act.EXIT),
        (1500, Act.EXIT), (1680, Act.DOOR), (1700, Act.MOVE), (1760, Act.LIE_DOWN),
    )  # fmt: skip


def _meal(at_s: float, rng: np.random.Generator) -> list[Moment]:
    back_s = float(rng.uniform(2400, 3600))
    return _at(
        at_s, (0, Act.COOK), (0, Act.WALK), (5, Act.MOVE), (30, Act.DOOR), (120, Act.MOVE_SHARED), (180, Act.SIT),
        (back_s / 2, Act.MOVE_SHARED), (back_s, Act.MOVE_SHARED), (back_s + 10, Act.WALK),
        (back_s + 90, Act.DOOR), (back_s + 110, Act.MOVE), (back_s + 200, Act.SIT),
    )  # fmt: skip


def _at(start_s: float, *steps: tuple[float, Act]) -> list[Moment]:
    return [Moment(start_s + after_s, act) for after_s, act in steps]
