"""Where in a stream an impact or a slump may be: the few moments that are worth a closer look."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from alarms.core.motion.features import AFTER, BEFORE
from alarms.core.motion.frames import COUNTS_PER_G, FRAMES_HZ, MEAN, Frames, Rows

IMPACT_G = 1.4
"""The least |a| of an impact: among 1,050 falls in SisFall the softest one has 1.8 g at the waist."""

SLUMP_G = 1.1
SLUMP_TURN_DEG = 60.0
"""A softer moment is looked at when the body has turned by so much."""

_NOBODY = np.zeros(0, np.int64)
_HARD, _SOFT = (np.int16(limit * COUNTS_PER_G) for limit in (IMPACT_G, SLUMP_G))


def strongest(frames: Frames, row: Rows, first: Rows, until: Rows) -> tuple[Rows, Rows]:
    """The frames that are stronger than the second before them and no weaker than the second after.

    Parameters
    ----------
    row, first, until : int64, shape (k,)
        Wearers, each once, and which of their frames are looked at.

    Returns
    -------
    row, frame : int64, shape (m,)
        In the order of ``row``, then of time.
    """
    width = int((until - first).max(initial=0))
    if width <= 0:
        return _NOBODY, _NOBODY
    peaks = frames.peaks(row, first - FRAMES_HZ, width + 2 * FRAMES_HZ)
    some = np.flatnonzero(peaks[:, FRAMES_HZ : FRAMES_HZ + width].max(axis=1) > _SOFT)
    if not some.size:
        return _NOBODY, _NOBODY
    row, first, until, peaks = row[some], first[some], until[some], peaks[some]
    own, second = peaks[:, FRAMES_HZ : FRAMES_HZ + width], _greatest_of_second(peaks)
    is_top = (own > _SOFT) & (own > second[:, :width]) & (own >= second[:, FRAMES_HZ + 1 : FRAMES_HZ + 1 + width])
    place, offset = np.nonzero(is_top & (np.arange(width) < (until - first)[:, None]))
    whose, frame = row[place], first[place] + offset
    kept = own[place, offset] > _HARD
    soft = np.flatnonzero(~kept)
    if soft.size:
        kept[soft] = _turns(frames, whose[soft], frame[soft])
    return whose[kept], frame[kept]


def _greatest_of_second(peaks: NDArray[np.int16]) -> NDArray[np.int16]:
    """The greatest of each column and the 19 after it, by doubling."""
    found, width = peaks, 1
    while width < FRAMES_HZ:
        step = min(width, FRAMES_HZ - width)
        found = np.maximum(found[:, : found.shape[1] - step], found[:, step:])
        width += step
    return found


def _turns(frames: Frames, row: Rows, frame: Rows) -> NDArray[np.bool_]:
    """Whether gravity before and after differ: a second of it from three seconds before on, and one up to two after."""
    before = frames.window(row, frame - BEFORE, FRAMES_HZ)[..., MEAN].mean(axis=1)
    after = frames.window(row, frame + AFTER + 1 - FRAMES_HZ, FRAMES_HZ)[..., MEAN].mean(axis=1)
    lengths = np.linalg.norm(before, axis=1) * np.linalg.norm(after, axis=1)
    found: NDArray[np.bool_] = np.einsum("ij,ij->i", before, after) < lengths * np.cos(np.radians(SLUMP_TURN_DEG))
    return found
