"""Samples of worn accelerometers to frames of 50 ms, at any rate and however the stream is cut.

A frame is made of the samples whose number since the stream's beginning falls into it, so the result does not depend
on how the samples were gathered into windows, and hardly on their rate.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ingest.wire.motion import MotionWindow

FRAMES_HZ = 20
"""UMAFall's tags, and the slowest bracelets, have 20 samples a second: a model of all of them can use no more."""

COUNTS_PER_G = 2048.0
"""How frames are kept: int16 of 1/2048 g, so 16 g at most."""

DEPTH = 192
"""Frames kept of each wearer: 9.6 s."""

PIECE = 48
"""At most so many frames are added before what they bring is looked at, while the five seconds before it are kept."""

KEPT = DEPTH - PIECE
"""So many frames up to any new one are there when it is looked at."""

GAP_S = 1.0
"""A window that begins this much later than expected begins the stream anew; a shorter gap is filled with its edge."""

REWIND_S = 60.0
"""A window that begins this much earlier than expected is no repeat: the wearer's clock was set."""

MEAN, PEAK, LEAST = slice(0, 3), 3, 4
"""A frame's columns: mean acceleration, strongest and weakest |a|."""

COLUMNS = 5
MAX_G = 32767 / COUNTS_PER_G

Rows = NDArray[np.int64]
Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Added:
    """Frames were added: wearers ``row`` have ``count`` new ones each; both int64, shape (k,), each wearer once."""

    row: Rows
    count: Rows


@dataclass(frozen=True, slots=True)
class Placed:
    """Windows in their streams; all arrays have shape (k,).

    ``missing`` samples (int64) are missing before the window; so many of its first ones were here already where it is
    negative. ``is_new`` (bool): the stream begins anew with it, at ``start_s``, with ``rate_hz``.
    """

    start_s: NDArray[np.float64]
    rate_hz: NDArray[np.float64]
    missing: Rows
    is_new: NDArray[np.bool_]


