"""Visits to bathrooms: when somebody went in, when they were seen elsewhere, and which visit lasts far too long."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from alarms.core.home import Nights
from alarms.core.latch import CATCH_UP_S, LATE_S
from alarms.core.norms import Norms
from alarms.core.supervision import GRACE_S

ELSEWHERE = -1
HOLD_S = 120.0
"""A sensor may go on saying "somebody" for so long after they have left; what it says later it has seen since."""

WAY_S = 300.0
"""Whoever goes in was seen elsewhere within so long before; a sensor that stirs in an empty home is no visit."""

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What sensors say of different people; all arrays have shape (k,).

    Attributes
    ----------
    person : int64
        Each at most once.
    room : int64
        The bathroom, or ``ELSEWHERE``.
    at_s, received_s : float64
        The sample's own and arrival time.
    begins : bool
        The sensor did not see anybody just before.
    still : bool
        It sees somebody, or did until now.
    more : int64
        How many sensors more see somebody than before: -1, 0 or 1.
    """

    person: Ints
    room: Ints
    at_s: Floats
    received_s: Floats
    begins: Bools
    still: Bools
    more: Ints


@dataclass(frozen=True, slots=True, kw_only=True)
class Overrun:
    """A visit passed its limit (``raised``) or such a visit ended; ``usual_s`` NaN: not known."""

    row: int
    person: int
    room: int
    raised: bool
    at_s: float
    began_at: float
    limit_s: float
    usual_s: float


