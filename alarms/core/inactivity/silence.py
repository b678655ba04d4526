"""Silence in homes: signs of life come in, questions and alarms go out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from alarms.core.inactivity.bar import AFTER_ALARM, AFTER_QUESTION
from alarms.core.inactivity.clock import SLOT_S, SLOTS, Clock
from alarms.core.inactivity.kettle import Kettle
from alarms.core.inactivity.meters import BLOCKS
from alarms.core.inactivity.rhythm import Rhythm
from alarms.core.inactivity.signs import Heard, Signs
from alarms.core.inactivity.spell import Spell
from alarms.core.inactivity.steps import Step, Told
from alarms.core.saved import Array
from alarms.core.stage import array_bytes

LIFE = 22.0
"""So much within about two hours shows that life is back: after a question or an alarm, or where all are away."""

LEAVING_S = 7200.0
"""Signs so soon after somebody was said to be away are of the leaving."""

ASK_FIRST_S = 1800.0
"""The alarm comes at least so long after the question."""

ASKED_AT = 0.92
"""The question comes at so much of the alarm's bar."""

BEYOND, LONGEST = 4 / 3, 1.3
"""So many times the third highest score, and the third longest silence, of the last eight weeks alarm."""

SURELY_BEYOND, SURELY_LONGEST = 2.0, 1.75
"""The same of silence between signs that only people cause: seldom heard, it says less."""

SETTLE_S = 30.0
"""A slot is judged so long after its end: until then its last samples have arrived."""

FORGOTTEN_SLOTS = 72
"""After so long without data, six hours, silence begins anew where nobody is asked: too much was missed."""

UNANSWERED_SLOTS = 144
"""Once so much in all, half a day, was not heard since, a question that nobody answered becomes an alarm."""

_LIFE_KEPT = 0.5 ** (SLOT_S / 7200)
_HALF_A_DAY = SLOTS // 2
_PART = SLOTS // BLOCKS


class _Voice(NamedTuple):
    """What speaks for a question or an alarm."""

    sure: bool
    longest: bool


_VOICES = tuple(_Voice(sure=sure, longest=longest) for sure in (False, True) for longest in (False, True))
_IS_SURE = np.array([voice.sure for voice in _VOICES])

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Singles = NDArray[np.float32]
Floats = NDArray[np.float64]


