"""Browsers that give their subscription up, the console that writes it down, and people who put it right later."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from random import Random

import msgspec

from alarms.engine.answers import mark_of
from ingest.registry.model import Reach
from tests.simulation.oracle.ended import EndedChannels
from tests.simulation.phones import Mood
from tests.simulation.world import World


class _Said(msgspec.Struct):
    """What ``alarms`` tells the consoles of an end."""

    mark: str
    reason: str
    at: datetime
    proofs: tuple[datetime, ...]


_SAID = msgspec.json.Decoder(_Said)


def begin(world: World) -> None:
    """Let channels end, in weeks in which providers fail."""
    browsers = Browsers(world)
    world.desk.on_ended = browsers.note
    world.healers.append(browsers.put_right)
    if world.weather.phone_failures:
        world.timeline.often(browsers.per_day, browsers.end, browsers.random)


class Browsers:
    """Draws from a generator of its own."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.random = Random(f"browsers {world.seed}")
        self.per_day = self.random.choice((0.0, 1.0, 5.0))

    def end(self) -> None:
        """One of the channels that count ends; its provider says so at the next message."""
        world = self._world
        counting = [r for r in world.program.registry.reaches if r.counts and not world.phones.has_ended(r.address)]
        if world.calm or not counting:
            return
        address = self.random.choice(counting).address
        world.phones.set_mood(address, Mood.ENDED)
        after_s = self.random.choice((300.0, 3600.0, 6 * 3600.0))
        world.timeline.after(after_s, lambda: self._renew([address]))

    def note(self, payload: bytes) -> None:
        """The console hears of an end, and writes it down unless its database is away."""
        said = _SAID.decode(payload)
        if self.random.random() < 0.5 and not self._world.calm:
            return
        registry = self._world.program.registry
        reaches = [
            msgspec.structs.replace(reach, ended_at=said.at, ended_reason=said.reason)
            if mark_of(reach.address) == said.mark and reach.ended_at is None and reach.answered_at in said.proofs
            else reach
            for reach in registry.reaches
        ]
        self._change(reaches)

    def put_right(self) -> None:
        """The day ends: everybody answers a test message."""
        ended = [reach.address for reach in self._world.program.registry.reaches if reach.ended_at is not None]
        also = [address for address in self._world.phones.addresses if self._world.phones.has_ended(address)]
        self._renew([*ended, *also])

    def _renew(self, addresses: Sequence[str]) -> None:
        """A person renews a subscription and answers the test message."""
        world = self._world
        now = world.program.now()
        for address in addresses:
            world.phones.set_mood(address, Mood.WELL)
            world.oracle.rule(EndedChannels).renewed(address)
        self._change(
            [
                msgspec.structs.replace(reach, answered_at=now, ended_at=None, ended_reason="")
                if reach.address in addresses and reach.answered_at is not None
                else reach
                for reach in world.program.registry.reaches
            ]
        )

    def _change(self, reaches: list[Reach]) -> None:
        registry = self._world.program.registry
        if tuple(reaches) != registry.reaches:
            changed = msgspec.structs.replace(registry, reaches=tuple(reaches), version=registry.version + 1)
            self._world.program.change_registry(changed)
