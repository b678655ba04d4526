"""Opening a recording's file, with words for a person when it is not what it should be."""

from __future__ import annotations

import zipfile
import zlib
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from firmware_sim.errors import RecordingError

Arrays = dict[str, NDArray[Any]]  # Any: each array has its own type

_UNREADABLE = (OSError, EOFError, ValueError, KeyError, zipfile.BadZipFile, zlib.error)


def read_arrays(path: Path, *names: str) -> Arrays:
    """The named arrays of an ``.npz`` file.

    Raises
    ------
    RecordingError
        The file is missing, is no archive, or has no such array.
    """
    if not path.is_file():
        raise RecordingError(f"there is no recording {path}; see docs/simulator.md where recordings come from")
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as archive:
            return {name: np.asarray(archive[name]) for name in names}
    except _UNREADABLE as error:
        raise RecordingError(f"{path} is not such a recording: {error}") from error


def array_names(path: Path) -> frozenset[str]:
    """The names of the arrays in an ``.npz`` file.

    Raises
    ------
    RecordingError
        It is no archive.
    """
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as archive:
            return frozenset(archive.files)
    except (*_UNREADABLE, TypeError) as error:  # TypeError: a single array under the wrong name
        raise RecordingError(f"{path} cannot be read: {error}; is it whole? Fetch it again") from error


def first_file(folder: Path, wanted: str | None) -> Path:
    """``wanted`` of a folder, or its first file by name.

    Raises
    ------
    RecordingError
        The folder has none.
    """
    if wanted is not None:
        return folder / f"{wanted.removesuffix('.npz')}.npz"
    found = sorted(folder.glob("*.npz"))
    if not found:
        raise RecordingError(f"there are no recordings in {folder}; see docs/simulator.md where they come from")
    return found[0]
