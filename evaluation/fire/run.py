"""A whole evaluation of the fire and electrical judgements: files opened, recordings judged, figures counted."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from alarms.core.profiles import Profiles
from evaluation.errors import NothingToMeasureError
from evaluation.fire import appliances, arcs
from evaluation.fire.rows import Outcome, Row
from evaluation.fire.simulated import Simulated, simulate
from evaluation.fire.stream import judge, paces
from firmware_sim.errors import RecordingError
from firmware_sim.recordings.fire_tests import FireFiles

AT_ONCE = 24
_SHOWN = 3

Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What was found. ``electrical`` are the rows about appliances and arcs; ``problems`` has a line per file."""

    outcomes: list[Outcome]
    electrical: list[Row]
    simulated: list[Simulated]
    problems: list[str]

    @property
    def rows(self) -> list[Row]:
        return [
            *(outcome.row for outcome in self.outcomes),
            *self.electrical,
            *(one.row for one in self.simulated),
        ]


def open_folder(folder: Path) -> FireFiles:
    """The recordings of a folder, or of the folders in it.

    Raises
    ------
    NothingToMeasureError
        There is none.
    """
    files = FireFiles(folder)
    if not (files.tests or files.arcs or files.appliances):
        said = "".join(f"\n  {line}" for line in files.problems[:_SHOWN])
        said += f"\n  and {len(files.problems) - _SHOWN} more" if len(files.problems) > _SHOWN else ""
        raise NothingToMeasureError(
            f"there are no recordings of fires in {folder}: it must hold .npz files of docs/fire.md, or folders with "
            f"them{said}"
        )
    return files


def evaluate(files: FireFiles, profiles: Profiles, *, scenes: int, tell: Tell) -> Result:
    """Judge every recording, and ``scenes`` simulated scenes of each kind."""
    outcomes: list[Outcome] = []
    for group in paces(files.tests):
        for first in range(0, len(group), AT_ONCE):
            tests = group[first : first + AT_ONCE]
            began = time.monotonic()
            told = judge(tests, profiles)
            outcomes += [Outcome.of(test, found) for test, found in zip(tests, told, strict=True)]
            tell(f"{tests[0].dataset}: {len(tests)} recordings, {time.monotonic() - began:.0f} s")
    outcomes.sort(key=lambda outcome: (outcome.test.dataset, outcome.test.name))
    problems = list(files.problems)
    electrical = _electrical(files, profiles, problems, tell)
    return Result(
        outcomes=outcomes,
        electrical=electrical,
        simulated=simulate(scenes, profiles, tell) if scenes else [],
        problems=problems,
    )


def _electrical(files: FireFiles, profiles: Profiles, problems: list[str], tell: Tell) -> list[Row]:
    rows: list[Row] = []
    readers: Sequence[tuple[list[Path], Callable[[Path], list[Row]]]] = (
        (files.arcs, arcs.rows),
        (files.appliances, lambda path: appliances.rows(path, profiles)),
    )
    for paths, read in readers:
        for path in paths:
            tell(f"{path.stem}: appliances and arcs")
            try:
                rows += read(path)
            except RecordingError as error:
                problems.append(str(error))
    return rows
