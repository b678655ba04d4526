"""Providers fail, refuse, fall silent, or lie about what they have taken."""

from __future__ import annotations

from tests.simulation.phones import Mood
from tests.simulation.world import World

_BAD = (Mood.FAILING, Mood.FAILING, Mood.SILENT, Mood.TAKES_AND_FAILS, Mood.REFUSING)


def begin(world: World) -> None:
    world.timeline.often(world.weather.phone_failures, lambda: _fail(world))


def _fail(world: World) -> None:
    phones, random = world.phones, world.random
    if world.calm or not phones.addresses:
        return
    address = random.choice(phones.addresses)
    mood = random.choice(_BAD)
    back_s = random.choice((5.0, 60.0, 600.0))
    if not phones.has_ended(address):
        phones.set_mood(address, mood)
        world.timeline.after(back_s, lambda: phones.is_well_again(address))
