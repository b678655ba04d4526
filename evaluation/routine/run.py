"""Measures the notes: ``python -m evaluation.routine.run --data DIR`` prints what docs/routine.md has."""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import chain
from pathlib import Path

import numpy as np

from alarms.core.routine.facts import DayFacts
from alarms.core.routine.note import NoteKind
from evaluation.intervals import poisson_rate
from evaluation.routine.lives import PEOPLE, Person, declining, life, restless
from evaluation.routine.recordings import elder_hours, ordonez_home
from evaluation.routine.replay import begun, stretched

_YEAR = 364
_LEARNING = 28
_SEED = 20251127
_AT = 140
_RESTLESS = (3, 4, 5, 6)
_DROPS = (0.2, 0.3, 0.4, 0.5)


def main() -> None:
    """Print three tables: notes that noise makes, restless nights, declines."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder with uci799_elder and ordonez")
    parser.add_argument("--homes", type=int, default=12, help="simulated residents of each sort")
    given = parser.parse_args()
    for line in chain(_false_notes(given.data, given.homes), _nights(given.homes), _declines(given.homes)):
        print(line, flush=True)  # noqa: T201 - the report


def _false_notes(data: Path, homes: int) -> Iterator[str]:
    yield "notes a resident-year without any change: night, bathroom, decline, all (95 % interval)"
    rng = np.random.default_rng(_SEED)
    for name, person in PEOPLE.items():
        yield _rates(name, [life(person, _LEARNING + _YEAR, rng) for _ in range(homes)])
    for name, read in (("UCI 799", elder_hours), ("UCI 271 B", ordonez_home)):
        days = read(data)
        notes = [str(note.kind) for note in begun(days)]
        yield f"{name}: {len(days)} days as recorded, notes: {notes or 'none'}"
        lives = [stretched(days, _LEARNING + _YEAR, rng) for _ in range(homes)]
        yield _rates(f"{name}, weeks in a random order", lives)


def _rates(name: str, lives: Sequence[Sequence[DayFacts]]) -> str:
    found = Counter(note.kind for days in lives for note in begun(days))
    years = sum(len(days) - _LEARNING for days in lives) / _YEAR
    kinds = (NoteKind.NIGHT, NoteKind.BATHROOM, NoteKind.DECLINE)
    low, high = poisson_rate(found.total(), years) or (0.0, 0.0)
    rates = ", ".join(f"{found[kind] / years:.2f}" for kind in kinds)
    return f"{name}: {rates}, {found.total() / years:.2f} ({low:.2f} to {high:.2f})"


def _nights(homes: int) -> Iterator[str]:
    yield "restless for three nights, so many times more: told after the first night, after the third"
    for name in ("steady", "ordinary", "often up"):
        delays = [
            _delays(PEOPLE[name], homes, NoteKind.NIGHT, partial(restless, at=_AT, more=more, nights=3))
            for more in _RESTLESS
        ]
        shares = [f"+{m}: {_share(d, 0, homes)}, {_share(d, 2, homes)}" for m, d in zip(_RESTLESS, delays, strict=True)]
        yield f"{name}: {'; '.join(shares)}"


def _declines(homes: int) -> Iterator[str]:
    yield "hours with movement fall in eight weeks by so much: told within twelve weeks, median delay in days"
    for name in ("steady", "ordinary", "uneven"):
        told = []
        for drop in _DROPS:
            delays = _delays(PEOPLE[name], homes, NoteKind.DECLINE, partial(declining, at=_AT, drop=drop))
            middle = f"{np.median(delays):.0f}" if delays else "—"
            told.append(f"-{drop:.0%}: {_share(delays, 84, homes)}, {middle}")
        yield f"{name}: {'; '.join(told)}"


def _delays(
    person: Person, homes: int, kind: NoteKind, change: Callable[[list[DayFacts]], list[DayFacts]]
) -> list[int]:
    """Days from the change to the note, of those who got one."""
    rng, found = np.random.default_rng(_SEED), []
    for _ in range(homes):
        days = change(life(person, _AT + 84, rng))
        first = [(note.since - days[_AT].day).days for note in begun(days) if note.kind is kind]
        found += [delay for delay in first if delay >= 0][:1]
    return found


def _share(delays: Sequence[int], within: int, of: int) -> str:
    return f"{sum(delay <= within for delay in delays) / of:.0%}"


if __name__ == "__main__":
    main()
