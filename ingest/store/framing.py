"""Readings as they come from the wire to rows of the tables that hold them."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from ingest.store.frame import KINDS, Extra, Frame, merge, merge_extra, microseconds, wide_table
from ingest.wire.batch import SINGLE, ReadingBatch
from ingest.wire.readings import Drained
from ingest.wire.signals import Kind
from ingest.wire.tables import Rows


@dataclass(slots=True)
class _Parts:
    frames: dict[Kind, list[Frame]] = field(default_factory=dict)
    extra: list[Extra] = field(default_factory=list)

    def add(self, frame: Frame) -> None:
        if len(frame):
            self.frames.setdefault(frame.kind, []).append(frame)


def frames_of(drained: Drained, kind_of_number: NDArray[np.int8]) -> tuple[list[Frame], Extra]:
    """The rows of the wide tables, and those of the side table: signals without a column, elements of lists.

    ``kind_of_number`` is the index in ``KINDS`` of every device number.
    """
    parts = _Parts()
    for rows in drained.rows:
        kinds = kind_of_number[rows.device]
        for index in np.unique(kinds).tolist():
            _add_rows(parts, KINDS[index], rows, kinds == index)
    batch = drained.batch
    if len(batch):
        kinds = kind_of_number[batch.device]
        for index in np.unique(kinds).tolist():
            _add_readings(parts, KINDS[index], batch.take(kinds == index))
    extra = merge_extra(parts.extra) if parts.extra else Extra.empty()
    return [merge(frames) for frames in parts.frames.values()], extra


def _add_rows(parts: _Parts, kind: Kind, rows: Rows, chosen: NDArray[np.bool_]) -> None:
    table = wide_table(kind)
    column = np.where(rows.element == SINGLE, table.column_of[rows.signal], -1)
    wide = column >= 0
    value = rows.value if chosen.all() else rows.value[chosen]
    device, time_us, received_us = (
        rows.device[chosen],
        microseconds(rows.observed_s[chosen]),
        microseconds(rows.received_s[chosen]),
    )
    if wide.any():
        full = np.full((len(value), len(table.columns)), np.nan)
        full[:, column[wide]] = value[:, wide]
        frame = Frame(kind=kind, device=device, time_us=time_us, received_us=received_us, value=full)
        absent = np.isnan(full).all(axis=1)
        parts.add(frame.take(~absent) if absent.any() else frame)
    if not wide.all():
        row, place = np.nonzero(~np.isnan(value) & ~wide)
        parts.extra.append(
            Extra(
                device=device[row],
                signal=rows.signal[place],
                element=rows.element[place].astype(np.int16),
                time_us=time_us[row],
                received_us=received_us[row],
                value=value[row, place],
            )
        )


def _add_readings(parts: _Parts, kind: Kind, batch: ReadingBatch) -> None:
    table = wide_table(kind)
    time_us, received_us = microseconds(batch.observed_s), microseconds(batch.received_s)
    column = np.where(batch.element == SINGLE, table.column_of[batch.signal], -1)
    wide = column >= 0
    if wide.any():
        value = np.full((int(wide.sum()), len(table.columns)), np.nan)
        value[np.arange(len(value)), column[wide]] = batch.value[wide]
        parts.add(
            Frame(
                kind=kind,
                device=batch.device[wide],
                time_us=time_us[wide],
                received_us=received_us[wide],
                value=value,
            )
        )
    if not wide.all():
        rare = ~wide
        parts.extra.append(
            Extra(
                device=batch.device[rare],
                signal=batch.signal[rare],
                element=batch.element[rare].astype(np.int16),
                time_us=time_us[rare],
                received_us=received_us[rare],
                value=batch.value[rare],
            )
        )
