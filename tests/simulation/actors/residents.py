"""Residents: they press, press again, fall, test their pendant, and take a call back."""

from __future__ import annotations

from tests.simulation.world import World


def begin(world: World) -> None:
    """Let people live."""
    residents = Residents(world)
    world.timeline.often(world.weather.presses, residents.press)
    world.timeline.often(world.weather.presses / 8, residents.fall)
    world.timeline.often(world.weather.presses / 10, residents.test)
    world.timeline.often(0.1, residents.everybody)


class Residents:
    """All of them."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._buttons = world.devices("sos_button") + world.devices("pendant")
        self._pendants = world.devices("pendant")

    def press(self) -> None:
        """One press, or the many of somebody in fear; some take it back."""
        world, random = self._world, self._world.random
        device = random.choice(self._buttons)
        times = random.choice((1,) * 9 + (2, 3, 20))
        self._press(device)
        later_s = 0.0
        for _ in range(times - 1):
            later_s += random.uniform(0.05, 4.0)
            world.timeline.after(later_s, lambda: self._press(device))
        if random.random() < 0.1:
            world.timeline.after(later_s + random.uniform(1, 60), lambda: self._say(device, "call_cancel"))

    def fall(self) -> None:
        """A pendant believes that its wearer fell; a suspicion may be confirmed, taken back or cancelled later."""
        random = self._world.random
        device = random.choice(self._pendants)
        if random.random() < 0.7:
            self._say(device, "fall", "suspected")
            later_s, chance = random.uniform(1, 30), random.random()
            if chance < 0.7:
                word = "confirmed" if chance < 0.4 else "none"
                self._world.timeline.after(later_s, lambda: self._say(device, "fall", word))
            elif chance < 0.85:
                self._world.timeline.after(later_s, lambda: self._say(device, "call_cancel"))
        else:
            self._say(device, "fall", "confirmed")

    def test(self) -> None:
        self._say(self._world.random.choice(self._buttons), "call_test")

    def everybody(self) -> None:
        """Something frightens the whole house."""
        random = self._world.random
        for device in self._buttons:
            if random.random() < 0.7:
                self._world.timeline.after(random.uniform(0, 3), lambda device=device: self._press(device))

    def _press(self, device: str) -> None:
        self._say(device, "help_call")

    def _say(self, device: str, signal: str, value: bool | str = True) -> None:
        world = self._world
        if not world.calm:
            world.story.tell("{} says {} {}", device, signal, value)
            world.say(world.datum(device, signal, value))
