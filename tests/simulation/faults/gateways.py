"""Gateways lose their network, their power, their clock, and now and then their spool."""

from __future__ import annotations

from tests.simulation.gateway import SimGateway
from tests.simulation.world import World


def begin(world: World) -> None:
    world.timeline.often(world.weather.gateway_losses, lambda: _lose(world))


def _lose(world: World) -> None:
    if world.calm:
        return
    random = world.random
    gateway = random.choice(list(world.gateways.values()))
    chance = random.random()
    if chance < 0.4:
        _network(world, gateway)
    elif chance < 0.8:
        _power(world, gateway)
    else:
        off_s = random.choice((0.0, 0.0, -2.0, 250.0, -1200.0, -1.7e9))
        world.story.tell("{} believes that its clock is {} s off", gateway.gateway_id, off_s)
        gateway.clock_off_s = off_s


def _network(world: World, gateway: SimGateway) -> None:
    random = world.random
    away_s = random.choice((0.5, 4.0, 30.0, 600.0))
    world.story.tell("{} loses its network for {} s", gateway.gateway_id, away_s)
    gateway.reachable = False
    gateway.cut(noticed_after_s=random.choice((0.0, 8.0, 15.0)))
    world.timeline.after(away_s, lambda: setattr(gateway, "reachable", True))


def _power(world: World, gateway: SimGateway) -> None:
    random = world.random
    away_s = random.choice((2.0, 20.0, 300.0))
    spool_lost = random.random() < 0.1
    world.story.tell("{} loses its power for {} s, spool lost: {}", gateway.gateway_id, away_s, spool_lost)
    gateway.power_off(spool_lost=spool_lost)
    world.timeline.after(away_s, gateway.power_on)
