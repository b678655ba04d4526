"""numpy arrays as binary array parameters of a statement: for ``unnest``, without an object per value."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from psycopg.adapt import Buffer, Dumper
from psycopg.pq import Format

from ingest.store.connection import Connection

_EPOCH_US = 946_684_800_000_000  # PostgreSQL counts from 2000


@dataclass(frozen=True, slots=True)
class _Array:
    """Values in PostgreSQL's binary form, and the element's type."""

    value: NDArray[Any]  # Any: each subclass has its own
    element_oid: ClassVar[int]
    type: ClassVar[str]


class Reals(_Array):
    """``real[]``; a NULL is written as NaN, and the statement turns it back with ``nullif``."""

    element_oid, type = 700, ">f4"


class Doubles(_Array):
    """``double precision[]``; NULL as in ``Reals``."""

    element_oid, type = 701, ">f8"


class Ints(_Array):
    """``int[]``."""

    element_oid, type = 23, ">i4"


class Smallints(_Array):
    """``smallint[]``."""

    element_oid, type = 21, ">i2"


class Moments(_Array):
    """``timestamptz[]``, given in microseconds since 1970."""

    element_oid, type = 1184, ">i8"


_ARRAY_OIDS = {Reals: 1021, Doubles: 1022, Ints: 1007, Smallints: 1005, Moments: 1185}


def register(connection: Connection) -> None:
    """Let ``connection`` take these arrays as parameters."""
    for kind, oid in _ARRAY_OIDS.items():
        dumper = type(f"{kind.__name__}Dumper", (_ArrayDumper,), {"oid": oid})
        connection.adapters.register_dumper(kind, dumper)


class _ArrayDumper(Dumper):
    format = Format.BINARY

    def dump(self, obj: _Array) -> Buffer:
        value = obj.value - _EPOCH_US if isinstance(obj, Moments) else obj.value
        width = np.dtype(obj.type).itemsize
        rows = np.empty(len(value), np.dtype([("length", ">i4"), ("value", obj.type)]))
        rows["length"] = width
        rows["value"] = value
        # one dimension, no NULLs, the element's type, its length, counted from 1
        header = np.array([1, 0, obj.element_oid, len(value), 1], ">i4")
        return header.tobytes() + rows.tobytes()
