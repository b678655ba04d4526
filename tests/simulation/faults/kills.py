"""The program dies: anywhere, at a side effect, or because somebody updates it."""

from __future__ import annotations

from tests.simulation.world import World


def begin(world: World) -> None:
    world.timeline.often(world.weather.kills, lambda: _kill(world))


def _kill(world: World) -> None:
    if world.calm:
        return
    random, program = world.random, world.program
    down_s = random.choice((0.3, 0.3, 1.0, 5.0, 60.0, 600.0))
    if random.random() < 0.1 and down_s >= 5.0:
        world.story.tell("the machine loses its power")
        world.timeline.reboot()
        program.crash(down_s=down_s)
    elif random.random() < 0.5:
        program.crash_soon(random.randint(1, 40), down_s=down_s)
    elif random.random() < 0.8:
        program.crash(down_s=down_s)
    else:
        program.stop(down_s=down_s)
