"""Which devices tell what of a resident's day, from the registry."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace

from alarms.core.profiles import Profiles
from alarms.detect.homes import Homes
from ingest.registry.model import Device, Registry

_MOVES = frozenset({"motion_sensor", "door_contact", "entrance_door", "bed_sensor", "fall_radar"})
_TEMPERATURE = frozenset({"ambient", "motion_sensor"})
_COOKER = "cooker"
_LIVED_IN = frozenset({"bedroom", "living", "other", None})
_MISSED = 1.5
"""A device counts as heard for so many heartbeats after it spoke."""

_UNSUPERVISED_S = 43_200.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Sensor:
    """A device beside a resident.

    ``moves``: it tells movement; ``at_night``: also of being up, not of turning over in bed; ``bath`` and ``kitchen``:
    it does so there. ``lived_in``: it measures the temperature of a room that is lived in. ``hold_s``: for how long it
    counts as heard after it spoke.
    """

    resident_id: str
    number: int
    moves: bool
    at_night: bool
    bath: bool
    kitchen: bool
    lived_in: bool
    cooker: bool
    hold_s: float


COLUMNS: tuple[str, ...] = tuple(one.name for one in fields(Sensor))


def sensors_by_site(registry: Registry, profiles: Profiles) -> Mapping[str, Sequence[Sensor]]:
    """The sensors of every site, those of a resident together.

    Movement is somebody's only where one person lives; the cold and a cooker are a matter of all who live there.
    """
    homes, found = Homes(registry), defaultdict(list)
    for device in registry.devices:
        if device.out_of_service:
            continue
        alone = homes.of(device).resident_id
        for resident in homes.people_of(device):
            sensor = _sensor(registry, profiles, device, resident.resident_id, moves=resident.resident_id == alone)
            if sensor is not None:
                found[device.site_id].append(sensor)
    return {site_id: sorted(_up_at_night(own), key=_place) for site_id, own in found.items()}


def _sensor(registry: Registry, profiles: Profiles, device: Device, resident_id: str, *, moves: bool) -> Sensor | None:
    room = registry.room.get(device.room_id or "")
    use = room.use if room is not None else None
    profile = profiles.profile(device.profile)
    heartbeat_s = profile.heartbeat_s if profile is not None else None
    moves = moves and device.profile in _MOVES
    lived_in = device.profile in _TEMPERATURE and use in _LIVED_IN
    cooker = device.profile == _COOKER
    if not (moves or lived_in or cooker):
        return None
    return Sensor(
        resident_id=resident_id,
        number=device.number,
        moves=moves,
        at_night=moves and (use != "bedroom" or device.profile == "bed_sensor"),
        bath=moves and use == "bathroom",
        kitchen=moves and use == "kitchen",
        lived_in=lived_in,
        cooker=cooker,
        hold_s=heartbeat_s * _MISSED if heartbeat_s is not None else _UNSUPERVISED_S,
    )


def _up_at_night(sensors: Sequence[Sensor]) -> Sequence[Sensor]:
    """Where nothing but the bedroom is watched, what moves there is all that can be told of a night."""
    seen = {one.resident_id for one in sensors if one.at_night}
    return [one if one.resident_id in seen else replace(one, at_night=one.moves) for one in sensors]


def _place(sensor: Sensor) -> tuple[str, int]:
    return sensor.resident_id, sensor.number
