"""The machine's clock is stepped, while the program runs or while it is away."""

from __future__ import annotations

from tests.simulation.oracle.deadlines import Deadlines
from tests.simulation.world import World


def begin(world: World) -> None:
    world.timeline.often(world.weather.clock_steps, lambda: _step(world))


def _step(world: World) -> None:
    anchor = world.oracle.journal.clock_anchor()
    if world.calm or anchor is None or anchor.boot != world.timeline.boot():
        return  # a machine that has just started has nothing to compare its clock with
    random, timeline = world.random, world.timeline
    to_s = random.choice((0.0, random.uniform(-2, 2), random.uniform(-60, 60), random.uniform(-3600, 3600)))
    world.story.tell("the clock is set to {} s off", round(to_s, 1))
    timeline.stepped_s = to_s
    world.oracle.rule(Deadlines).clock_set()
    world.program.nudge()
