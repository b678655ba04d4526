"""One seed, some days: what happened, or which promise was broken, when, and what went before."""

from __future__ import annotations

import contextlib
import logging
import random
import shutil
import tempfile
import time
import traceback
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType

from alarms.core.profiles import load_profiles
from tests.simulation import weather
from tests.simulation.actors import browsers, carers, equipment, families, fires, office, residents, staff
from tests.simulation.faults import broker, clock, disk, gateways, kills, phones
from tests.simulation.oracle.all_clears import AllClears
from tests.simulation.oracle.deadlines import Deadlines
from tests.simulation.oracle.ended import EndedChannels
from tests.simulation.oracle.fires import Fires
from tests.simulation.oracle.linkage import Linkage
from tests.simulation.oracle.presses import Presses
from tests.simulation.oracle.rule import BrokenError
from tests.simulation.oracle.sends import Sends
from tests.simulation.timeline import DAY_S
from tests.simulation.weather import Trouble
from tests.simulation.world import World

ACTORS: tuple[ModuleType, ...] = (residents, fires, equipment, carers, staff, office, browsers, families)
TROUBLES: tuple[ModuleType, ...] = (kills, broker, gateways, disk, clock, phones)
MEMORY = Path("/dev/shm")  # a file system in memory: the journal is a real file there, and quick
PROFILES = load_profiles()
_BROKER_LOSSES = (
    "the broker dies for {} s",
    "the program's connection breaks",
    "the program's network swallows everything",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Broken:
    """A promise that was broken: on which day (from 1), how, and the last lines of the story."""

    promise: str
    text: str
    day: int
    story: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of a seed; ``fingerprint`` is the same for every replay, ``worst_s`` is of the least exact deadline."""

    seed: int
    days: float
    broken: Broken | None
    fingerprint: int
    seconds: float
    worst_s: float = 0.0
    counts: dict[str, int] = field(default_factory=dict)
    story: tuple[str, ...] = ()


def run(
    seed: int,
    days: float,
    *,
    without: Collection[Trouble] = (),
    folder: Path | None = None,
    exact: bool = False,
    whole_story: bool = False,
) -> Outcome:
    """Live ``days`` days of the week that ``seed`` draws.

    ``folder``: where the journal stands; None: in memory where the machine has such a place. ``exact`` takes every idle
    turn, ``whole_story`` keeps every line.
    """
    began = time.perf_counter()
    with _own_folder(folder) as place, _own_jitter(seed), _watched_log():
        world = World(
            seed, place / "journal.sqlite", PROFILES, without=without, exact=exact,
            kept_lines=None if whole_story else 50,
        )  # fmt: skip
        broken = _live(world, days)
        world.close()
    return Outcome(
        seed=seed,
        days=days if broken is None else world.timeline.now_s / DAY_S,
        broken=broken,
        fingerprint=world.story.fingerprint,
        seconds=time.perf_counter() - began,
        worst_s=world.oracle.rule(Deadlines).worst_s,
        counts=_counts(world, days),
        story=tuple(world.story.lines()) if whole_story else (),
    )


def _live(world: World, days: float) -> Broken | None:
    for each in (*ACTORS, *TROUBLES):
        each.begin(world)
    world.begin(days)
    try:
        world.program.run()
    except BrokenError as error:
        return _broken(world, error.promise, error.text)
    except Exception:  # noqa: BLE001 - whatever ends the program is what we look for
        return _broken(world, "the program lives", traceback.format_exc())
    return None


def _counts(world: World, days: float) -> dict[str, int]:
    """What a run has been through."""
    seen, told = world.oracle.seen, world.story.told
    return {
        "presses": world.oracle.rule(Presses).total,
        "alarms": seen["Raised"],
        "lines": world.oracle.entries,
        "messages": world.oracle.rule(Sends).delivered_total,
        "steps": seen["StepDue"],
        "returns": seen["ReturnDue"],
        "shelf_ends": seen["ShelfOver"],
        "stays": seen["Stay"],
        "drills": told["{} begins a drill of {} at {}"],
        "kills": world.program.kills,
        "starts_in_escalation": world.program.starts_in_escalation,
        "reboots": world.timeline.boots - 1,
        "clock_steps": told["the clock is set to {} s off"],
        "clock_changes": weather.clock_changes(world.weather, days),
        "full_disks": told["the journal's disk is full"],
        "broker_losses": sum(told[text] for text in _BROKER_LOSSES),
        "gateway_losses": told["{} loses its network for {} s"] + told["{} loses its power for {} s, spool lost: {}"],
        "provider_failures": told["provider of {} is {}"],
        "set_outs": seen["SetOut"],
        "not_arrived": seen["NotArrived"],
        "all_clears": world.oracle.rule(AllClears).total,
        "linkages": world.oracle.rule(Linkage).total,
        "pre_alarms": world.oracle.rule(Fires).pre_alarms,
        "ended_channels": world.oracle.rule(EndedChannels).total,
    }


def _broken(world: World, promise: str, text: str) -> Broken:
    return Broken(
        promise=promise,
        text=text,
        day=int(world.timeline.now_s // DAY_S) + 1,
        story=tuple(world.story.lines()),
    )


@contextlib.contextmanager
def _own_folder(folder: Path | None) -> Iterator[Path]:
    parent = folder if folder is not None else MEMORY if MEMORY.is_dir() else None
    made = Path(tempfile.mkdtemp(prefix="anxin-simulation-", dir=parent))
    try:
        yield made
    finally:
        shutil.rmtree(made, ignore_errors=True)


@contextlib.contextmanager
def _own_jitter(seed: int) -> Iterator[None]:
    """The product draws its jitter from the global generator."""
    before = random.getstate()
    random.seed(seed)
    try:
        yield
    finally:
        random.setstate(before)


class _Broke(logging.Handler):
    """An item that breaks the engine is told as unreadable and goes by; here it is a finding."""

    def emit(self, record: logging.LogRecord) -> None:
        if record.exc_info is not None and record.exc_info[1] is not None:
            text = "".join(traceback.format_exception(*record.exc_info))  # type: ignore[arg-type]  # it is complete
            raise BrokenError("nothing breaks the engine", f"{record.getMessage()}\n{text}")


@contextlib.contextmanager
def _watched_log() -> Iterator[None]:
    logger, handler = logging.getLogger("anxin"), _Broke()
    before = logger.level, logger.propagate
    logger.setLevel(logging.ERROR)
    logger.propagate = False
    logger.addHandler(handler)
    try:
        yield
    finally:
        logger.removeHandler(handler)
        logger.level, logger.propagate = before
