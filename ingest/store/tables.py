"""The readings' tables: which there are and what columns they have (docs/storage.md)."""

from __future__ import annotations

from ingest.wire.signals import Kind, Signal, columns

EXTRA = "reading_extra"
"""Rare signals and list elements: one row per reading."""

_EXACT_IN_REAL = 2**24


def table_of(kind: Kind) -> str:
    """The wide table of devices of ``kind``: one row per device and moment."""
    return f"reading_{kind}"


READING_TABLES: tuple[str, ...] = (*(table_of(kind) for kind in Kind), EXTRA)

HOURLY_KINDS: tuple[Kind, ...] = tuple(kind for kind in Kind if columns(kind))
"""The kinds that have a view of hours, ``{kind}_hour``."""


def is_double(signal: Signal) -> bool:
    """True where single precision would lose whole units, as in a meter's counter."""
    return signal.high > _EXACT_IN_REAL
