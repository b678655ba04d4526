"""Relatives: they see on their phone that something is wrong, set out, turn back, or do not come in time."""

from __future__ import annotations

from datetime import timedelta

from tests.simulation.world import World

_LOOKS_PER_DAY = 60
_MINUTES = (0.1, 1, 10, 60, 240)


def begin(world: World) -> None:
    """Let them look at their phones."""
    relatives = [f"contact:{one.contact_id}" for one in world.registry.contacts if one.user_id is not None]
    if relatives:
        families = Families(world, relatives)
        world.timeline.often(_LOOKS_PER_DAY, families.look, world.families)


class Families:
    """All relatives with an account."""

    def __init__(self, world: World, relatives: list[str]) -> None:
        self._world = world
        self._relatives = relatives

    def look(self) -> None:
        """Somebody sets out to an alarm, or turns back, whether or not they had set out."""
        world, random = self._world, self._world.families
        alarms = sorted(world.desk.alarms.values(), key=lambda alarm: alarm.alarm_id)
        if world.calm or not alarms:
            return
        alarm, who = random.choice(alarms), random.choice(self._relatives)
        if random.random() < 0.2:
            world.desk.ask(alarm, "turn_back", who, lambda _: None)
        else:
            until = world.timeline.now() + timedelta(minutes=random.choice(_MINUTES))
            world.desk.ask(alarm, "set_out", who, lambda _: None, until=until.isoformat())
