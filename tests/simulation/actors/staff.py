"""Staff: they come into a room with its button, need help themselves, leave, and now and then forget to say so."""

from __future__ import annotations

from functools import partial

from tests.simulation.world import World

_CAME_FOR_AN_ALARM = 0.15


def begin(world: World) -> None:
    """Let people walk."""
    staff = Staff(world)
    world.on_ring.append(staff.hear)
    world.timeline.often(world.weather.presses / 4, staff.round)


class Staff:
    """Everybody who walks through the rooms; ``presence_button-101`` hangs in the room of ``sos_button-101``."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._panels = world.devices("presence_button")
        self._panel_of = {
            device.room_id: device.device_id for device in world.registry.devices if device.profile == "presence_button"
        }

    def hear(self, alarm_id: str) -> None:
        """A phone rings: somebody goes there."""
        world, random = self._world, self._world.random
        alarm = world.oracle.alarms.get(alarm_id)
        panel = self._panel_of.get(alarm.identity.room_id) if alarm is not None else None
        if panel is not None and random.random() < _CAME_FOR_AN_ALARM:
            world.timeline.after(random.uniform(5, 120), partial(self._come, panel))

    def round(self) -> None:
        """Somebody looks after a room."""
        self._come(self._world.random.choice(self._panels))

    def _come(self, panel: str) -> None:
        random, timeline = self._world.random, self._world.timeline
        self._say(panel, "staff_present", random.choice((True, True, "badge-7")))
        stay_s = random.expovariate(1 / 240)
        if random.random() < 0.1:
            button = panel.replace("presence_button", "sos_button")
            timeline.after(stay_s / 2, partial(self._say, button, "help_call", True))
        if random.random() < 0.9:  # else forgotten
            timeline.after(stay_s, partial(self._say, panel, "staff_present", False))

    def _say(self, device: str, signal: str, value: bool | str) -> None:
        world = self._world
        if not world.calm:
            world.story.tell("{} says {} {}", device, signal, value)
            world.say(world.datum(device, signal, value))
