"""Fires that spread and burn out, and smoke alarms that chatter."""

from __future__ import annotations

from tests.simulation.world import World


def begin(world: World) -> None:
    """Let it burn now and then."""
    fires = Fires(world)
    world.timeline.often(world.weather.fires, fires.burn)
    world.timeline.often(world.weather.fires / 2, fires.chatter)


class Fires:
    """What the smoke alarms see."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._detectors = world.devices("smoke_alarm")
        self._smoky: set[str] = set()

    def burn(self) -> None:
        """Smoke in one room, then in its neighbours; later it is gone."""
        random, timeline = self._world.random, self._world.timeline
        first = random.randrange(len(self._detectors))
        later_s = 0.0
        for detector in self._detectors[first : first + random.randint(1, 5)]:
            timeline.after(later_s, lambda detector=detector: self._smoke(detector, on=True))
            gone_s = later_s + random.uniform(60, 3600)
            timeline.after(gone_s, lambda detector=detector: self._smoke(detector, on=False))
            later_s += random.uniform(5, 120)

    def chatter(self) -> None:
        """A detector at its limit: on, off, on, off."""
        random, timeline = self._world.random, self._world.timeline
        detector = random.choice(self._detectors)
        later_s = 0.0
        for turn in range(2 * random.randint(3, 30)):
            on = turn % 2 == 0
            timeline.after(later_s, lambda on=on: self._smoke(detector, on=on))
            later_s += random.uniform(1, 20)

    def _smoke(self, detector: str, *, on: bool) -> None:
        world = self._world
        if world.calm and on:
            return
        if on and detector not in self._smoky and world.random.random() < 0.3:
            world.timeline.after(2, lambda: self._smoke(detector, on=on))  # it says so again
        self._smoky.add(detector) if on else self._smoky.discard(detector)
        world.story.tell("{} says smoke {}", detector, on)
        world.say(world.datum(detector, "smoke", on))
