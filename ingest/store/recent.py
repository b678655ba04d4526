"""A window of recent keys: rows that may be in the database already are found before they fail a COPY."""

from __future__ import annotations

from collections import deque

import numpy as np
from numpy.typing import NDArray

from ingest.store.frame import Extra, Frame

_WINDOW = 4  # batches
_TIME_FACTOR = np.int64(-7046029254386353131)  # odd: no two times share a product
_PLACE_FACTOR = np.int64(-4417276706812531889)


class RecentKeys:
    """Keys of the last few batches of one table.

    Keys are hashed to 64 bits: a chance hit only means that a row is merged where it could have been copied.
    """

    def __init__(self) -> None:
        self._batches: deque[NDArray[np.int64]] = deque(maxlen=_WINDOW)

    def seen(self, rows: Frame | Extra) -> NDArray[np.bool_]:
        """Which rows have a key of the window; their keys belong to it from now on."""
        keys = _hash(rows)
        hit = np.zeros(len(keys), np.bool_)
        for known in self._batches:
            place = np.minimum(np.searchsorted(known, keys), len(known) - 1)
            hit |= known[place] == keys
        if len(keys):
            self._batches.append(np.sort(keys))
        return hit


def _hash(rows: Frame | Extra) -> NDArray[np.int64]:
    place = rows.device.astype(np.int64) << 16
    if isinstance(rows, Extra):
        place |= (rows.signal.astype(np.int64) << 7) | rows.element
    hashed: NDArray[np.int64] = (rows.time_us * _TIME_FACTOR) ^ (place * _PLACE_FACTOR)
    return hashed