class Silence:
    """The silence of n homes, judged every five minutes.

    It is followed twice: between signs of any kind, and between those that only people cause, so that a machine that
    runs by day hides nobody. Where either is over the home's bars somebody is asked, then alarmed; then nothing more
    until life is back, so that a week away is one question and one alarm. Slots without data do not count, and silence
    goes on behind them: a meter that drops out now and then hides nobody. After six hours of them silence begins anew;
    half a day of them in all makes a question that nobody answered an alarm. Slots from an alarm to life, and of an
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
    any, sure : Spell
        The silence between signs of any kind, and between those that only people cause.
    kettle : Kettle
        When people use something that heats.
    life : float32, shape (n,)
        Signs since a question.
    gap, known, unheard : int32, shape (n,)
        Unknown slots in a row; known slots of the day; unknown slots since the question, or a sign behind it.
    day : int64, shape (n,)
        The day that is running, since 1970-01-01; -1: not known yet.
    asked_at, asked_surely, alarmed : float64, bool, bool, shape (n,)
        When it was asked, inf: not; only because of signs that people alone cause; an alarm stands.
    away : bool, shape (n,)
        All are said to be away.
    away_at, back_at : float64, shape (n,)
        When the last of them was said to be away, inf: life changes nothing about that; when life was back though
        they were, -inf: never.
    """

    STATE = ("life", "gap", "known", "unheard", "day", "asked_at", "asked_surely", "alarmed", "back_at")

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
        self.any = Spell(size, BEYOND, LONGEST)
        self.sure = Spell(size, SURELY_BEYOND, SURELY_LONGEST)
        self.kettle = Kettle(size)
        self.began_at = np.nan
        self.life: Singles = np.zeros(size, np.float32)
        self.gap = np.zeros(size, np.int32)
        self.known = np.zeros(size, np.int32)
        self.unheard = np.zeros(size, np.int32)
        self.day: Ints = np.full(size, -1, np.int64)
        self.asked_at: Floats = np.full(size, np.inf)
        self.alarmed: Bools = np.zeros(size, np.bool_)
        self.away: Bools = np.zeros(size, np.bool_)
        self.away_at: Floats = np.full(size, np.inf)
        self.back_at: Floats = np.full(size, -np.inf)
        self.asked_surely: Bools = np.zeros(size, np.bool_)

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

    def event(self, home: Ints, count: Ints, *, door: bool = False, earlier: bool = False) -> None:
        """Somebody was noticed, ``count`` times; each home at most once. ``earlier``: perhaps an hour ago."""
        self.signs.event(home, count, door=door, earlier=earlier)

    def answer(self, home: int, at_s: float) -> list[Told]:
        """Somebody says that all is well: a sign of life at this moment, and silence begins anew."""
        if not np.isfinite(self.asked_at[home]):
            return []
        slot, day = self._clock.slots(at_s)
        told = self._told(home, Step.OVER, at_s, int(slot[home]), int(day[home]), _VOICES[0])
        self._lift(self.asks & (np.arange(len(self.asked_at)) == home), AFTER_QUESTION)
        self.asked_at[home] = np.inf
        self.alarmed[home] = False
        for spell in (self.any, self.sure):
            spell.begin(home)
        return [told]

    def rhythm(self, *, sure: bool) -> Rhythm:
        """Of signs of any kind, or of those that only people cause."""
        return (self.sure if sure else self.any).rhythm

    def today(self, told: Told) -> list[bool | None]:
        """Which half hours of the home's day had a sign, up to the slot that ended then; None: not known."""
        slot, day = self._clock.slots(told.at_s - SLOT_S)
        return self.rhythm(sure=told.sure).day(told.home, int(day[told.home]), int(slot[told.home]))

    def is_due(self, now_s: float) -> bool:
        """A slot is over and has settled: ``tick`` has something to judge."""
        return self.began_at + SLOT_S + SETTLE_S <= now_s

    def tick(self, now_s: float, blind: Bools | None = None, inside: Bools | None = None) -> list[Told]:
        """Judge the slots that are over.

        Parameters
        ----------
        blind, inside : bool, shape (n,), optional
            Its sensors cannot be heard now; one of them says that somebody is there.
        """
        if np.isnan(self.began_at):
            self.began_at = now_s // SLOT_S * SLOT_S
        told: list[Told] = []
        while self.is_due(now_s):
            told += self._end_slot(blind, inside)
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
        return sum(array_bytes(of) for _, of in self._parts())

    def _parts(self) -> list[tuple[str, Any]]:  # Any: STATE names the arrays of each
        parts: list[tuple[str, Any]] = [("meters", self.signs.meters), ("signs", self.signs), ("home", self)]
        parts += [("kettle", self.kettle), *self.any.parts()]
        return parts + [(f"sure_{name}", of) for name, of in self.sure.parts()]

    def _end_slot(self, blind: Bools | None, inside: Bools | None) -> list[Told]:
        at_s = self.began_at + SLOT_S
        slot, day = self._clock.slots(self.began_at)
        heard = self.signs.take(at_s, blind, self.any.rhythm.by_clock(slot, day))
        over = self._follow(slot, day, at_s, heard)
        if inside is not None:
            self.any.out &= ~inside
            self.sure.out &= ~inside
        ask, alarm, loudest = self._judge(at_s)
        told = [
            self._told(home, step, at_s, int(slot[home]), int(day[home]), _VOICES[loudest[home]])
            for step, homes in ((Step.OVER, over), (Step.ASK, ask), (Step.ALARM, alarm))
            for home in np.flatnonzero(homes).tolist()
        ]
        self._end_parts(slot, day, at_s)
        self.began_at = at_s
        return told

    def _follow(self, slot: Ints, day: Ints, at_s: float, heard: Heard) -> Bools:
        """Let silence go on; where life ends a question or an alarm."""
        surely = heard.surely
        waits, back = np.isfinite(self.asked_at), self._is_back(at_s, heard, surely)
        self._lift(back & self.asks, AFTER_QUESTION)
        self.asked_at[back] = np.inf
        self.alarmed &= ~back
        asked = np.isfinite(self.asked_at)
        stirred = np.where(self.asked_surely, surely.people, heard.people)
        self.unheard = np.where(asked & ~stirred, self.unheard + ~heard.known, 0).astype(np.int32)
        self.gap = np.where(heard.known, 0, self.gap + 1).astype(np.int32)
        empty, counts = self.empty, ~self.alarmed & ~self.empty
        ends = back | ((self.gap >= FORGOTTEN_SLOTS) & ~asked) | empty
        for spell, of_it in ((self.any, heard), (self.sure, surely)):
            spell.follow(slot, day, of_it, ends)
            spell.learn(slot, day, of_it, counts, self.signs.at_the_door())
        self.kettle.learn(slot, day, heard.heated & heard.people & counts)
        self.known += heard.known & ~empty
        return back & waits

    def _is_back(self, at_s: float, heard: Heard, surely: Heard) -> Bools:
        """Where enough life ends a question, an alarm or that all are away."""
        empty, waits = self.empty, np.isfinite(self.asked_at)
        life = self.life * np.float32(_LIFE_KEPT) + np.where(self.asked_surely & waits, surely.life, heard.life)
        self.life = np.where(empty & (at_s < self.away_at + LEAVING_S), 0, life).astype(np.float32)
        back: Bools = (waits | empty) & (self.life >= LIFE)
        self.back_at[back & empty] = at_s
        return back

    def _judge(self, at_s: float) -> tuple[Bools, Bools, Ints]:
        """Who is asked, where an alarm is raised, and which of ``_VOICES`` speaks loudest for it."""
        bars = self.any.alarms_at()
        sure_bars = np.maximum(self.sure.alarms_at(), bars)  # rarer signs never say more by their absence
        voices = np.concatenate((self.any.reached / bars, self.sure.reached / sure_bars)) / self._patience
        over = voices.max(axis=0)
        ask = np.isinf(self.asked_at) & (over > ASKED_AT)
        loudest = voices.argmax(axis=0)
        self.asked_at[ask] = at_s
        self.asked_surely[ask] = _IS_SURE[loudest[ask]]
        self.life[ask] = 0
        alarm = (at_s - self.asked_at >= self._ask_ahead_s) & ~self.alarmed
        alarm &= (over > 1) | (self.unheard >= UNANSWERED_SLOTS)
        self.alarmed |= alarm
        self._lift(alarm, AFTER_ALARM)
        return ask, alarm, loudest

    def _lift(self, homes: Bools, by: float) -> None:
        for spell in (self.any, self.sure):
            spell.lift(homes, by)

    def _end_parts(self, slot: Ints, today: Ints, at_s: float) -> None:
        """Parts of the day, and days, that end with this slot; midnight that comes twice ends one day."""
        following, day = self._clock.slots(at_s)
        self.day = np.where(self.day < 0, today, self.day)
        self.signs.end_part(slot // _PART, following // _PART != slot // _PART)
        home = np.flatnonzero((day > self.day) | (day < self.day - 1))
        if home.size:
            enough = self.known[home] >= _HALF_A_DAY
            for spell in (self.any, self.sure):
                spell.end_day(home, day[home], enough)
            self.kettle.turn(home, day[home])
            self.known[home] = 0
            self.day[home] = day[home]

    def _told(self, home: int, step: Step, at_s: float, slot: int, day: int, voice: _Voice) -> Told:
        spell = self.sure if voice.sure else self.any
        days, of_days = spell.rhythm.days(home, slot, day)
        missed = max(spell.missed[home], self.gap[home])  # silence may have begun anew within the gap
        slots = int(spell.silent[home] + missed)
        return Told(
            home=home,
            step=step,
            at_s=at_s,
            since_s=at_s - slots * SLOT_S,
            missed_s=float(missed) * SLOT_S,
            score=float(spell.score[home]),
            days=int(np.bitwise_count(days)),
            of_days=int(np.bitwise_count(of_days)),
            heated=self.kettle.days(home, slot, slots, days),
            sure=voice.sure,
            longest=voice.longest,
            out=bool(spell.out[home]),
        )
