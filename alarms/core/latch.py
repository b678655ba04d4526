"""The latch under every rule: raised or not, with hysteresis and delays, one row ("slot") per judged signal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from alarms.core.saved import Array

LATE_S = 5.0
"""A sample that arrives later than this after its own time is part of a backlog."""

CATCH_UP_S = 10.0
"""After a late sample a deadline waits this long for the rest of the backlog, so that no old state is judged as now."""

_KEPT = ("raised", "due_at", "fire_at", "changed_at")

Slots = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Flips:
    """Slots that changed; all arrays have shape (k,).

    Attributes
    ----------
    row : int64
        The place in the caller's arrays of the sample that caused it; -1 for a deadline seen by ``tick``.
    slot : int64
        Which slot; it may stand here twice, in the order of the changes.
    raised : bool
        What it is now.
    at_s : float64
        When, in the sample's time.
    """

    row: NDArray[np.int64]
    slot: Slots
    raised: NDArray[np.bool_]
    at_s: Floats


class Latch:
    """Raised or not, per slot.

    A value at or over ``limit`` for ``on_s`` raises; one under ``clear`` for ``off_s`` clears; a value holds until the
    next one comes, however long that takes. Deadlines are computed from the samples' times, so a change has its exact
    moment whether ``tick`` or a later sample finds it.

    Parameters
    ----------
    limit, clear : float64, shape (n,)
        ``clear <= limit``; both turned over, as the values must be, where a rule means "below".
    on_s, off_s : float64, shape (n,)
        Seconds.
    """

    def __init__(self, *, limit: Floats, clear: Floats, on_s: Floats, off_s: Floats) -> None:
        size = len(limit)
        self._limit = limit
        self._clear = clear
        self._on_s = on_s
        self._off_s = off_s
        self.raised: NDArray[np.bool_] = np.zeros(size, np.bool_)
        self.due_at: Floats = np.full(size, np.inf)
        self.fire_at: Floats = np.full(size, np.inf)
        self.changed_at: Floats = np.full(size, -np.inf)
        self.active: NDArray[np.bool_] = np.zeros(size, np.bool_)

    def update(self, slot: Slots, at_s: Floats, received_s: Floats, value: Floats) -> list[Flips]:
        """Judge one sample of each slot.

        Parameters
        ----------
        slot : int64, shape (k,)
            Each at most once.
        at_s, received_s : float64, shape (k,)
            The samples' own and arrival time; not older than the slot's last sample.
        value : float64, shape (k,)
            Never NaN: a missing sample is one that is not here.
        """
        over = value >= self._limit[slot]
        busy = np.flatnonzero(over | self.active[slot])
        if not busy.size:
            return []
        slot, at_s, received_s, value, over = slot[busy], at_s[busy], received_s[busy], value[busy], over[busy]
        settled = self._settle(slot, at_s, busy)
        raised = self.raised[slot]
        wants = np.where(raised, value < self._clear[slot], over)
        delay_s = np.where(raised, self._off_s[slot], self._on_s[slot])
        due_at = np.where(wants, np.minimum(self.due_at[slot], at_s + delay_s), np.inf)
        self._set_due(slot, due_at, at_s, received_s)
        return [*settled, *self._settle(slot, at_s, busy)]

    def hold(self, slot: Slots, at_s: Floats, received_s: Floats, until_s: Floats) -> list[Flips]:
        """Raise now, and clear at ``until_s`` unless held again; -inf lets a slot be as it is."""
        row = np.flatnonzero(self.active[slot] | (until_s > at_s))
        if not row.size:
            return []
        slot, at_s, received_s, until_s = slot[row], at_s[row], received_s[row], until_s[row]
        settled = self._settle(slot, at_s, row)
        held = np.flatnonzero(until_s > at_s)
        fresh = held[~self.raised[slot[held]]]
        flips = [*settled, *self._flip(slot[fresh], at_s[fresh], row[fresh])]
        self._set_due(slot[held], until_s[held], at_s[held], received_s[held])
        return flips

    def expect(
        self, slot: Slots, at_s: Floats, received_s: Floats, raise_at: Floats, *, over: NDArray[np.bool_]
    ) -> list[Flips]:
        """Raise at ``raise_at`` (inf: never), and clear after ``off_s`` of ``over``, unless told otherwise before."""
        row = np.arange(len(slot))
        settled = self._settle(slot, at_s, row)
        clear_at = np.where(over, np.minimum(self.due_at[slot], at_s + self._off_s[slot]), np.inf)
        self._set_due(slot, np.where(self.raised[slot], clear_at, raise_at), at_s, received_s)
        return [*settled, *self._settle(slot, at_s, row)]

    def tick(self, now_s: float) -> list[Flips]:
        """The changes whose deadline has passed."""
        active = np.flatnonzero(self.active)
        due = active[self.fire_at[active] <= now_s]
        return self._flip(due, self.due_at[due], np.full(len(due), -1))

    def clock_set(self, by_s: float) -> None:
        """Move the deadlines; that of a late sample follows the sample's own clock, which nobody has set."""
        self.due_at[self.fire_at == self.due_at] += by_s
        self.fire_at += by_s
        self.changed_at += min(by_s, 0.0)

    def saved(self, prefix: str) -> dict[str, Array]:
        """Arrays to be kept, under names that begin with ``prefix``."""
        return {f"{prefix}.{name}": getattr(self, name) for name in _KEPT}

    def restore(
        self, arrays: Mapping[str, Array], prefix: str, here: NDArray[np.intp], there: NDArray[np.intp]
    ) -> None:
        """Take over the slots ``there`` of what was saved as those ``here``."""
        for name in _KEPT:
            getattr(self, name)[here] = arrays[f"{prefix}.{name}"][there]
        self.active = self.raised | np.isfinite(self.due_at)

    def nbytes(self) -> int:
        """Bytes of all arrays."""
        return sum(value.nbytes for value in vars(self).values() if isinstance(value, np.ndarray))

    def _settle(self, slot: Slots, at_s: Floats, row: Slots) -> list[Flips]:
        """Carry out the deadlines that lie before the samples."""
        passed = np.flatnonzero(self.due_at[slot] <= at_s)
        if not passed.size:
            return []
        return self._flip(slot[passed], self.due_at[slot[passed]], row[passed])

    def _flip(self, slot: Slots, at_s: Floats, row: Slots) -> list[Flips]:
        if not slot.size:
            return []
        at_s = np.maximum(at_s, self.changed_at[slot])
        raised = ~self.raised[slot]
        self.raised[slot] = raised
        self.changed_at[slot] = at_s
        self.due_at[slot] = np.inf
        self.fire_at[slot] = np.inf
        self.active[slot] = raised
        return [Flips(row, slot, raised, at_s)]

    def _set_due(self, slot: Slots, due_at: Floats, at_s: Floats, received_s: Floats) -> None:
        late = received_s - at_s > LATE_S
        self.due_at[slot] = due_at
        self.fire_at[slot] = np.where(late, np.maximum(due_at, received_s + CATCH_UP_S), due_at)
        self.active[slot] = self.raised[slot] | np.isfinite(due_at)
