"""A stage: devices of some places on simulated time, cues that make something happen, alarms that are then expected.

Pure: the same places, seed and cues give the same messages. ``firmware_sim.run`` carries them to a broker.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from firmware_sim.errors import SimulatorError
from firmware_sim.firmware.build import firmware_for
from firmware_sim.firmware.device import Firmware, NativeMessage, Timeline
from firmware_sim.firmware.shelly import ShellyDevice
from firmware_sim.firmware.zigbee2mqtt import bridge_offline, bridge_online
from firmware_sim.places import DeviceSpec, Place

Model = TypeVar("Model", bound=Firmware)


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A native MQTT connection: one per hub, one per device that speaks for itself."""

    gateway_id: str
    name: str
    will: NativeMessage | None = None


@dataclass(frozen=True, slots=True)
class Send:
    """A message on its way over a link; a broken link connects again for it."""

    link: Link
    message: NativeMessage


@dataclass(frozen=True, slots=True)
class Break:
    """The link breaks without a goodbye: its last will is told."""

    link: Link


@dataclass(frozen=True, slots=True, kw_only=True)
class GatewayState:
    """A gateway's uplink comes or breaks; only for scenarios that play the gateway itself."""

    place: Place
    online: bool


Doing = Send | Break | GatewayState


@dataclass(frozen=True, slots=True, kw_only=True)
class Expectation:
    """An alarm that must come within ``within_s`` of the world after the cue at ``at_s`` of the stage.

    Any of the kinds will do; device, room, resident and subject narrow it down where given.
    """

    what: str
    site_id: str
    kinds: tuple[str, ...]
    at_s: float
    within_s: float
    device_id: str | None = None
    room_id: str | None = None
    resident_id: str | None = None
    subject: str | None = None