class Visits:
    """Where each of n people is, as far as m bathrooms are concerned, and what is usual in each by night and by day.

    A visit begins when a bathroom's sensor begins to see somebody who was elsewhere within ``WAY_S``, as far as anybody
    saw. It ends when another room's sensor begins to, or sees somebody more than ``HOLD_S`` after the beginning. While
    one does, no limit passes: then the person is there, or not alone. A visit that raised teaches nothing, so that no
    alarm is learned away. A sample older than the newest that moved the person moves nobody.

    Parameters
    ----------
    people : int
        n.
    nights : Nights
        Of m rows; a visit belongs to the hour in which it began.
    day_s, night_s, factor, longest_s : float64, shape (m,)
        The limit: ``factor`` times what is usual, at least ``day_s`` or ``night_s``, at most ``longest_s``.
    gap_s : float64, shape (m,)
        After so long without anybody who could see them, nobody knows where they are: the visit is forgotten.
    """

    def __init__(
        self,
        *,
        people: int,
        nights: Nights,
        day_s: Floats,
        night_s: Floats,
        factor: Floats,
        longest_s: Floats,
        gap_s: Floats,
    ) -> None:
        self.nights = nights
        self.norms = Norms(2 * len(day_s))
        self._least_s = np.stack([day_s, night_s], axis=1).reshape(-1)
        self._factor = factor
        self._longest_s = longest_s
        self._gap_s = gap_s
        self.room: Ints = np.full(people, ELSEWHERE, np.int64)
        self.habit: Ints = np.zeros(people, np.int64)
        self.began_at: Floats = np.full(people, np.inf)
        self.due_at: Floats = np.full(people, np.inf)
        self.fire_at: Floats = np.full(people, np.inf)
        self.moved_at: Floats = np.full(people, -np.inf)
        self.out_at: Floats = np.full(people, -np.inf)
        self.blind_at: Floats = np.full(people, np.inf)
        self.raised: Bools = np.zeros(people, np.bool_)
        self._seeing: Ints = np.zeros(people, np.int64)
        self._seeing_out: Ints = np.zeros(people, np.int64)
        self._seeing_in: Ints = np.zeros(len(day_s), np.int64)

    def see(self, person: Ints, room: Ints) -> None:
        """The sensors that see somebody now: whose and where, any number of each."""
        out = room == ELSEWHERE
        self._seeing = np.bincount(person, minlength=len(self._seeing))
        self._seeing_out = np.bincount(person[out], minlength=len(self._seeing))
        self._seeing_in = np.bincount(room[~out], minlength=len(self._seeing_in))

    def update(self, seen: Seen) -> list[Overrun]:
        """Take one sample of each person."""
        person, at_s = seen.person, seen.at_s
        passed = np.flatnonzero(self.due_at[person] <= at_s)
        found = self._pass(person[passed], passed)
        came = (self._seeing_out[person] > 0) | (at_s <= self.out_at[person] + WAY_S)
        self._note(seen)
        inside = self.room[person] != ELSEWHERE
        since = seen.begins | (seen.still & (at_s > self.began_at[person] + HOLD_S))
        fresh = at_s >= self.moved_at[person]
        ends = fresh & inside & (seen.room != self.room[person]) & since
        begins = fresh & seen.begins & (seen.room != ELSEWHERE) & ((~inside & came) | ends)
        moved = np.flatnonzero(ends | begins | (fresh & seen.begins))
        self.moved_at[person[moved]] = at_s[moved]
        rows = np.flatnonzero(ends)
        found += self._end(person[rows], at_s[rows], rows)
        rows = np.flatnonzero(begins)
        self._begin(person[rows], seen.room[rows], at_s[rows], seen.received_s[rows])
        return found

    def tick(self, now_s: float, blind: Bools) -> list[Overrun]:
        """The visits whose limit has passed; ``blind``, shape (n,): nobody could see these people now."""
        again = np.flatnonzero(np.isfinite(self.blind_at) & ~blind)
        self.fire_at[again] = np.maximum(self.fire_at[again], now_s + GRACE_S)
        self.blind_at = np.where(blind, np.minimum(self.blind_at, now_s), np.inf)
        lost = (now_s - self.blind_at > self._gap_s[self.room]) & (self.room != ELSEWHERE) & ~self.raised
        self._forget(np.flatnonzero(lost))
        due = np.flatnonzero((self.fire_at <= now_s) & ~blind)
        return self._pass(due, np.full(len(due), -1))

    def move(self, person: Ints, room: Ints) -> None:
        """The rooms of these people have these numbers now; a room that is gone holds nobody."""
        self.habit[person] = 2 * room + self.habit[person] % 2
        self.room[person] = room
        self._forget(person[room == ELSEWHERE])

    def clock_set(self, by_s: float) -> None:
        """Move the moments, as ``Latch`` does."""
        ours = self.fire_at == self.due_at
        self.began_at[ours] += by_s
        self.due_at[ours] += by_s
        self.fire_at += by_s
        self.blind_at += by_s
        self.out_at += by_s
        self.moved_at += min(by_s, 0.0)

    def nbytes(self) -> int:
        """Bytes of all arrays."""
        own = sum(value.nbytes for value in vars(self).values() if isinstance(value, np.ndarray))
        return own + self.norms.nbytes() + self.nights.nbytes()

    def _begin(self, person: Ints, room: Ints, at_s: Floats, received_s: Floats) -> None:
        habit = 2 * room + (self.nights.left_s(room, at_s) > 0)
        due_at = at_s + self._limit_s(room, habit)
        late = received_s - at_s > LATE_S
        self.room[person] = room
        self.habit[person] = habit
        self.began_at[person] = at_s
        self.due_at[person] = due_at
        self.fire_at[person] = np.where(late, np.maximum(due_at, received_s + CATCH_UP_S), due_at)

    def _limit_s(self, room: Ints, habit: Ints) -> Floats:
        limit_s = np.fmax(self._least_s[habit], self._factor[room] * self.norms.usual_s(habit))
        return np.minimum(limit_s, self._longest_s[room])

    def _note(self, seen: Seen) -> None:
        """Who is seen where, and when somebody last was out of every bathroom."""
        out = seen.room == ELSEWHERE
        self._seeing[seen.person] += seen.more
        self._seeing_out[seen.person[out]] += seen.more[out]
        self._seeing_in[seen.room[~out]] += seen.more[~out]
        there = out & (seen.begins | seen.still)
        self.out_at[seen.person[there]] = np.maximum(self.out_at[seen.person[there]], seen.at_s[there])

    def _pass(self, person: Ints, row: Ints) -> list[Overrun]:
        """Carry out the deadlines of these people."""
        elsewhere = self._seeing[person] > self._seeing_in[self.room[person]]
        self._forget(person[elsewhere])
        late, at_s = person[~elsewhere], self.due_at[person[~elsewhere]]
        self.raised[late] = True
        self.due_at[late] = self.fire_at[late] = np.inf
        return self._told(late, at_s, row[~elsewhere], raised=True)

    def _end(self, person: Ints, at_s: Floats, row: Ints) -> list[Overrun]:
        usual = ~self.raised[person]
        self.norms.learn(self.habit[person[usual]], at_s[usual] - self.began_at[person[usual]])
        over = person[~usual]
        raised_at = self.began_at[over] + self._limit_s(self.room[over], self.habit[over])
        found = self._told(over, np.maximum(at_s[~usual], raised_at), row[~usual], raised=False)
        self._forget(person)
        return found

    def _forget(self, person: Ints) -> None:
        self.room[person] = ELSEWHERE
        self.began_at[person] = self.due_at[person] = self.fire_at[person] = np.inf
        self.raised[person] = False

    def _told(self, person: Ints, at_s: Floats, row: Ints, *, raised: bool) -> list[Overrun]:
        room, habit = self.room[person], self.habit[person]
        columns = (
            row,
            person,
            room,
            at_s,
            self.began_at[person],
            self._limit_s(room, habit),
            self.norms.usual_s(habit),
        )
        return [
            Overrun(row=r, person=p, room=b, raised=raised, at_s=t, began_at=s, limit_s=m, usual_s=u)
            for r, p, b, t, s, m, u in zip(*(column.tolist() for column in columns), strict=True)
        ]
