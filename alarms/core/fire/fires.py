"""Fires, room by room: the levels of its detectors in, what they look like together out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from alarms.core.change import moved
from alarms.core.fire.channels import CHANNELS, CO, HEAT, SMOKE
from alarms.core.fire.features import features
from alarms.core.fire.levels import Levels
from alarms.core.fire.model import Judge
from alarms.core.fire.smoke import Smoke
from alarms.core.latch import Flips, Latch

CLEAR_LOGIT = 3.0
"""What was raised is over when it looks so much less like a fire than it must to be raised, for ``CLEAR_S``."""

CLEAR_S = 60.0

HEARD_S = 4 * 3600.0
"""A signal that was not heard for longer (a heartbeat of smoke alarms) says nothing about its room."""

Rows = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rooms:
    """Which inputs are in which room.

    Attributes
    ----------
    inputs : int64, shape (rooms, channels, most)
        The inputs of each room and channel; -1 fills up.
    room, channel : int64, shape (inputs,)
        Where each input is, and its place in ``CHANNELS``.
    """

    inputs: NDArray[np.int64]
    room: Rows
    channel: Rows

    @classmethod
    def of(cls, rooms: int, room: Rows, channel: Rows) -> Rooms:
        """From each input's room and channel."""
        place = room * len(CHANNELS) + channel
        order = np.argsort(place, kind="stable")
        count = np.bincount(place, minlength=rooms * len(CHANNELS))
        nth = np.arange(len(place)) - np.repeat(np.cumsum(count) - count, count)
        most = int(count.max(initial=1))
        inputs = np.full((rooms * len(CHANNELS), most), -1, np.int64)
        inputs[place[order], nth] = order
        return cls(inputs=inputs.reshape(rooms, len(CHANNELS), most), room=room, channel=channel)


class Fires:
    """The judgement per room. Calm rooms cost no more than their levels.

    Parameters
    ----------
    rooms : Rooms
    judge : Judge
        The weights.
    limit : float64, shape (rooms,)
        The logit that a fire must reach.
    hold_s : float64, shape (rooms,)
        For how long, in seconds.
    cloudy : bool, shape (rooms,)
        Whether cooking or steam is usual there.
    smoke : Smoke
        The judgement of each detector's own smoke: a slot per detector, of which input n is of detector n // channels.
    """

    def __init__(
        self, *, rooms: Rooms, judge: Judge, limit: Floats, hold_s: Floats, cloudy: NDArray[np.bool_], smoke: Smoke
    ) -> None:
        self._rooms = rooms
        self._judge = judge
        self._cloudy = cloudy
        self.smoke = smoke
        self.levels = Levels(rooms.channel)
        self.stirred: NDArray[np.bool_] = np.zeros(len(rooms.room), np.bool_)
        self.since_s: Floats = np.full(len(limit), np.inf)
        self.shares: NDArray[np.float32] = np.zeros((len(limit), len(judge.looks)), np.float32)
        self.latch = Latch(
            limit=limit,
            clear=limit - CLEAR_LOGIT,
            on_s=hold_s,
            off_s=np.full(len(limit), CLEAR_S),
        )

    def update(self, row: Rows, at_s: Floats, received_s: Floats, value: Floats) -> tuple[list[Flips], list[Flips]]:
        """Judge one sample of each room; ``row`` is its input. Returns the changes of rooms, and those of detectors.

        Parameters
        ----------
        row : int64, shape (k,)
            Inputs, no two of one room.
        at_s, received_s : float64, shape (k,)
            Not older than the input's last sample.
        value : float64, shape (k,)
            Never NaN.
        """
        stirred = self.levels.update(row, at_s, value)
        self.stirred[row] = stirred
        room = self._rooms.room[row]
        awake = np.flatnonzero(stirred | np.isfinite(self.since_s[room]))
        if not awake.size:
            return [], []
        room, at_s, received_s = room[awake], at_s[awake], received_s[awake]
        inputs = self._rooms.inputs[room]
        calm = ~(self.stirred[inputs] & (inputs >= 0)).any(axis=(1, 2))
        self.since_s[room] = np.where(calm, np.inf, np.minimum(self.since_s[room], at_s))
        logit, told_apart = np.full(len(room), -np.inf), np.zeros(len(room), np.bool_)
        judged = np.flatnonzero(~calm)
        of = room[judged]
        found, known = self.features(of, at_s[judged])
        shares = self._judge.shares(found, known, self._cloudy[of])
        self.shares[room] = 0.0
        self.shares[room[judged]] = shares
        logit[judged] = self._judge.logit(shares)
        told_apart[judged] = self._cloudy[of] & (known[:, HEAT] | known[:, CO])
        smoky = np.flatnonzero(self._rooms.channel[row[awake]] == SMOKE)
        sensor = row[awake[smoky]]
        smoke = self.smoke.update(
            sensor // len(CHANNELS),
            at_s[smoky],
            received_s[smoky],
            self.levels.above(sensor),
            told_apart[smoky],
            logit[smoky],
        )
        flips = self.latch.update(room, at_s, received_s, logit)
        return moved(flips, awake), moved(smoke, awake[smoky])

    def features(self, room: Rows, at_s: Floats) -> tuple[Floats, NDArray[np.bool_]]:
        """What the rooms are judged by, shape (k, features), and the signals heard there, shape (k, channels)."""
        inputs = self._rooms.inputs[room]
        absent = (inputs < 0) | (at_s[:, None, None] - self.levels.at_s[inputs] > HEARD_S)
        known: NDArray[np.bool_] = ~np.all(absent, axis=2)
        above = np.where(absent, -np.inf, self.levels.above(inputs)).max(axis=2)
        rise_min = np.where(absent, -np.inf, self.levels.rise_min(inputs)).max(axis=2)
        lasts_s = np.maximum(at_s - np.minimum(self.since_s[room], at_s), 0.0)
        return features(above, rise_min, known, lasts_s), known

    def tick(self, now_s: float) -> tuple[list[Flips], list[Flips]]:
        """The changes whose deadline has passed: of rooms, of detectors."""
        return self.latch.tick(now_s), self.smoke.tick(now_s)

    def clock_set(self, by_s: float) -> None:
        """The wall clock was set; set back, what comes now is not older than what came before."""
        self.latch.clock_set(by_s)
        self.smoke.clock_set(by_s)
        self.levels.at_s += min(by_s, 0.0)
        self.since_s += min(by_s, 0.0)

    def nbytes(self) -> int:
        """Bytes of all arrays."""
        own = (self.stirred, self.since_s, self.shares, self._cloudy, self._rooms.inputs, self._rooms.room)
        return sum(array.nbytes for array in own) + self.levels.nbytes() + self.latch.nbytes() + self.smoke.nbytes()
