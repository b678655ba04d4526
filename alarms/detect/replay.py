"""Stored history through the core once more, on a moved clock: what a rule would have said."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

import numpy as np

from alarms.core.engine import Core, CoreDevice
from alarms.core.judgement import Judgement
from alarms.core.profiles import Profiles
from ingest.wire.batch import ReadingBatch

TICK_S = 60.0
"""How often the passing of time is judged."""


def replay(
    profiles: Profiles, devices: Sequence[CoreDevice], history: Iterable[tuple[datetime, ReadingBatch]], first: datetime
) -> Iterator[Judgement]:
    """Judge ``history``, pairs of an end and the readings until it, in order, from ``first`` on; the core begins new.

    A reading counts as received at its own time, as if the line had always stood.
    """
    core = Core(profiles, devices, "platform")
    now_s = first.timestamp()
    core.tick(now_s)
    for end, batch in history:
        ends_s = np.append(np.arange(now_s + TICK_S, end.timestamp(), TICK_S), end.timestamp())
        places = np.searchsorted(batch.observed_s, ends_s, side="right")
        begin = 0
        for now_s, place in zip(ends_s.tolist(), places.tolist(), strict=True):
            if place > begin:
                part = batch.take(slice(begin, place))
                yield from core.update(_on_time(part), now_s)
            yield from core.tick(now_s)
            begin = place


def _on_time(batch: ReadingBatch) -> ReadingBatch:
    return ReadingBatch(
        device=batch.device,
        signal=batch.signal,
        element=batch.element,
        observed_s=batch.observed_s,
        received_s=batch.observed_s,
        value=batch.value,
    )