class Stage:
    """The places' devices and what happens to them; ``start`` is the simulated time of its beginning.

    ``owned`` True plays whole homes: hubs and devices say hello and have last wills. False lends a hand to a home
    that lives already: only what a cue makes a device say is sent.
    """

    def __init__(self, places: Sequence[Place], timeline: Timeline, seed: int, *, owned: bool) -> None:
        self.places = list(places)
        self.timeline = timeline
        self.start = timeline.simulated_s
        self.rng = np.random.default_rng(seed)
        self.expectations: list[Expectation] = []
        self.last_cue_at = self.start
        self._owned = owned
        self._order = 0
        self._due: list[tuple[float, int, Callable[[float], list[Doing]]]] = []
        self._stepped: dict[str, float] = {}
        self._awake: set[str] = set()
        self._touched: set[str] = set()
        self._place_of = {device.device_id: place for place in places for device in place.devices}
        self._spec = {device.device_id: device for place in places for device in place.devices}
        self._firmware: dict[str, Firmware] = {}
        for device in self._spec.values():
            self._firmware[device.device_id] = firmware_for(device, timeline, seed)
        if owned:
            self.at(0.0, self._boot_all)

    @property
    def next_at(self) -> float:
        """When something happens next; infinity when nothing ever will."""
        return self._due[0][0] if self._due else float("inf")

    def site(self, site_id: str) -> Place:
        """The place with this id.

        Raises
        ------
        SimulatorError
            It is not on the stage.
        """
        for place in self.places:
            if place.site_id == site_id:
                return place
        raise SimulatorError(f"the scenario needs the place {site_id!r}, which is not there")

    def model(self, device: DeviceSpec, of: type[Model]) -> Model:
        """The firmware of ``device``."""
        firmware = self._firmware[device.device_id]
        if not isinstance(firmware, of):
            raise SimulatorError(f"{device.device_id} is a {type(firmware).__name__}, not a {of.__name__}")
        return firmware

    def at(self, after_s: float, act: Callable[[float], list[Doing]]) -> None:
        """Let ``act`` happen ``after_s`` simulated seconds after the start."""
        self._push(self.start + after_s, act)

    def cue(
        self, after_s: float, device: DeviceSpec, of: type[Model], act: Callable[[Model, float], list[NativeMessage]]
    ) -> None:
        """Let something happen to a device; what it then says is sent."""
        self.last_cue_at = max(self.last_cue_at, self.start + after_s)
        self._touched.add(device.device_id)
        self.at(after_s, lambda now: self._say(device.device_id, act(self.model(device, of), now)))

    def expect(
        self,
        what: str,
        after_s: float,
        place: Place,
        *kinds: str,
        within_s: float = 5.0,
        device: DeviceSpec | None = None,
        room_id: str | None = None,
        resident_id: str | None = None,
        subject: str | None = None,
    ) -> None:
        """Name an alarm that must follow the cue at ``after_s``."""
        self.expectations.append(
            Expectation(
                what=what,
                site_id=place.site_id,
                kinds=kinds,
                at_s=self.start + after_s,
                within_s=within_s,
                device_id=device.device_id if device else None,
                room_id=room_id,
                resident_id=resident_id,
                subject=subject,
            )
        )
        self.last_cue_at = max(self.last_cue_at, self.start + after_s)

    def concerns(self, site_id: str, room_id: str | None, device_id: str) -> bool:
        """True when an alarm there is this stage's doing.

        A stage that owns its homes answers for all of them; one that lends a hand for the devices that it touches and
        for their rooms, because the rest of the home has a life of its own.
        """
        if self._owned:
            return any(place.site_id == site_id for place in self.places)
        rooms = {self._spec[touched].room_id for touched in self._touched} - {None}
        return device_id in self._touched or room_id in rooms

    def break_link(self, after_s: float, device: DeviceSpec) -> None:
        """The device's connection breaks: its last will is told."""
        self.at(after_s, lambda _now: [Break(self.link(device))])

    def wake(self, after_s: float, device: DeviceSpec) -> None:
        """Let a device live from here on, also on a stage that owns no homes."""

        def boot(now: float) -> list[Doing]:
            self._awake.add(device.device_id)
            return self._say(device.device_id, self._firmware[device.device_id].boot(now))

        self.at(after_s, boot)

    def act(self, after_s: float, doing: Doing) -> None:
        """Something that no device does."""
        self.at(after_s, lambda _now: [doing])

    def link(self, device: DeviceSpec) -> Link:
        """The connection that speaks for a device."""
        gateway_id = self._place_of[device.device_id].gateway_id
        if not self._owned:
            return Link(gateway_id=gateway_id, name="hand")
        firmware = self._firmware[device.device_id]
        if isinstance(firmware, ShellyDevice):
            return Link(gateway_id=gateway_id, name=firmware.name, will=firmware.will())
        if device.family == "zigbee2mqtt":
            return Link(gateway_id=gateway_id, name="zigbee2mqtt", will=bridge_offline())
        return Link(gateway_id=gateway_id, name="canonical")

    def advance(self, now: float) -> list[Doing]:
        """Everything that is due by ``now``, in order."""
        doings: list[Doing] = []
        while self._due and self._due[0][0] <= now:
            at, _, act = heapq.heappop(self._due)
            doings.extend(act(at))
        return doings

    def _boot_all(self, now: float) -> list[Doing]:
        doings: list[Doing] = []
        for place in self.places:
            if any(device.family == "zigbee2mqtt" for device in place.devices):
                hub = Link(gateway_id=place.gateway_id, name="zigbee2mqtt", will=bridge_offline())
                doings.append(Send(hub, bridge_online()))
            for device in place.devices:
                doings.extend(self._say(device.device_id, self._firmware[device.device_id].boot(now)))
        return doings

    def _say(self, device_id: str, messages: Sequence[NativeMessage]) -> list[Doing]:
        if self._owned or device_id in self._awake:
            self._schedule(device_id)
        link = self.link(self._spec[device_id])
        return [Send(link, message) for message in messages]

    def _schedule(self, device_id: str) -> None:
        at = self._firmware[device_id].next_at
        if at < float("inf") and self._stepped.get(device_id) != at:
            self._stepped[device_id] = at
            self._push(at, lambda now: self._step(device_id, at, now))

    def _step(self, device_id: str, planned: float, now: float) -> list[Doing]:
        if self._stepped.get(device_id) != planned:
            return []  # a cue has moved the device's next moment
        del self._stepped[device_id]
        return self._say(device_id, self._firmware[device_id].step(now))

    def _push(self, at: float, act: Callable[[float], list[Doing]]) -> None:
        self._order += 1
        heapq.heappush(self._due, (at, self._order, act))
