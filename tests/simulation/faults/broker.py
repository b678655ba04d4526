"""The broker dies, or the program's way to it does."""

from __future__ import annotations

from tests.simulation.world import World


def begin(world: World) -> None:
    world.timeline.often(world.weather.broker_losses, lambda: _lose(world))


def _lose(world: World) -> None:
    if world.calm:
        return
    random, session = world.random, world.program.session
    chance = random.random()
    if chance < 0.4:
        down_s = random.choice((0.5, 2.0, 9.9, 10.1, 60.0))
        world.story.tell("the broker dies for {} s", down_s)
        world.broker.stop()
        world.timeline.after(down_s, world.broker.start)
    elif session is not None and chance < 0.7:
        world.story.tell("the program's connection breaks")
        session.lose_connection()
    elif session is not None:
        world.story.tell("the program's network swallows everything")
        session.silence(random.uniform(1, 15))
