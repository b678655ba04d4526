"""Arrays to bytes and back, versioned: how the core's state is kept over a restart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from alarms.core.errors import StateError

_MAGIC = b"AXC1"
Array = NDArray[Any]  # Any: arrays of several dtypes in one mapping


class _Section(msgspec.Struct):
    name: str
    dtype: str
    shape: tuple[int, ...]


class _Header(msgspec.Struct):
    facts: dict[str, Any]  # Any: JSON values
    sections: list[_Section]


def pack(facts: Mapping[str, Any], arrays: Mapping[str, Array]) -> bytes:  # Any: JSON values
    """Facts and arrays as bytes."""
    sections = [_Section(name, array.dtype.str, array.shape) for name, array in arrays.items()]
    header = msgspec.json.encode(_Header(dict(facts), sections))
    return b"".join(
        [_MAGIC, len(header).to_bytes(4, "little"), header, *(array.tobytes() for array in arrays.values())]
    )


def unpack(data: bytes) -> tuple[dict[str, Any], dict[str, Array]]:  # Any: JSON values
    """The facts and arrays of ``pack``.

    Raises
    ------
    StateError
        When they are not ours.
    """
    if data[:4] != _MAGIC:
        raise StateError("the saved state is of another version")
    try:
        start = 8 + int.from_bytes(data[4:8], "little")
        header = msgspec.json.decode(data[8:start], type=_Header)
        arrays: dict[str, Array] = {}
        for section in header.sections:
            dtype = np.dtype(section.dtype)
            count = int(np.prod(section.shape, dtype=np.int64))
            arrays[section.name] = np.frombuffer(data, dtype, count, start).reshape(section.shape)
            start += count * dtype.itemsize
    except (msgspec.MsgspecError, ValueError, TypeError) as error:
        raise StateError(f"the saved state is damaged: {error}") from error
    return header.facts, arrays


def same(new: Sequence[str], old: Sequence[str]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """The places of the names that both have: in ``new`` and in ``old``."""
    place = {name: number for number, name in enumerate(old)}
    pairs = [(number, place[name]) for number, name in enumerate(new) if name in place]
    here, there = np.array(pairs, np.intp).reshape(-1, 2).T
    return here, there


def matching(new: NDArray[np.int64], old: Array) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """The places of the keys that both have: in ``new`` and in ``old``."""
    _, here, there = np.intersect1d(new, old, return_indices=True)
    return here, there
