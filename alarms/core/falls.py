"""Falls of people who wear an accelerometer: suspected soon after the impact, then confirmed, or taken for a near fall.

The strongest moment within two seconds is an *impact* (or, when it is soft and the body turned with it, a *slump*).
Two seconds after it a learned model (``motion/model.py``) judges the five seconds around it. From a suspicion on the
wearer is watched second by second: who lies still is confirmed, who walks upright again had a near fall.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from alarms.core.motion.doing import DOINGS, Doing, Second, look, turn_deg
from alarms.core.motion.features import AFTER, BEFORE, LENGTH, REFERENCE
from alarms.core.motion.frames import FRAMES_HZ, KEPT, MEAN, PEAK, Added, Frames, Rows
from alarms.core.motion.impacts import IMPACT_G, strongest
from alarms.core.motion.model import shipped
from ingest.wire.fall_stage import Stage
from ingest.wire.motion import MotionWindow, Placement

TURN_DEG, STILL_G, STILL_S = 45.0, 0.1, 8.0
"""What is another posture, a still second, and a long lie, where a rule says nothing else."""

SAME_FALL_S = 15.0
"""What follows an impact by less is the same fall."""

WATCH_S = 60
"""So long a suspected fall is watched, from a second after its impact on."""

POSTURE_S = 3
"""So many still seconds in a row in another posture confirm a fall."""

WALK_S, WALK_WITHIN_S = 6, 8
"""So many seconds of upright walking, within so many, are a recovery."""

UPRIGHT_DEG = 35.0
WAIT_S = 3.0
"""When the next window is overdue by so much, an impact is judged by what there is, from ``LEAST_AFTER`` frames on."""

LEAST_AFTER = 16
_LOOSE = (Placement.WRIST, Placement.UNKNOWN)
"""Where the device's direction does not tell whether the body is upright."""

_DRAWN = 100
"""Frames before an impact that are drawn."""

_LOOK_BACK = 3 * FRAMES_HZ