class Frames:
    """The last frames of every wearer; the memory is fixed.

    Attributes
    ----------
    ring : int16, shape (n, DEPTH, COLUMNS)
        Frame number f of a wearer is at place f % DEPTH, in 1/2048 g.
    filled : int64, shape (n,)
        How many frames the wearer's stream has had since it began.
    began_s : float64, shape (n,)
        The time of its first sample, in seconds; NaN before there was one.
    """

    def __init__(self, wearers: int) -> None:
        self.ring = np.zeros((wearers, DEPTH, COLUMNS), np.int16)
        self.filled = np.zeros(wearers, np.int64)
        self.began_s = np.full(wearers, np.nan)
        self.rate_hz = np.zeros(wearers)
        self.samples = np.zeros(wearers, np.int64)
        self.carry = np.zeros((wearers, COLUMNS + 1))
        self.carry[:, LEAST] = np.inf

    def times_s(self, row: Rows, frame: Rows) -> NDArray[np.float64]:
        """The middle of frames, in the samples' time."""
        found: NDArray[np.float64] = self.began_s[row] + (frame + 0.5) / FRAMES_HZ
        return found

    def expected_s(self) -> NDArray[np.float64]:
        """The time of the next sample, per wearer; NaN where nothing came yet."""
        return self.began_s + self.samples / np.where(self.rate_hz > 0, self.rate_hz, 1.0)

    def window(self, row: Rows, first: Rows, length: int) -> Floats:
        """Frames ``first`` to ``first + length`` in g, shape (k, length, COLUMNS).

        What is before the stream's first frame repeats that one, what is after its last one repeats the last.
        """
        last = self.filled[row] - 1
        oldest = np.maximum(last - DEPTH + 1, 0)
        place = np.clip(first[:, None] + np.arange(length), oldest[:, None], last[:, None])
        found: Floats = self.ring[row[:, None], place % DEPTH].astype(np.float32) / np.float32(COUNTS_PER_G)
        return found

    def peaks(self, row: Rows, first: Rows, length: int) -> NDArray[np.int16]:
        """The strongest |a| of frames, shape (k, length), in 1/2048 g; 0 for frames that are not there."""
        place = first[:, None] + np.arange(length)
        there = (place >= 0) & (place < self.filled[row][:, None])
        return np.where(there, self.ring[row[:, None], place % DEPTH, PEAK], np.int16(0))

    def place(self, row: Rows, windows: Sequence[MotionWindow], now_s: float) -> Placed:
        """Where windows of different wearers belong in their streams.

        A start later than ``now_s`` is not believed: the window ends now. Without a start it follows the last one,
        unless that was more than ``REWIND_S`` ago: then it ends now too.
        """
        rate_hz = np.array([window.rate_hz for window in windows])
        length_s = np.array([len(window.counts) for window in windows]) / rate_hz
        start_s = np.array([window.start_s for window in windows])
        expected_s = self.expected_s()[row]
        follows = np.isnan(start_s) & (now_s - length_s - expected_s <= REWIND_S)
        start_s = np.where(follows, expected_s, start_s)
        start_s = np.where(start_s <= now_s, start_s, now_s - length_s)  # also where there is none
        ahead_s = start_s - expected_s
        goes_on = (ahead_s >= -REWIND_S) & (ahead_s <= GAP_S) & (rate_hz == self.rate_hz[row])
        missing = np.rint(np.where(goes_on, ahead_s, 0.0) * rate_hz)
        missing[np.abs(missing) <= rate_hz / FRAMES_HZ] = 0  # a clock that drifts by a frame is no gap and no repeat
        return Placed(start_s, rate_hz, missing.astype(np.int64), ~goes_on)

    def begin(self, row: Rows, start_s: NDArray[np.float64], rate_hz: NDArray[np.float64]) -> None:
        """Begin the streams of wearers anew."""
        self.filled[row] = 0
        self.samples[row] = 0
        self.carry[row] = 0
        self.carry[row, LEAST] = np.inf
        self.began_s[row] = start_s
        self.rate_hz[row] = rate_hz

    def add(self, row: Rows, accel_g: Floats, length: Rows) -> Iterator[Added]:
        """Add samples of different wearers; what is yielded has been added.

        Parameters
        ----------
        row : int64, shape (k,)
            The wearers, each once.
        accel_g : float32, shape (sum of length, 3)
            Their samples, one wearer after the other. NaN counts as no acceleration.
        length : int64, shape (k,)
            How many samples each has, at least one.
        """
        owner, frame, values = self._frames(row, np.nan_to_num(accel_g), length)
        kept = np.clip(np.rint(values * COUNTS_PER_G), -32767, 32767).astype(np.int16)
        count = np.bincount(owner, minlength=len(row))
        nth = np.arange(len(owner)) - np.repeat(np.cumsum(count) - count, count)
        for first in range(0, int(count.max(initial=0)), PIECE):
            part = (nth >= first) & (nth < first + PIECE)
            self.ring[row[owner[part]], frame[part] % DEPTH] = kept[part]
            added = np.bincount(owner[part], minlength=len(row))
            some = added > 0
            self.filled[row] += added
            yield Added(row[some], added[some])

    def arrays(self) -> dict[str, NDArray[Any]]:  # Any: arrays of several dtypes
        """What a restart needs, by name; the arrays themselves."""
        return dict(vars(self))

    def _frames(self, row: Rows, accel_g: Floats, length: Rows) -> tuple[Rows, Rows, NDArray[np.float64]]:
        """The frames that are complete now: whose they are (a place in ``row``), their numbers, their values in g."""
        ends = np.cumsum(length)
        owner = np.repeat(np.arange(len(row)), length)
        number = np.arange(len(owner)) - (ends - length)[owner] + self.samples[row][owner]
        rate_hz = self.rate_hz[row]
        frame = (number * (FRAMES_HZ / rate_hz)[owner] + 1e-6).astype(np.int64)
        starts = np.flatnonzero(_changes(frame) | _changes(owner))
        strength = np.sqrt(np.einsum("ij,ij->i", accel_g, accel_g))
        sums = np.add.reduceat(accel_g.astype(np.float64), starts, axis=0)
        peak = np.maximum.reduceat(strength, starts)
        least = np.minimum.reduceat(strength, starts)
        size = np.diff(starts, append=len(owner))
        part = np.column_stack([sums, peak, least, size])
        whose, frame = owner[starts], frame[starts]
        first = _changes(whose)
        self._take_over(row, part, whose, first)
        # the last frame of a wearer is complete when the next sample belongs to the next one
        last = np.append(first[1:], True)
        self.samples[row] += length
        following = (self.samples[row] * (FRAMES_HZ / rate_hz) + 1e-6).astype(np.int64)
        open_ = last & (following[whose] == frame)
        self.carry[row] = 0
        self.carry[row, LEAST] = np.inf
        self.carry[row[whose[open_]]] = part[open_]
        return self._held(whose[~open_], frame[~open_], part[~open_], following)

    def _take_over(self, row: Rows, part: NDArray[np.float64], whose: Rows, first: NDArray[np.bool_]) -> None:
        """What was left of the last window belongs to the first frame of this one."""
        carried = self.carry[row[whose[first]]]
        mine = part[first]
        mine[:, MEAN] += carried[:, MEAN]
        mine[:, PEAK] = np.maximum(mine[:, PEAK], carried[:, PEAK])
        mine[:, LEAST] = np.minimum(mine[:, LEAST], carried[:, LEAST])
        mine[:, COLUMNS] += carried[:, COLUMNS]
        part[first] = mine

    def _held(
        self, whose: Rows, frame: Rows, part: NDArray[np.float64], following: Rows
    ) -> tuple[Rows, Rows, NDArray[np.float64]]:
        """Values in g; below 20 samples a second some frames have no sample and hold the one before."""
        values = part[:, :COLUMNS]
        values[:, MEAN] /= part[:, COLUMNS:]
        ends = np.maximum(following[whose], frame + 1)
        own = np.flatnonzero(whose[1:] == whose[:-1])
        ends[own] = frame[own + 1]
        times = ends - frame
        if (times == 1).all():
            return whose, frame, values
        repeated = np.repeat(np.arange(len(whose)), times)
        nth = np.arange(len(repeated)) - np.repeat(np.cumsum(times) - times, times)
        return whose[repeated], frame[repeated] + nth, values[repeated]


def _changes(values: Rows) -> NDArray[np.bool_]:
    """Where a value differs from the one before it; true at the first one."""
    found = np.ones(len(values), bool)
    np.not_equal(values[1:], values[:-1], out=found[1:])
    return found
