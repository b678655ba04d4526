"""The ranges that scenes are drawn from, as ``ranges.toml`` states them."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path

import numpy as np

from firmware_sim.errors import SimulatorError


class Shape(StrEnum):
    """How a number lies between its ends."""

    EVEN = "even"
    LOG = "log"
    WHOLE = "whole"


@dataclass(frozen=True, slots=True, kw_only=True)
class Range:
    """Where a parameter lies and who says so."""

    low: float
    high: float
    source: str
    shape: Shape = Shape.EVEN

    def draw(self, rng: np.random.Generator) -> float:
        """One number; a draw of the generator whatever the shape."""
        share = float(rng.random())
        if self.shape is Shape.LOG:
            return float(self.low * (self.high / self.low) ** share)
        if self.shape is Shape.WHOLE:
            return float(np.floor(self.low + share * (self.high - self.low + 1)))
        return self.low + share * (self.high - self.low)


Table = dict[str, Range]


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A kind of scene: its own ranges over those it is ``like``, and where it usually happens."""

    fire: bool
    profile: str
    seconds: int
    fuels: tuple[str, ...]
    table: Table


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranges:
    """All of ``ranges.toml``."""

    common: Table
    detector: Table
    sprinkler: Table
    profiles: dict[str, Table]
    fuels: dict[str, Table]
    kinds: dict[str, Kind]

    def kind(self, name: str) -> Kind:
        """The kind of this name.

        Raises
        ------
        SimulatorError
            There is none.
        """
        try:
            return self.kinds[name]
        except KeyError:
            raise SimulatorError(f"there is no scene kind {name!r}; there are {', '.join(self.kinds)}") from None

    def room(self, profile: str) -> Table:
        """The ranges of a room profile.

        Raises
        ------
        SimulatorError
            There is none of this name.
        """
        try:
            return self.common | self.profiles[profile]
        except KeyError:
            raise SimulatorError(
                f"there is no room profile {profile!r}; there are {', '.join(self.profiles)}"
            ) from None

    def every(self) -> Iterator[tuple[str, Range]]:
        """Each range with a name for messages."""
        tables = {"common": self.common, "detector": self.detector, "sprinkler": self.sprinkler}
        tables |= {f"profile.{name}": table for name, table in self.profiles.items()}
        tables |= {f"fuel.{name}": table for name, table in self.fuels.items()}
        tables |= {f"kind.{name}": kind.table for name, kind in self.kinds.items()}
        for where, table in tables.items():
            yield from ((f"{where}.{name}", drawn) for name, drawn in table.items())


@cache
def ranges() -> Ranges:
    """The ranges, read once."""
    read = tomllib.loads(Path(__file__).with_name("ranges.toml").read_text("utf-8"))
    likes = {name: _table(body) for name, body in read["like"].items()}
    return Ranges(
        common=_table(read["common"]),
        detector=_table(read["detector"]),
        sprinkler=_table(read["sprinkler"]),
        profiles={name: _table(body) for name, body in read["profile"].items()},
        fuels={name: _table(body) for name, body in read["fuel"].items()},
        kinds={
            name: Kind(
                fire=bool(body["fire"]),
                profile=str(body["profile"]),
                seconds=int(str(body["seconds"])),
                fuels=tuple(body.get("fuels", ())),
                table=likes[str(body["like"])] | _table(body),
            )
            for name, body in read["kind"].items()
        },
    )


def _table(body: dict[str, object]) -> Table:
    return {name: _range(entry) for name, entry in body.items() if isinstance(entry, dict)}


def _range(entry: dict[str, object]) -> Range:
    shape = Shape(str(entry.get("shape", Shape.EVEN)))
    return Range(low=float(str(entry["low"])), high=float(str(entry["high"])), source=str(entry["source"]), shape=shape)
