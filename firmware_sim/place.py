"""A place as plain data: ids, names, rooms, residents, contacts and devices, for whoever fills a registry."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from ingest.wire.signals import Kind


class PlaceKind(StrEnum):
    """What a place is; the values are those of the registry's ``Site.kind``."""

    NURSING_HOME = "nursing_home"
    PRIVATE_HOME = "private_home"


@dataclass(frozen=True, slots=True, kw_only=True)
class ZoneSpec:
    """A floor."""

    zone_id: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomSpec:
    """A room on a floor; ``zone_id`` is None in a private home, ``use`` is the registry's word."""

    room_id: str
    name: str
    zone_id: str | None = None
    use: str | None = None
    thresholds: dict[str, dict[str, Any]] = field(default_factory=dict)  # Any: rule -> parameter -> number or text


@dataclass(frozen=True, slots=True, kw_only=True)
class ResidentSpec:
    """A person who lives here."""

    resident_id: str
    name: str
    room_id: str
    birth_year: int
    needs: str = ""
    medication: str = ""
    keys: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactSpec:
    """A person to call; ``resident_id`` is None for the place's own staff or neighbours."""

    contact_id: str
    name: str
    relation: str
    phone: str
    resident_id: str | None = None
    rank: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceSpec:
    """A device; ``native`` is ``family:name`` as the gateway's adapter sees it, ``profile`` names its rules."""

    device_id: str
    name: str
    native: str
    kind: Kind
    profile: str
    room_id: str | None = None
    resident_id: str | None = None
    thresholds: dict[str, dict[str, Any]] = field(default_factory=dict)  # Any: as RoomSpec.thresholds

    @property
    def family(self) -> str:
        return self.native.partition(":")[0]

    @property
    def native_name(self) -> str:
        return self.native.partition(":")[2]


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """One site with its one gateway and everything behind it."""

    site_id: str
    name: str
    kind: PlaceKind
    shard: int
    gateway_id: str
    address: str = ""
    thresholds: dict[str, dict[str, Any]] = field(default_factory=dict)  # Any: as RoomSpec.thresholds
    zones: tuple[ZoneSpec, ...] = ()
    rooms: tuple[RoomSpec, ...] = ()
    residents: tuple[ResidentSpec, ...] = ()
    contacts: tuple[ContactSpec, ...] = ()
    devices: tuple[DeviceSpec, ...] = ()

    def device(self, device_id: str) -> DeviceSpec:
        return next(device for device in self.devices if device.device_id == device_id)

    def in_room(self, room_id: str, profile: str) -> DeviceSpec:
        """The first device of ``profile`` in a room."""
        return next(device for device in self.devices if device.room_id == room_id and device.profile == profile)

    def worn_by(self, resident_id: str, profile: str) -> DeviceSpec:
        """The first device of ``profile`` that belongs to a resident."""
        return next(d for d in self.devices if d.resident_id == resident_id and d.profile == profile)

    def only(self, *profiles: str) -> tuple[DeviceSpec, ...]:
        """The devices of these profiles, in order."""
        return tuple(device for device in self.devices if device.profile in profiles)
