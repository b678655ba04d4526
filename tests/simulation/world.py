"""One home and everything around it, built from a seed."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from random import Random

from alarms.core.profiles import Profiles
from alarms.engine.loop import SUBSCRIPTIONS
from gateway.packing import Datum
from tests.simulation import home, weather
from tests.simulation.broker import Broker
from tests.simulation.desk import Desk
from tests.simulation.gateway import SimGateway
from tests.simulation.oracle.all_clears import AllClears
from tests.simulation.oracle.commands import Commands
from tests.simulation.oracle.committed import Committed
from tests.simulation.oracle.deadlines import Deadlines
from tests.simulation.oracle.ended import EndedChannels
from tests.simulation.oracle.falls import Falls
from tests.simulation.oracle.fires import Fires
from tests.simulation.oracle.full_disk import FullDisk
from tests.simulation.oracle.gateways import Gateways
from tests.simulation.oracle.history import History, Projection
from tests.simulation.oracle.linkage import Linkage
from tests.simulation.oracle.oracle import Oracle
from tests.simulation.oracle.presses import Presses
from tests.simulation.oracle.restful import Restful
from tests.simulation.oracle.rule import BrokenError, Rule
from tests.simulation.oracle.sends import Sends
from tests.simulation.oracle.told import Told
from tests.simulation.oracle.topics_kept import Retained
from tests.simulation.phones import Phones
from tests.simulation.program import SimProgram
from tests.simulation.session import KeptSession
from tests.simulation.story import Story
from tests.simulation.timeline import DAY_S, Timeline
from tests.simulation.weather import Trouble

RULES: Sequence[type[Rule]] = (
    Committed,
    History,
    Falls,
    Fires,
    Linkage,
    Presses,
    Deadlines,
    Told,
    Sends,
    Commands,
    Gateways,
    FullDisk,
    EndedChannels,
    AllClears,
    Restful,
    Projection,
    Retained,
)

_WITH_FAMILIES = 0.6
_CALM_FROM_S = DAY_S - 300
_QUIET_FROM_S = DAY_S - 60
_QUIET_TRIES = 100
_TRY_EVERY_S = 0.5


class World:
    """Actors and troubles are given the world and use its parts; ``calm`` asks them to leave it alone."""

    def __init__(
        self,
        seed: int,
        path: Path,
        profiles: Profiles,
        *,
        without: Collection[Trouble] = (),
        kept_lines: int | None = None,
        exact: bool = False,
    ) -> None:
        self.seed = seed
        self.timeline = Timeline(seed)
        self.random = self.timeline.random
        self.weather = weather.draw(self.random, without)
        self.timeline.begin(self.weather.start)
        self.story = Story(self.timeline, kept=kept_lines)
        self.story.set_zone(self.weather.zone)
        self.registry = home.build(self.weather, self.random)
        self.families = Random(f"families {seed}")  # its own, so that a home without them stays the same story
        if self.families.random() < _WITH_FAMILIES:
            self.registry = home.with_families(self.registry, self.families)
        self.oracle = Oracle(self.timeline, self.story, path, RULES)
        self.broker = Broker(self.timeline, self.story, self.weather)
        kept = KeptSession(self.broker, SUBSCRIPTIONS)
        self.broker.keeper = kept
        self.on_ring: list[Callable[[str], None]] = []
        self.phones = Phones(self.timeline, self.story, self.oracle, self._ring)
        self.program = SimProgram(
            timeline=self.timeline,
            story=self.story,
            oracle=self.oracle,
            kept=kept,
            phones=self.phones,
            profiles=profiles,
            registry=self.registry,
            path=path,
            exact=exact,
        )
        self.oracle.attach(self.program)
        self.oracle.rule(Presses).know(profiles, self.registry)
        self.gateways = {
            one.gateway_id: SimGateway(self.broker, self.oracle, one.gateway_id, home.SHARD)
            for one in self.registry.gateways
        }
        self.oracle.rule(Gateways).watched = self.gateways
        self.oracle.rule(Retained).kept = self.broker.retained
        self.desk = Desk(self.broker, self.story, home.SITE)
        self.calm = False
        self.nobody_until_s = 0.0
        self.days_done = 0
        self.healers: list[Callable[[], None]] = [
            self.broker.start,
            self.program.mend,
            self.phones.mend,
            *(gateway.mend for gateway in self.gateways.values()),
        ]

    def begin(self, days: float) -> None:
        """Plan the days: each ends with a calm in which everything is mended and must agree."""
        for day in range(int(days)):
            self.timeline.at(day * DAY_S + _CALM_FROM_S, self._calm_down)
            self.timeline.at(day * DAY_S + _QUIET_FROM_S, self._expect_quiet)
        self.timeline.at(days * DAY_S, self.program.end)

    def say(self, *data: Datum) -> None:
        """Devices of one gateway speak, in one pack."""
        device = self.registry.device[data[0].device_id]
        self.gateways[device.gateway_id].say(data)

    def datum(self, device_id: str, signal: str, value: float | bool | str = True) -> Datum:
        """What a device says now, by its gateway's clock."""
        gateway = self.gateways[self.registry.device[device_id].gateway_id]
        return Datum(device_id=device_id, signal=signal, value=value, at_s=gateway.device_time_s())

    def devices(self, profile: str) -> list[str]:
        """The ids of all devices of a profile."""
        return [device.device_id for device in self.registry.devices if device.profile == profile]

    def close(self) -> None:
        self.oracle.close()

    def _ring(self, alarm_id: str) -> None:
        for heard in self.on_ring:
            heard(alarm_id)

    def _calm_down(self) -> None:
        self.story.tell("the day ends: everything is mended")
        self.calm = True
        for heal in self.healers:
            heal()

    def _expect_quiet(self, tries: int = _QUIET_TRIES) -> None:
        if self.program.at_rest and not self.broker.moving:
            self.oracle.quiet()
            self.days_done += 1
            self.timeline.after(30, self._go_on)
        elif tries:
            self.timeline.after(_TRY_EVERY_S, lambda: self._expect_quiet(tries - 1))
        else:
            raise BrokenError("it comes to rest", "a minute after everything was mended something is still under way")

    def _go_on(self) -> None:
        self.calm = False
