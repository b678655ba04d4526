"""A whole evaluation of silence: files opened, homes replayed, people removed, figures counted."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from evaluation.errors import NothingToMeasureError
from evaluation.inactivity.event_homes import read_casas, read_ordonez, read_uci799
from evaluation.inactivity.machines import MACHINES, with_machine
from evaluation.inactivity.outages import with_outages
from evaluation.inactivity.power_homes import read_house, read_plugs
from evaluation.inactivity.recording import Recording
from evaluation.inactivity.removal import Removal, draw
from evaluation.inactivity.replay import delays_min, replay
from evaluation.inactivity.rows import LEARN_DAYS, Outcome, Row
from evaluation.inactivity.timer import best
from evaluation.inactivity.uci235 import read_uci235
from firmware_sim.errors import RecordingError

Tell = Callable[[str], None]

_MAINS = "house_power"

FOLDERS: dict[str, tuple[str, Callable[[Path], Recording | list[Recording]]]] = {
    _MAINS: ("*.npz", read_house),
    "tracebase": ("*.npz", read_plugs),
    "ordonez": ("*_sensors.csv.gz", read_ordonez),
    "casas_cil": ("*.csv.gz", read_casas),
    "uci799_elder": ("*.csv.gz", read_uci799),
    "uci235": ("*.txt", read_uci235),
}
"""What is looked for in each folder, and how it is read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What was found. ``absent`` are folders that are not there; ``problems`` has a line per file."""

    outcomes: list[Outcome]
    absent: list[str]
    problems: list[str]

    @property
    def rows(self) -> list[Row]:
        return [outcome.row for outcome in self.outcomes]


def evaluate(folder: Path, *, removals: int, seed: int, machines: bool, outages: bool, tell: Tell) -> Result:
    """Replay every home of the folder, and remove its people ``removals`` times.

    ``machines``: homes with mains also with each machine that runs by day alone; ``outages``: also with outages.

    Raises
    ------
    NothingToMeasureError
        There is no home.
    """
    problems: list[str] = []
    recordings = list(_read(folder, problems))
    absent = [name for name in FOLDERS if not (folder / name).is_dir()]
    if not recordings:
        said = "".join(f"\n  {line}" for line in problems)
        raise NothingToMeasureError(f"there are no homes in {folder}: see docs/inactivity.md{said}")
    mains = [place for place, one in enumerate(recordings) if one.dataset == _MAINS]
    if machines:
        recordings += [with_machine(recordings[place], name, seed) for name in MACHINES for place in mains]
    drawn = [draw(one, home, removals, seed, LEARN_DAYS) for home, one in enumerate(recordings)]
    for place in mains if outages else ():
        recording, gone = with_outages(recordings[place], drawn[place], len(recordings), seed)
        recordings.append(recording)
        drawn.append(gone)
    return Result(outcomes=judged(recordings, drawn, tell=tell), absent=absent, problems=problems)


def judged(recordings: Sequence[Recording], drawn: Sequence[Sequence[Removal]], *, tell: Tell) -> list[Outcome]:
    """What became of each home, and of its removals."""
    began = time.monotonic()
    flat = [removal for of_home in drawn for removal in of_home]
    tell(f"{len(recordings)} homes, {len(flat)} removals")
    replayed = replay(recordings, flat)
    tell(f"replayed, {time.monotonic() - began:.0f} s")
    asked, alarmed = delays_min(recordings, flat, replayed.states) if flat else (np.zeros(0), np.zeros(0))
    tell(f"people removed, {time.monotonic() - began:.0f} s")
    outcomes = []
    of_home = np.array([one.home for one in flat], np.int64)
    for home, one in enumerate(recordings):
        mine = of_home == home
        outcome = Outcome(
            recording=one,
            steps=replayed.steps[home],
            shares=replayed.shares[home],
            moments=np.array([removal.minute for removal in drawn[home]], np.int64),
            ask_min=asked[mine],
            alarm_min=alarmed[mine],
            timer=None,
        )
        if drawn[home]:
            timer = best(one, drawn[home], outcome.alarms(LEARN_DAYS), LEARN_DAYS)
            outcome = replace(outcome, timer=timer)
        outcomes.append(outcome)
    tell(f"timers chosen, {time.monotonic() - began:.0f} s")
    return outcomes


def _read(folder: Path, problems: list[str]) -> Iterator[Recording]:
    for name, (pattern, read) in FOLDERS.items():
        for path in sorted((folder / name).glob(pattern)):
            try:
                found = read(path)
            except RecordingError as error:
                problems.append(str(error))
                continue
            yield from found if isinstance(found, list) else [found]
