"""The journal's disk takes no writes for a while."""

from __future__ import annotations

from tests.simulation.world import World


def begin(world: World) -> None:
    world.timeline.often(world.weather.full_disks, lambda: _fill(world))


def _fill(world: World) -> None:
    if world.calm or not world.program.writable:
        return
    random = world.random
    world.program.fill_disk(at_begin=random.random() < 0.5)
    world.timeline.after(random.choice((0.5, 5.0, 60.0, 180.0)), world.program.free_disk)
