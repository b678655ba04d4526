"""A whole evaluation: files opened, weights fitted where that is asked for, recordings judged, figures counted."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from evaluation.errors import NothingToMeasureError
from evaluation.falls.detector import MakeDetector, Train
from evaluation.falls.outcome import Outcome
from evaluation.falls.rows import Figures, count
from evaluation.falls.split import Split
from evaluation.falls.stream import judge
from firmware_sim.errors import RecordingError
from firmware_sim.recordings.trial import Recording, Trial
from firmware_sim.recordings.trials import TrialFile, find_trials
from ingest.wire.motion import MAX_SAMPLES

TELL_S = 2.0
"""How often progress is told."""

_ANKLE = "ankle"
_SHOWN = 3

Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What was found. ``problems`` has a line for each file and recording that was left out."""

    outcomes: list[Outcome]
    figures: list[Figures]
    problems: list[str]


@dataclass(slots=True)
class Recordings:
    """The files of a folder that can be read, each recording chosen by what is known about it.

    ``unreadable`` and ``set_aside`` have a line for each file and each recording that was left out.
    """

    files: list[TrialFile]
    ankle: bool = False
    unreadable: list[str] = field(default_factory=list)
    set_aside: list[str] = field(default_factory=list)

    @property
    def datasets(self) -> frozenset[str]:
        return frozenset(file.dataset for file in self.files)

    def trials(self, wanted: Callable[[Trial], bool] = lambda _: True) -> list[Trial]:
        return [trial for file in self.files for trial in self._of(file, wanted)]

    def read(self, wanted: Callable[[Trial], bool]) -> Iterator[Recording]:
        """Them with their samples; a file whose samples cannot be read ends there, and the others go on."""
        for file in self.files:
            trials = self._of(file, wanted)
            if not trials:
                continue
            try:
                yield from file.recordings(trials)
            except RecordingError as error:
                if str(error) not in self.unreadable:
                    self.unreadable.append(str(error))

    def _of(self, file: TrialFile, wanted: Callable[[Trial], bool]) -> list[Trial]:
        return [trial for trial in file.trials if (self.ankle or trial.position != _ANKLE) and wanted(trial)]


class Chosen:
    """Recordings that may be gone through again and again."""

    def __init__(self, recordings: Recordings, wanted: Callable[[Trial], bool]) -> None:
        self._recordings, self._wanted = recordings, wanted

    def __iter__(self) -> Iterator[Recording]:
        return self._recordings.read(self._wanted)


def open_folder(folder: Path, *, ankle: bool = False) -> Recordings:
    """The recordings of falls in a folder, or in the folders in it.

    Raises
    ------
    NothingToMeasureError
        There is none.
    """
    files, unreadable = find_trials(folder)
    if not any(file.trials for file in files):
        said = "".join(f"\n  {line}" for line in unreadable[:_SHOWN])
        said += f"\n  and {len(unreadable) - _SHOWN} more" if len(unreadable) > _SHOWN else ""
        raise NothingToMeasureError(
            f"there are no recordings of falls in {folder}: it must hold .npz files of docs/falls.md, or folders with "
            f"them{said}"
        )
    return Recordings(files, ankle, unreadable, [line for file in files for line in file.problems])


def evaluate(
    recordings: Recordings,
    splits: Sequence[Split],
    make: MakeDetector,
    *,
    shipped_people: frozenset[str],
    window_s: float,
    seed: int,
    tell: Tell,
    train: Train | None = None,
) -> Result:
    """Judge the recordings of every split, on the weights that ship or on weights fitted to the split's others.

    Raises
    ------
    NothingToMeasureError
        No recording is chosen, or a window of this length would be too long for one of them.
    """
    chosen = [recordings.trials(split.test) for split in splits]
    _check(recordings.files, chosen, window_s)
    outcomes: list[Outcome] = []
    known: set[str] = set()
    progress = _Progress(sum(map(len, chosen)), tell)
    for number, (split, trials) in enumerate(zip(splits, chosen, strict=True), 1):
        if not trials:
            continue
        model, people = None, shipped_people
        if split.train is not None:
            assert train is not None
            tell(f"training {number} of {len(splits)}: {len(recordings.trials(split.train))} recordings")
            model = train(Chosen(recordings, split.train), seed=seed, progress=tell)
            people = frozenset(model.trained_on)
        known |= people & {trial.person for trial in trials}
        outcomes += progress.watched(judge(recordings.read(split.test), make, model, window_s))
    return Result(
        outcomes=outcomes,
        figures=count(outcomes, known),
        problems=[*recordings.unreadable, *recordings.set_aside],
    )


def _check(files: Iterable[TrialFile], chosen: Iterable[list[Trial]], window_s: float) -> None:
    if not any(chosen):
        raise NothingToMeasureError("no recording is left: nothing matches --train and --test")
    fastest_hz = max(file.rate_hz for file in files)
    if fastest_hz * window_s > MAX_SAMPLES:
        raise NothingToMeasureError(
            f"a window of {window_s:g} s has more than {MAX_SAMPLES} samples at {fastest_hz:g} Hz: give --window "
            f"{MAX_SAMPLES / fastest_hz:g} or less"
        )


class _Progress:
    """Tells now and then how far it is and how fast."""

    def __init__(self, total: int, tell: Tell) -> None:
        self._total, self._tell = total, tell
        self._done, self._recorded_s = 0, 0.0
        self._spent_s, self._told_at = 0.0, time.monotonic()

    def watched(self, outcomes: Iterable[Outcome]) -> Iterator[Outcome]:
        """The same outcomes; only the time while they are made counts."""
        began = time.monotonic()
        for outcome in outcomes:
            now = time.monotonic()
            self._spent_s += now - began
            began = now
            self._done += 1
            self._recorded_s += outcome.trial.duration_s
            if now - self._told_at >= TELL_S or self._done == self._total:
                self._told_at = now
                pace = self._recorded_s / max(self._spent_s, 1e-6)
                self._tell(
                    f"{self._done} of {self._total} recordings, {self._spent_s:.0f} s, "
                    f"{self._recorded_s / 3600:.1f} h of them at {pace:,.0f} times their pace"
                )
            yield outcome