@dataclass(frozen=True, slots=True, kw_only=True)
class Did:
    """What the wearer did from ``from_s`` to ``to_s``, in the samples' time."""

    doing: Doing
    from_s: float
    to_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """The frames around an impact: their times, the strongest |a| of each and how far gravity had turned."""

    times_s: list[float]
    peaks_g: list[float]
    tilts_deg: list[float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fall:
    """What was found out about a fall; ``stage`` is None for an impact that is none (told only on request).

    ``impact_at`` and ``judged_at`` (the last frame that was needed) are in the samples' time. ``logit`` and ``limit``
    are the model's judgement and what it had to reach. ``turn_deg`` is how far gravity has turned since before.
    ``before`` and ``after`` are what the wearer did; ``drawn`` is there while what was before it is still kept.
    """

    wearer: int
    stage: Stage | None
    placement: Placement
    impact_at: float
    judged_at: float
    logit: float
    limit: float
    peak_g: float
    turn_deg: float
    before: Did | None = None
    after: tuple[Did, ...] = ()
    drawn: Drawn | None = None

    @property
    def is_slump(self) -> bool:
        """Down without a hard impact."""
        return self.peak_g < IMPACT_G


class Judge(Protocol):
    """Says how much windows look like a fall (``FallModel``)."""

    def logits(self, windows: NDArray[np.float32], placement: NDArray[np.int8]) -> NDArray[np.float64]:
        """Per window; over the limit: a fall."""
        ...


class Falls:
    """One row per wearer; the memory is fixed.

    Parameters
    ----------
    limits : float64, shape (n, len(Placement))
        The logit that a wearer's fall must reach, per placement (``FallModel.limit``).
    turn_deg, still_g, still_s : float64, shape (n,)
        Posture is another one from this angle on; a second is still when |a| spreads less than this; so many still
        seconds in a row confirm a fall in any posture.
    model : Judge
        The learned judgement; left out: the weights that come with Anxin.
    every : bool
        Tell every impact that the model judged, also those that are no fall.
    """

    def __init__(
        self,
        *,
        limits: NDArray[np.float64],
        turn_deg: NDArray[np.float64],
        still_g: NDArray[np.float64],
        still_s: NDArray[np.float64],
        model: Judge | None = None,
        every: bool = False,
    ) -> None:
        size = len(limits)
        self._model = model if model is not None else shipped()
        self._limits, self._turn_deg, self._still_g, self._still_s = limits, turn_deg, still_g, still_s
        self._every = every
        self.frames = Frames(size)
        self.placement = np.zeros(size, np.int8)
        self.overdue_s = np.full(size, np.nan)
        """When the next window is overdue, on our clock, coming as far apart as the last one is long."""
        self.judged = np.zeros(size, np.int64)
        """Impacts before this frame have been judged."""
        self.impact = np.full(size, -1, np.int64)
        """The frame of the suspected fall that is watched, or -1."""
        self.impact_s = np.full(size, -np.inf)
        """The time of the last suspected fall."""
        self.watched = np.zeros(size, np.int64)
        """Seconds watched since, and in ``doing`` what was seen in each."""
        self.doing = np.zeros((size, WATCH_S), np.int8)
        self.logit = np.zeros(size)
        self.peak_g = np.zeros(size)
        self.before = np.zeros((size, 3), np.float32)
        """Gravity before that impact, and in ``ahead`` what the wearer did."""
        self.ahead = np.zeros(size, np.int8)

    def update(self, windows: Sequence[tuple[int, MotionWindow]], now_s: float) -> list[Fall]:
        """Take windows, in the order in which they came.

        Samples that were here already are dropped; a gap of up to a second is filled, a longer one and another rate
        begin the stream anew. A start later than ``now_s`` is not believed.

        Parameters
        ----------
        windows : sequence of (row, window)
            Any number of them, also several of one wearer.
        now_s : float
            Our clock, in seconds since 1970.
        """
        found: list[Fall] = []
        for each in _rounds(windows):
            found += self._take(np.array([row for row, _ in each]), [window for _, window in each], now_s)
        return found

    def tick(self, now_s: float) -> list[Fall]:
        """Judge impacts whose stream has stopped: a device that gathers samples around a trigger sends no more."""
        overdue = (now_s > self.overdue_s) & (self.frames.filled - LEAST_AFTER > self.judged)  # NaN: never heard
        return list(self._finish(np.flatnonzero(overdue))) if overdue.any() else []

    def clock_set(self, by_s: float) -> None:
        """Our clock was set by so many seconds: nothing is overdue earlier or later by it."""
        self.overdue_s += by_s

    def arrays(self) -> dict[str, NDArray[Any]]:  # Any: arrays of several dtypes
        """What a restart needs, by name; the arrays themselves."""
        names = (
            "placement",
            "overdue_s",
            "judged",
            "impact",
            "impact_s",
            "watched",
            "doing",
            "logit",
            "peak_g",
            "before",
            "ahead",
        )
        return {**{name: getattr(self, name) for name in names}, **self.frames.arrays()}

    def nbytes(self) -> int:
        """Bytes of all arrays."""
        return sum(array.nbytes for array in self.arrays().values())

    def _take(self, row: Rows, windows: list[MotionWindow], now_s: float) -> list[Fall]:
        placed = self.frames.place(row, windows, now_s)
        found = list(self._finish(row[placed.is_new]))
        self.frames.begin(row[placed.is_new], placed.start_s[placed.is_new], placed.rate_hz[placed.is_new])
        self.judged[row[placed.is_new]] = 0
        self.impact[row[placed.is_new]] = -1
        self.placement[row] = [window.placement for window in windows]
        parts, length = [], np.zeros(len(row), np.int64)
        for place, (window, missing) in enumerate(zip(windows, placed.missing.tolist(), strict=True)):
            accel_g = window.accel_g[max(-missing, 0) :]
            if missing > 0:
                accel_g = np.concatenate([np.repeat(accel_g[:1], missing, axis=0), accel_g])
            parts.append(accel_g)
            length[place] = len(accel_g)
        some = length > 0
        if some.any():
            self.overdue_s[row[some]] = now_s + WAIT_S + (length / placed.rate_hz)[some]
            for added in self.frames.add(row[some], np.concatenate(parts), length[some]):
                found += self._look(added)
        return found

    def _look(self, added: Added) -> Iterator[Fall]:
        row = added.row
        return self._judge(row, np.maximum(self.frames.filled[row] - AFTER, self.judged[row]))

    def _finish(self, row: Rows) -> Iterator[Fall]:
        """Judge what is left of streams that have stopped."""
        return self._judge(row, np.maximum(self.frames.filled[row] - LEAST_AFTER, self.judged[row]))

    def _judge(self, row: Rows, until: Rows) -> Iterator[Fall]:
        """Judge the frames before ``until`` that were not judged yet, and follow those who are watched."""
        first = self.judged[row]
        self.judged[row] = until
        for wearer, frame, logit in self._impacts(row, first, until):
            yield from self._follow(wearer, min(frame + AFTER + 1, int(self.frames.filled[wearer])))
            yield from self._suspect(wearer, frame, logit)
        for wearer in row[self.impact[row] >= 0].tolist():  # few: those of whom a fall is suspected
            yield from self._follow(wearer, int(self.frames.filled[wearer]))

    def _impacts(self, row: Rows, first: Rows, until: Rows) -> Iterator[tuple[int, int, float]]:
        """Wearer, frame and logit of each impact from ``first`` to before ``until`` that is to be told."""
        whose, frame = strongest(self.frames, row, first, until)
        if not whose.size:
            return
        placement = self.placement[whose]
        logits = self._model.logits(self.frames.window(whose, frame - BEFORE, LENGTH), placement)
        told = self._every | (logits >= self._limits[whose, placement])
        yield from zip(whose[told].tolist(), frame[told].tolist(), logits[told].tolist(), strict=True)

    def _suspect(self, wearer: int, frame: int, logit: float) -> Iterator[Fall]:
        """A fall is suspected, unless it is a part of one that was."""
        impact_at = self._time_s(wearer, frame)
        is_new = abs(impact_at - self.impact_s[wearer]) >= SAME_FALL_S
        is_fall = is_new and logit >= self._limits[wearer, self.placement[wearer]]
        if not is_fall and not self._every:
            return
        frames = self._window(wearer, frame - BEFORE, LENGTH)
        before = frames[REFERENCE, MEAN].mean(axis=0)
        peak_g = float(frames[BEFORE, PEAK])
        if is_fall:
            self.impact[wearer], self.impact_s[wearer], self.watched[wearer] = frame, impact_at, 0
            self.logit[wearer], self.peak_g[wearer], self.before[wearer] = logit, peak_g, before
            self.ahead[wearer] = DOINGS.index(look(frames[:BEFORE], float(self._still_g[wearer])).doing)
        yield Fall(
            wearer=wearer,
            stage=Stage.SUSPECTED if is_fall else None,
            placement=Placement(self.placement[wearer]),
            impact_at=impact_at,
            judged_at=min(
                self._time_s(wearer, frame + AFTER), self._time_s(wearer, int(self.frames.filled[wearer]) - 1)
            ),
            logit=logit,
            limit=float(self._limits[wearer, self.placement[wearer]]),
            peak_g=peak_g,
            turn_deg=turn_deg(before, frames[-FRAMES_HZ:, MEAN].mean(axis=0)),
            before=self._before(wearer, impact_at) if is_fall else None,
            drawn=self._drawn(wearer, frame, frame + AFTER) if is_fall else None,
        )

    def _follow(self, wearer: int, until: int) -> Iterator[Fall]:
        """What the whole seconds of a watched wearer before frame ``until`` say."""
        while self.impact[wearer] >= 0:
            watched = int(self.watched[wearer])
            end = int(self.impact[wearer]) + 1 + (watched + 2) * FRAMES_HZ  # from a second after the impact on
            if end > until:
                return
            now = look(self._window(wearer, end - _LOOK_BACK, _LOOK_BACK), float(self._still_g[wearer]))
            self.doing[wearer, watched] = DOINGS.index(now.doing)
            self.watched[wearer] = watched + 1
            stage = self._stage(wearer, now)
            if stage is not None:
                yield self._followed(wearer, stage, now, end - 1)
            if stage is not None or watched + 1 == WATCH_S:
                self.impact[wearer] = -1

    def _stage(self, wearer: int, now: Second) -> Stage | None:
        """What the seconds seen so far, ``now`` the last of them, make of a suspected fall; None: nothing yet."""
        seen = self.doing[wearer, : self.watched[wearer]]
        turned = turn_deg(self.before[wearer], now.gravity)
        moved = np.flatnonzero(seen != DOINGS.index(Doing.STILL))
        still = len(seen) - (int(moved[-1]) + 1 if moved.size else 0)
        if still >= self._still_s[wearer] or (still >= POSTURE_S and turned >= self._turn_deg[wearer]):
            return Stage.CONFIRMED
        walked = int((seen[-WALK_WITHIN_S:] == DOINGS.index(Doing.WALKING)).sum())
        is_upright = self.placement[wearer] in _LOOSE or turned <= UPRIGHT_DEG
        return Stage.RECOVERED if walked >= WALK_S and is_upright else None

    def _followed(self, wearer: int, stage: Stage, now: Second, frame: int) -> Fall:
        impact_at = float(self.impact_s[wearer])
        return Fall(
            wearer=wearer,
            stage=stage,
            placement=Placement(self.placement[wearer]),
            impact_at=impact_at,
            judged_at=self._time_s(wearer, frame),
            logit=float(self.logit[wearer]),
            limit=float(self._limits[wearer, self.placement[wearer]]),
            peak_g=float(self.peak_g[wearer]),
            turn_deg=turn_deg(self.before[wearer], now.gravity),
            before=self._before(wearer, impact_at),
            after=_stretches(self.doing[wearer, : self.watched[wearer]], impact_at + 1),
            drawn=self._drawn(wearer, int(self.impact[wearer]), frame),
        )

    def _before(self, wearer: int, impact_at: float) -> Did:
        return Did(doing=DOINGS[self.ahead[wearer]], from_s=impact_at - BEFORE / FRAMES_HZ, to_s=impact_at)

    def _drawn(self, wearer: int, impact: int, last: int) -> Drawn | None:
        """The frames around an impact, up to ``last``; None when what was before it is not kept any more."""
        last = min(last, int(self.frames.filled[wearer]) - 1)
        first = max(impact - _DRAWN, last + 1 - KEPT, 0)
        if first > max(impact - FRAMES_HZ, 0):
            return None
        frames = self._window(wearer, first, last - first + 1)
        times_s = [self._time_s(wearer, number) for number in range(first, last + 1)]
        return Drawn(
            times_s=[round(value, 3) for value in times_s],
            peaks_g=[round(value, 3) for value in frames[:, PEAK].tolist()],
            tilts_deg=[round(turn_deg(self.before[wearer], one), 1) for one in frames[:, MEAN]],
        )

    def _window(self, wearer: int, first: int, length: int) -> NDArray[np.float32]:
        found: NDArray[np.float32] = self.frames.window(np.array([wearer]), np.array([first]), length)[0]
        return found

    def _time_s(self, wearer: int, frame: int) -> float:
        """The middle of a frame, in the samples' time."""
        return float(self.frames.began_s[wearer] + (frame + 0.5) / FRAMES_HZ)


def _rounds(windows: Sequence[tuple[int, MotionWindow]]) -> Iterator[list[tuple[int, MotionWindow]]]:
    """The windows in their order, no wearer twice in a round."""
    rounds: list[list[tuple[int, MotionWindow]]] = []
    taken: dict[int, int] = {}
    for row, window in windows:
        number = taken[row] = taken.get(row, -1) + 1
        if number == len(rounds):
            rounds.append([])
        rounds[number].append((row, window))
    yield from rounds


def _stretches(seen: NDArray[np.int8], from_s: float) -> tuple[Did, ...]:
    """Seconds of the same doing put together."""
    bounds = [0, *(np.flatnonzero(seen[1:] != seen[:-1]) + 1).tolist(), len(seen)]
    return tuple(
        Did(doing=DOINGS[seen[first]], from_s=from_s + first, to_s=from_s + last) for first, last in pairwise(bounds)
    )
