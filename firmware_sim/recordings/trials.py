"""Trials with a worn accelerometer: falls and daily activities of SisFall, WEDA-FALL, UMAFall and ASSIST-IoT's stairs.

All sets have one form: an ``.npz`` file whose samples are int16 differences, recording after recording, and whose
columns have an entry per recording. A set is known by its columns, so its files may have any name, and a set that
nobody knows yet is read too, under the name of its folder.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from firmware_sim.errors import RecordingError
from firmware_sim.recordings.archive import Arrays, array_names, first_file, read_arrays
from firmware_sim.recordings.trial import Group, Recording, Trial

NEEDED = ("dxyz", "off", "scale_g", "rate_hz", "subject", "code", "fall")
"""Without these it is no file of trials."""

ELDER_FROM_YEARS = 60

_OPTIONAL = ("trial", "age", "elder", "position", "fall_start_s", "fall_end_s")
_TEXTS = ("subject", "code", "position")
_WHOLE = ("off", "fall", "trial", "elder")
_POSITIONS = {"chest": "chest", "neck": "chest", "rightpocket": "pocket", "leftpocket": "pocket"}
_WORN_AT = {"sisfall": "waist", "weda_fall": "wrist", "assist_stairs": "waist"}
"""Where the sets wear their device that have no such column."""


class TrialFile:
    """A file of trials. Its columns are read when it is opened, its samples as int16 while they are gone through.

    ``problems`` are the recordings that were set aside, a line for each.
    """

    def __init__(self, path: Path) -> None:
        """Open it.

        Raises
        ------
        RecordingError
            It is no such file.
        """
        self.path = path
        present = array_names(path)
        absent = [name for name in NEEDED if name not in present]
        if absent:
            raise RecordingError(
                f"{path} is no file of falls and daily activities: it lacks {', '.join(absent)}; take it away, or "
                f"write it with {', '.join(NEEDED)} (docs/falls.md)"
            )
        names = [name for name in (*NEEDED, *_OPTIONAL) if name in present and name != "dxyz"]
        self._columns = {
            name: column.astype(str) if name in _TEXTS else column for name, column in read_arrays(path, *names).items()
        }
        self.dataset = _dataset(path, self._columns, present)
        self.rate_hz, self.scale_g = self._number("rate_hz", 1, 1600), self._number("scale_g", 1e-5, 0.0122)
        self._off = self._columns["off"]
        self._check_columns()
        self.problems: list[str] = []
        self.trials = tuple(self._trials())

    def recordings(self, trials: Iterable[Trial]) -> Iterator[Recording]:
        """These trials of the file with their samples, one after the other.

        Raises
        ------
        RecordingError
            The samples cannot be read or are not as many as the columns say.
        """
        counts = read_arrays(self.path, "dxyz")["dxyz"]
        if counts.dtype != np.int16 or counts.ndim != 2 or len(counts) != 3 or counts.shape[1] < self._off[-1]:
            raise RecordingError(
                f"{self.path}: dxyz is {counts.dtype} of shape {counts.shape}; int16 differences of shape "
                f"(3, {self._off[-1]}) are needed"
            )
        # The sums wrap exactly as the file was made: only the differences between samples are stored.
        np.cumsum(counts, axis=1, dtype=np.int16, out=counts)
        for trial in trials:
            samples = counts[:, self._off[trial.row] : self._off[trial.row + 1]].T
            yield Recording(trial=trial, scale_g=self.scale_g, counts=samples)

    def _number(self, name: str, low: float, high: float) -> float:
        value = self._columns[name]
        if value.ndim or value.dtype.kind not in "iuf" or not low <= value <= high:
            raise RecordingError(f"{self.path}: {name} is {value}; one number from {low:g} to {high:g} is needed")
        return float(value)

    def _check_columns(self) -> None:
        off = self._off
        if off.ndim != 1 or off.dtype.kind not in "iu" or not len(off) or off[0] < 0 or (np.diff(off) < 0).any():
            raise RecordingError(f"{self.path}: off must say where each recording begins, and where the last one ends")
        for name, column in self._columns.items():
            if name not in ("off", "rate_hz", "scale_g") and column.shape != (len(off) - 1,):
                raise RecordingError(f"{self.path}: {name} has shape {column.shape} for {len(off) - 1} recordings")
            if name in _WHOLE and column.dtype.kind not in "biu":
                raise RecordingError(f"{self.path}: {name} is {column.dtype}; whole numbers or booleans are needed")

    def _trials(self) -> Iterator[Trial]:
        columns, samples = self._columns, np.diff(self._off)
        elders = _elders(columns, self.dataset)
        for row in range(len(samples)):
            trial = Trial(
                row=row,
                dataset=self.dataset,
                subject=str(columns["subject"][row]),
                code=str(columns["code"][row]),
                trial=int(columns["trial"][row]) if "trial" in columns else 1,
                position=_position(columns, row, self.dataset),
                group=Group.ELDER if elders[row] else Group.YOUNG,
                fall=bool(columns["fall"][row]),
                rate_hz=self.rate_hz,
                samples=int(samples[row]),
                interval_s=_interval(columns, row),
            )
            fault = _fault(trial)
            if fault:
                self.problems.append(f"{self.path}: {trial.name} is left out: {fault}")
            else:
                yield trial


def find_trials(folder: Path) -> tuple[list[TrialFile], list[str]]:
    """The files of trials in a folder or in the folders in it, and a line for each that cannot be read.

    Folders with other recordings (meters, fires) are passed over.
    """
    files: list[TrialFile] = []
    problems: list[str] = []
    for path in sorted([*folder.glob("*.npz"), *folder.glob("*/*.npz")]):
        try:
            ours = path.parent == folder or path.parent.name in (*_WORN_AT, "umafall") or "dxyz" in array_names(path)
            if ours:
                files.append(TrialFile(path))
        except RecordingError as error:
            problems.append(str(error))
    return files, problems


def read_fall(folder: Path, *, subject: str | None, seed: int) -> Recording:
    """A fall of ``subject``, or of any, chosen by ``seed``, of a folder's first file.

    Raises
    ------
    RecordingError
        No file, or no fall of this subject in it.
    """
    file = TrialFile(first_file(folder, None))
    falls = [trial for trial in file.trials if trial.fall and subject in (None, trial.subject)]
    if not falls:
        raise RecordingError(f"{file.path} has no fall" + (f" of {subject}" if subject else ""))
    chosen = falls[int(np.random.default_rng(seed).integers(len(falls)))]
    return next(file.recordings([chosen]))


def _dataset(path: Path, columns: Arrays, present: frozenset[str]) -> str:
    """The folder's name when it is a set's, else the set with such columns, else the folder's name."""
    name = path.resolve().parent.name
    if name in (*_WORN_AT, "umafall"):
        return name
    subjects, codes = columns["subject"].tolist(), columns["code"].tolist()
    if subjects and all(subject.startswith(("SA", "SE")) for subject in subjects):
        return "sisfall"
    if {"elder", "fall_start_s"} <= present:
        return "weda_fall"
    if {"position", "session", "age"} <= present:
        return "umafall"
    if codes and all(code.startswith("stairs") for code in codes):
        return "assist_stairs"
    return name


