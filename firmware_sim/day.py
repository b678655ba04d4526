"""A day of a place on the stage: what its people do becomes what its devices notice."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from firmware_sim.firmware.device import NativeMessage
from firmware_sim.firmware.senml import SenmlDevice
from firmware_sim.firmware.shelly import ShellyMeter
from firmware_sim.firmware.wearable import Posture, Wearable
from firmware_sim.firmware.zigbee2mqtt import ZigbeeButton, ZigbeeDevice, ZigbeeMotion
from firmware_sim.people import Act, Moment, draw_habits, plan_day
from firmware_sim.places import DeviceSpec, Place, ResidentSpec
from firmware_sim.stage import Stage

DOOR_OPEN_S = 6.0


def play_day(
    stage: Stage,
    place: Place,
    *,
    from_s: float,
    until_s: float,
    presses: bool,
    wanderer: str | None = None,
    day: int = 0,
) -> None:
    """Cue the acts between two times of the day; the stage's time is seconds since midnight of day 0.

    ``presses`` False leaves the call buttons alone. ``wanderer`` is the resident who walks out at night.
    """
    for index, resident in enumerate(place.residents):
        rng = np.random.default_rng([int(stage.rng.integers(2**32)), index, day])
        habits = draw_habits(rng, wanders=resident.resident_id == wanderer)
        person = _Person(stage, place, resident)
        for moment in plan_day(habits, rng):
            if from_s <= moment.at_s < until_s and (presses or moment.act is not Act.PRESS):
                person.cue(moment, moment.at_s + day * 86_400.0 - stage.start)
    for meter in place.only("meter"):
        _loads(stage, place, meter, from_s + day * 86_400.0, until_s + day * 86_400.0)


class _Person:
    """Finds the devices that notice one resident."""

    def __init__(self, stage: Stage, place: Place, resident: ResidentSpec) -> None:
        self._stage = stage
        self._place = place
        self._resident = resident
        self._own = [d for d in place.devices if d.room_id == resident.room_id]
        bathrooms = {room.room_id for room in place.rooms if room.use == "bathroom"}
        self._bathroom = [d for d in place.devices if d.room_id in bathrooms]
        self._others = [d for d in place.devices if d.room_id not in {resident.room_id, *bathrooms}]

    def cue(self, moment: Moment, after_s: float) -> None:
        act = moment.act
        if act in (Act.LIE_DOWN, Act.GET_UP):
            self._bed(after_s, lies=act is Act.LIE_DOWN)
        elif act is Act.MOVE:
            self._move(after_s, self._first(self._own, "motion_sensor"))
        elif act is Act.MOVE_BATHROOM:
            self._move(after_s, self._first(self._bathroom, "motion_sensor"))
        elif act is Act.MOVE_SHARED:
            self._move(after_s, self._first(self._others, "motion_sensor"))
        elif act is Act.DOOR:
            self._door(after_s, self._first(self._own, "door_contact"))
        elif act is Act.EXIT:
            self._door(after_s, self._first(self._others, "entrance_door", "door_contact"))
        elif act is Act.PRESS:
            press(self._stage, self._place, self._first(self._own, "sos_button"), after_s, self._resident.name)
        elif act in (Act.SIT, Act.WALK):
            self._posture(after_s, Posture.SITTING if act is Act.SIT else Posture.WALKING)

    def _first(self, devices: list[DeviceSpec], *profiles: str) -> DeviceSpec | None:
        return next((device for device in devices if device.profile in profiles), None)

    def _bed(self, after_s: float, *, lies: bool) -> None:
        bed = self._first(self._own, "bed_sensor")
        if bed is not None:
            self._stage.cue(after_s, bed, SenmlDevice, lambda pad, now: pad.report(now, bed_occupied=lies))
        self._posture(after_s, Posture.LYING if lies else Posture.SITTING)

    def _move(self, after_s: float, sensor: DeviceSpec | None) -> None:
        if sensor is not None:
            self._stage.cue(after_s, sensor, ZigbeeMotion, lambda motion, now: motion.move(now))

    def _door(self, after_s: float, door: DeviceSpec | None) -> None:
        if door is not None:
            walk_through(self._stage, door, after_s)

    def _posture(self, after_s: float, posture: Posture) -> None:
        worn = next((d for d in self._place.only("wearable") if d.resident_id == self._resident.resident_id), None)
        if worn is not None:
            self._stage.cue(after_s, worn, Wearable, _takes(posture))


def press(stage: Stage, place: Place, button: DeviceSpec | None, after_s: float, who: str) -> None:
    """Somebody presses a call button, and a help call must come."""
    if button is None:
        return
    stage.cue(after_s, button, ZigbeeButton, lambda firmware, now: firmware.press(now))
    stage.expect(f"help call of {who}", after_s, place, "help_call", device=button)


def walk_through(stage: Stage, door: DeviceSpec, after_s: float) -> None:
    """Somebody opens a door, and it is closed ``DOOR_OPEN_S`` later."""
    stage.cue(after_s, door, ZigbeeDevice, _changes(contact=False))
    stage.cue(after_s + DOOR_OPEN_S, door, ZigbeeDevice, _changes(contact=True))


def _changes(**fields: bool) -> Callable[[ZigbeeDevice, float], list[NativeMessage]]:
    return lambda device, now: device.report(now, **fields)


def _takes(posture: Posture) -> Callable[[Wearable, float], list[NativeMessage]]:
    def act(wearable: Wearable, now: float) -> list[NativeMessage]:
        del now
        wearable.posture = posture
        return []

    return act


def _loads(stage: Stage, place: Place, meter: DeviceSpec, from_s: float, until_s: float) -> None:
    """The load follows the hours; it changes every ten minutes or so."""
    people = max(1, len(place.residents) // max(1, len(place.only("meter"))))
    at_s = from_s
    while at_s < until_s:
        hour = at_s / 3600 % 24
        base_w = 90.0 + 60.0 * people
        meal_w = 900.0 * people**0.7 * sum(np.exp(-(((hour - meal) / 0.6) ** 2)) for meal in (7.2, 11.3, 17.3))
        evening_w = 120.0 * people * float(np.exp(-(((hour - 19.5) / 1.5) ** 2)))
        watts = float((base_w + meal_w + evening_w) * stage.rng.uniform(0.85, 1.2))
        stage.cue(at_s - stage.start, meter, ShellyMeter, _draws(round(watts, 1)))
        at_s += float(stage.rng.uniform(400, 800))


def _draws(watts: float) -> Callable[[ShellyMeter, float], list[NativeMessage]]:
    return lambda meter, now: meter.draw(now, watts)
