"""Equipment: batteries run low, covers are opened, the mains fail, technicians test."""

from __future__ import annotations

from tests.simulation.world import World

_FAULTS = ("battery_low", "tamper", "device_fault", "sensor_fault", "leak")


def begin(world: World) -> None:
    """Let things break."""
    equipment = Equipment(world)
    world.timeline.often(world.weather.equipment_faults, equipment.fault)
    world.timeline.often(world.weather.equipment_faults / 30, equipment.power_cut)
    world.timeline.often(world.weather.equipment_faults / 10, equipment.technician)


class Equipment:
    """All devices."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._devices = world.registry.devices

    def fault(self) -> None:
        """Something is wrong with one device for a while; some are never mended."""
        random, timeline = self._world.random, self._world.timeline
        device, signal = random.choice(self._devices).device_id, random.choice(_FAULTS)
        self._say([device], signal, on=True)
        if random.random() < 0.9:
            timeline.after(random.expovariate(1 / 7200), lambda: self._say([device], signal, on=False))

    def power_cut(self) -> None:
        """All devices of a gateway say so in one pack."""
        random, timeline = self._world.random, self._world.timeline
        gateway = random.choice(self._devices).gateway_id
        devices = [one.device_id for one in self._devices if one.gateway_id == gateway]
        self._say(devices, "mains_fail", on=True)
        timeline.after(random.uniform(10, 3600), lambda: self._say(devices, "mains_fail", on=False))

    def technician(self) -> None:
        """A detector in test smokes and calls nobody; the end of the test may be forgotten."""
        world, random = self._world, self._world.random
        if world.calm:
            return
        device = random.choice(world.devices("smoke_alarm"))
        world.story.tell("{} is being tested", device)
        world.say(world.datum(device, "test", True), world.datum(device, "smoke", True))
        world.timeline.after(20, lambda: self._say([device], "smoke", on=False))
        if random.random() < 0.8:
            world.timeline.after(60, lambda: self._say([device], "test", on=False))

    def _say(self, devices: list[str], signal: str, *, on: bool) -> None:
        world = self._world
        if not world.calm:
            shown = devices[0] if len(devices) == 1 else f"{len(devices)} devices"
            world.story.tell("{} says {} {}", shown, signal, on)
            world.say(*(world.datum(device, signal, on) for device in devices))