def _position(columns: Arrays, row: int, dataset: str) -> str:
    if "position" not in columns:
        return _WORN_AT.get(dataset, "unknown")
    told = str(columns["position"][row]).lower()
    return _POSITIONS.get(told, told)


def _elders(columns: Arrays, dataset: str) -> NDArray[np.bool_]:
    elders: NDArray[np.bool_] = np.char.startswith(columns["subject"], "SE") & (dataset == "sisfall")
    if "elder" in columns:
        elders = elders | columns["elder"].astype(bool)
    if "age" in columns:
        elders = elders | (columns["age"] >= ELDER_FROM_YEARS)
    return elders


def _interval(columns: Arrays, row: int) -> tuple[float, float] | None:
    if "fall_start_s" not in columns or "fall_end_s" not in columns:
        return None
    interval_s = float(columns["fall_start_s"][row]), float(columns["fall_end_s"][row])
    return interval_s if np.isfinite(interval_s).all() else None


def _fault(trial: Trial) -> str:
    """Why the recording cannot be used, or nothing."""
    if not trial.samples:
        return "it has no samples"
    if trial.interval_s is not None and not 0 <= trial.interval_s[0] <= trial.interval_s[1] <= trial.duration_s + 1:
        return f"its fall lasts from {trial.interval_s[0]:g} to {trial.interval_s[1]:g} s of {trial.duration_s:g} s"
    return ""
