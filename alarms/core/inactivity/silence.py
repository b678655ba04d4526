"""Silence in homes: signs of life come in, questions and alarms go out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from alarms.core.inactivity.bar import ASKED_AT, LEARN_DAYS, Bar
from alarms.core.inactivity.clock import SLOT_S, SLOTS, Clock
from alarms.core.inactivity.longest import Longest
from alarms.core.inactivity.meters import BLOCKS, Meters
from alarms.core.inactivity.rhythm import Rhythm
from alarms.core.inactivity.signs import Heard, Signs
from alarms.core.inactivity.steps import Step, Told
from alarms.core.saved import Array
from alarms.core.stage import array_bytes

LIFE = 22.0
"""So much within about two hours shows that life is back: after a question or an alarm, or where all are away."""

LEAVING_S = 7200.0
"""Signs so soon after somebody was said to be away are of the leaving."""

ASK_FIRST_S = 1800.0
"""The alarm comes at least so long after the question."""

BEYOND, SURELY_BEYOND = 1.3, 1.75
"""So many times the third longest silence of the last eight weeks alarms; the latter of what only people cause."""

OUT = 1.5
"""Whoever went through a door and was not heard of again is out: the bars are so many times as high."""

SETTLE_S = 30.0
"""A slot is judged so long after its end: until then its last samples have arrived."""

FORGOTTEN_SLOTS = 72
"""After so long without data, six hours, silence begins anew: too much was missed."""

_LIFE_KEPT = 0.5 ** (SLOT_S / 7200)
_HALF_A_DAY = SLOTS // 2
_PART = SLOTS // BLOCKS

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Singles = NDArray[np.float32]
Floats = NDArray[np.float64]


class Silence:
    """The silence of n homes, judged every five minutes.

    A score grows with every silent slot by what the rhythm says, and falls by what a sign says; at 0 silence begins
    anew. Over the home's bars it asks, then alarms; then nothing more until life is back, so that a week away is one
    question and one alarm. Slots without data do not count, and silence goes on behind them: a meter that drops out
    now and then hides nobody. After six hours of them silence begins anew. Slots from an alarm to life, and of an
    empty home, are not learned. A home is empty while all are said to be away, until life is back: from then on it is
    judged whatever was said before.

    Parameters
    ----------
    clock : Clock
        Of n homes.
    meters : int64, shape (m,)
        The home of each meter and plug.
    sensed : bool, shape (n,)
        The home has sensors whose silence means something: movement, doors, beds, water.
    patience : float32, shape (n,), optional
        The bars are so many times as high; 1 where it is not given.
    ask_ahead_s : float64, shape (n,), optional
        Seconds by which the question is ahead of the alarm; ``ASK_FIRST_S`` where it is not given.

    Attributes
    ----------
    began_at : float
        When the slot that is running began; NaN before the first ``tick``.
    score, life : float32, shape (n,)
        The silence's score; signs since a question.
    silent, unsure, gap : int32, shape (n,)
        Known slots since the last sign, and since the last that only people cause; unknown slots in a row.
    missed, unsure_missed : int32, shape (n,)
        Slots since either that say nothing: unknown ones, and of ``missed`` also a timer's.
    known : int32, shape (n,)
        Known slots of the day.
    asked_at, alarmed : float64, bool, shape (n,)
        When it was asked, inf: not; an alarm stands.
    away, out : bool, shape (n,)
        All are said to be away; somebody went through the door and was not heard of since.
    away_at, back_at : float64, shape (n,)
        When the last of them was said to be away, inf: life changes nothing about that; when life was back though
        they were, -inf: never.
    """

    STATE = (
        "score", "life", "silent", "unsure", "missed", "unsure_missed", "gap", "known", "asked_at", "alarmed", "out",
        "back_at",
    )  # fmt: skip

    def __init__(
        self,
        clock: Clock,
        meters: Ints,
        sensed: Bools,
        *,
        patience: Singles | None = None,
        ask_ahead_s: Floats | None = None,
    ) -> None:
        size = len(sensed)
        self._patience = np.ones(size, np.float32) if patience is None else patience
        self._ask_ahead_s = np.full(size, ASK_FIRST_S) if ask_ahead_s is None else ask_ahead_s
        self._clock = clock
        self.signs = Signs(meters, sensed)
        self.rhythm = Rhythm(size)
        self.bar = Bar(size)
        self.longest = Longest(size, BEYOND)
        self.surely = Longest(size, SURELY_BEYOND)
        self.began_at = np.nan
        self.score: Singles = np.zeros(size, np.float32)
        self.life: Singles = np.zeros(size, np.float32)
        self.silent = np.zeros(size, np.int32)
        self.unsure = np.zeros(size, np.int32)
        self.missed = np.zeros(size, np.int32)
        self.unsure_missed = np.zeros(size, np.int32)
        self.gap = np.zeros(size, np.int32)
        self.known = np.zeros(size, np.int32)
        self.asked_at: Floats = np.full(size, np.inf)
        self.alarmed: Bools = np.zeros(size, np.bool_)
        self.away: Bools = np.zeros(size, np.bool_)
        self.away_at: Floats = np.full(size, np.inf)
        self.back_at: Floats = np.full(size, -np.inf)
        self.out: Bools = np.zeros(size, np.bool_)

    @property
    def empty(self) -> Bools:
        """Bool, shape (n,): all are away, and life has not come back since that was said."""
        return self.away & (self.back_at < self.away_at)

    @property
    def asks(self) -> Bools:
        """Bool, shape (n,): it was asked, and no alarm has followed yet."""
        return np.isfinite(self.asked_at) & ~self.alarmed

    def power(self, meter: Ints, at_s: Floats, watts: Floats) -> None:
        """Take one sample of each meter, in W."""
        self.signs.meters.update(meter, at_s, watts)

    def event(self, home: Ints, count: Ints, *, door: bool = False) -> None:
        """Somebody was noticed, ``count`` times; each home at most once."""
        self.signs.event(home, count, door=door)

    def answer(self, home: int, at_s: float) -> list[Told]:
        """Somebody says that all is well: a sign of life at this moment, and silence begins anew."""
        if not np.isfinite(self.asked_at[home]):
            return []
        slot, day = self._clock.slots(at_s)
        told = self._told(home, Step.OVER, at_s, int(slot[home]), int(day[home]))
        self.asked_at[home] = np.inf
        self.alarmed[home] = False
        self.score[home] = 0
        for slots in (self.silent, self.unsure, self.missed, self.unsure_missed):
            slots[home] = 0
        begins = np.zeros(len(self.score), np.bool_)
        begins[home] = True
        self.rhythm.begin(begins)
        return [told]

    def today(self, home: int, at_s: float) -> list[bool | None]:
        """Which half hours of its day had a sign, up to the slot that ended then; None: not known."""
        slot, day = self._clock.slots(at_s - SLOT_S)
        return self.rhythm.day(home, int(day[home]), int(slot[home]))

    def tick(self, now_s: float, blind: Bools | None = None) -> list[Told]:
        """Judge the slots that are over; ``blind``, bool of shape (n,): its sensors cannot be heard now."""
        if np.isnan(self.began_at):
            self.began_at = now_s // SLOT_S * SLOT_S
        told: list[Told] = []
        while self.began_at + SLOT_S + SETTLE_S <= now_s:
            told += self._end_slot(blind)
        return told

    def clock_set(self, by_s: float) -> None:
        """The wall clock was set."""
        self.began_at = (self.began_at + by_s) // SLOT_S * SLOT_S
        self.asked_at += by_s
        self.back_at += by_s
        self.signs.meters.clock_set(by_s)

    def saved(self) -> tuple[dict[str, Any], dict[str, Array]]:  # Any: JSON values
        """Facts and arrays to be kept."""
        arrays = {
            f"silence.{part}.{name}": np.asarray(getattr(of, name))
            for part, of in self._parts()
            for name in of.STATE
        }  # fmt: skip
        return {"silence.began_at": None if np.isnan(self.began_at) else self.began_at}, arrays

    def restore(
        self,
        facts: Mapping[str, Any],  # Any: JSON values
        arrays: Mapping[str, Array],
        homes: tuple[NDArray[np.intp], NDArray[np.intp]],
        meters: tuple[NDArray[np.intp], NDArray[np.intp]],
    ) -> None:
        """Take over what was saved; ``homes`` and ``meters`` are places here and there."""
        began_at = facts["silence.began_at"]
        self.began_at = np.nan if began_at is None else float(began_at)
        for part, of in self._parts():
            here, there = meters if of is self.signs.meters else homes
            for name in of.STATE:
                if f"silence.{part}.{name}" in arrays:  # what is newer than the state begins anew
                    getattr(of, name)[here] = arrays[f"silence.{part}.{name}"][there]

    def nbytes(self) -> int:
        """Bytes of all arrays."""
        own = array_bytes(self)
        return (
            own
            + self.signs.nbytes()
            + self.rhythm.nbytes()
            + self.bar.nbytes()
            + self.longest.nbytes()
            + self.surely.nbytes()
        )

    def _parts(self) -> tuple[tuple[str, Meters | Signs | Rhythm | Bar | Longest | Silence], ...]:
        return (
            ("meters", self.signs.meters),
            ("signs", self.signs),
            ("rhythm", self.rhythm),
            ("bar", self.bar),
            ("longest", self.longest),
            ("surely", self.surely),
            ("home", self),
        )

    def _end_slot(self, blind: Bools | None) -> list[Told]:
        at_s = self.began_at + SLOT_S
        slot, day = self._clock.slots(self.began_at)
        heard = self.signs.take(at_s, blind, self.rhythm.by_clock(slot, day))
        over = self._follow(slot, day, at_s, heard)
        stands = self.alarmed
        self.rhythm.learn(slot, day, heard.sign, heard.known & ~stands & ~self.empty)
        self.known += heard.known
        self.bar.reach(self.score, ~stands)
        self.longest.reach(self.silent, ~stands)
        self.surely.reach(self.unsure, ~stands)
        ask, alarm, by_length = self._judge(at_s)
        told = [
            self._told(home, step, at_s, int(slot[home]), int(day[home]), longest=bool(by_length[home]))
            for step, homes in ((Step.OVER, over), (Step.ASK, ask), (Step.ALARM, alarm))
            for home in np.flatnonzero(homes).tolist()
        ]
        self._end_parts(slot, at_s)
        self.began_at = at_s
        return told

    def _follow(self, slot: Ints, day: Ints, at_s: float, heard: Heard) -> Bools:
        """Let the score go on; where life ends a question or an alarm."""
        people, quiet = heard.people, heard.quiet
        grown = np.where(quiet, self.score + self.rhythm.surprise(slot, day), self.score)
        score = np.where(people, self.score - heard.said, grown)
        self.gap = np.where(heard.known, 0, self.gap + 1).astype(np.int32)
        back = self._is_back(at_s, heard)
        empty, waits = self.empty, np.isfinite(self.asked_at)
        self.asked_at[back] = np.inf
        self.alarmed &= ~back
        forgotten = back | ((self.gap >= FORGOTTEN_SLOTS) & ~self.alarmed) | empty
        anew = (score <= 0) | forgotten
        self.score = np.where(anew, 0, score).astype(np.float32)
        self._count(anew | people, forgotten | heard.only_people, heard)
        self.out = np.where(people, self.signs.at_the_door(), self.out)
        self.rhythm.go_on(slot, quiet)
        self.rhythm.begin(anew)
        return back & waits

    def _count(self, begins: Bools, surely_begins: Bools, heard: Heard) -> None:
        """One slot more of silence, unless it begins anew: of all signs, and of those that only people cause."""
        says = heard.known & ~heard.timed
        for slots, more, anew in (
            (self.silent, says, begins),
            (self.missed, ~says, begins),
            (self.unsure, heard.known, surely_begins),
            (self.unsure_missed, ~heard.known, surely_begins),
        ):
            slots[:] = np.where(anew, 0, slots + more)

    def _is_back(self, at_s: float, heard: Heard) -> Bools:
        """Where enough life ends a question, an alarm or that all are away."""
        empty, waits = self.empty, np.isfinite(self.asked_at)
        life = self.life * np.float32(_LIFE_KEPT) + heard.life
        self.life = np.where(empty & (at_s < self.away_at + LEAVING_S), 0, life).astype(np.float32)
        back: Bools = (waits | empty) & (self.life >= LIFE)
        self.back_at[back & empty] = at_s
        return back

    def _judge(self, at_s: float) -> tuple[Bools, Bools, Bools]:
        """Who is asked, where an alarm is raised, and where the length alone speaks for either."""
        lift = np.where(self.out, np.float32(OUT), np.float32(1)) * self._patience
        long = np.maximum(self.silent / self.longest.bar, self.unsure / self.surely.bar) / lift
        by_score = self.score > self.bar.asks_at() * lift
        ask = np.isinf(self.asked_at) & (by_score | (long > ASKED_AT))
        self.asked_at[ask] = at_s
        self.life[ask] = 0
        alarm = (at_s - self.asked_at >= self._ask_ahead_s) & ~self.alarmed
        alarm &= (self.score > self.bar.alarms_at() * lift) | (long > 1)
        self.alarmed |= alarm
        self.bar.lifted[alarm] = 1
        return ask, alarm, (long > ASKED_AT) & ~by_score

    def _end_parts(self, slot: Ints, at_s: float) -> None:
        """Parts of the day, and days, that end with this slot; a clock that was set ends none twice."""
        following, day = self._clock.slots(at_s)
        self.signs.end_part(slot // _PART, following // _PART != slot // _PART)
        home = np.flatnonzero(following < slot)
        if home.size:
            enough = self.known[home] >= _HALF_A_DAY
            self.bar.end_day(home, day[home] - 1, enough)
            self.longest.end_day(home, day[home] - 1, enough)
            told_apart = enough & (self.bar.days[home] >= LEARN_DAYS)  # before, hardly any sign is sure
            self.surely.end_day(home, day[home] - 1, told_apart)
            self.rhythm.turn(home, day[home])
            self.known[home] = 0

    def _told(self, home: int, step: Step, at_s: float, slot: int, day: int, *, longest: bool = False) -> Told:
        days, of_days = self.rhythm.days(home, slot, day)
        surely = longest and step is not Step.OVER
        silent, missed = (self.unsure, self.unsure_missed) if surely else (self.silent, self.missed)
        return Told(
            home=home,
            step=step,
            at_s=at_s,
            since_s=at_s - float(silent[home] + missed[home]) * SLOT_S,
            missed_s=float(missed[home]) * SLOT_S,
            score=float(self.score[home]),
            days=days,
            of_days=of_days,
            longest=longest,
        )
