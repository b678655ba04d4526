"""The registry as one immutable value, as the programs keep it in memory and as a local file."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any

import msgspec

from ingest.wire.signals import Kind


class Site(msgspec.Struct, frozen=True, kw_only=True):
    """A place under one roof: a nursing home or a private home. ``shard`` never changes."""

    site_id: str
    name: str
    shard: int
    kind: str = "nursing_home"  # or private_home
    timezone: str = "Asia/Shanghai"
    address: str = ""
    thresholds: dict[str, dict[str, Any]] = {}  # Any: rule -> parameter -> number or text


class Zone(msgspec.Struct, frozen=True, kw_only=True):
    """A floor or a ward of a site."""

    zone_id: str
    site_id: str
    name: str


class Room(msgspec.Struct, frozen=True, kw_only=True):
    """A room; ``thresholds`` override the site's."""

    room_id: str
    site_id: str
    name: str
    zone_id: str | None = None
    thresholds: dict[str, dict[str, Any]] = {}  # Any: as Site.thresholds


class Resident(msgspec.Struct, frozen=True, kw_only=True):
    """A person who lives at a site; ``away`` while in hospital or travelling."""

    resident_id: str
    site_id: str
    name: str
    room_id: str | None = None
    birth_year: int | None = None
    needs: str = ""
    away: bool = False


class Contact(msgspec.Struct, frozen=True, kw_only=True):
    """A person to be told about a resident, or about a site where ``resident_id`` is None; lowest ``rank`` first."""

    contact_id: str
    site_id: str
    name: str
    resident_id: str | None = None
    relation: str = ""
    phone: str = ""
    webhook: str = ""
    rank: int = 1


class Gateway(msgspec.Struct, frozen=True, kw_only=True):
    """The box at a site that speaks for its devices; its id is its MQTT username."""

    gateway_id: str
    site_id: str
    name: str = ""
    revoked: bool = False


class Device(msgspec.Struct, frozen=True, kw_only=True):
    """A sensor or a button.

    ``number`` stands for the device in arrays and in the readings' tables. ``native`` is ``family:name`` as the adapter
    sees it (``zigbee2mqtt:SOS bedroom``). ``profile`` names its rules (alarms/core/profiles).
    """

    device_id: str
    number: int
    site_id: str
    gateway_id: str
    kind: Kind
    profile: str
    name: str = ""
    native: str = ""
    room_id: str | None = None
    resident_id: str | None = None
    out_of_service: bool = False
    thresholds: dict[str, dict[str, Any]] = {}  # Any: as Site.thresholds


class User(msgspec.Struct, frozen=True, kw_only=True):
    """An account of the console; ``site_ids`` empty means every site."""

    user_id: str
    name: str
    role: str
    password_hash: str = ""
    language: str = "zh"
    site_ids: tuple[str, ...] = ()
    disabled: bool = False


class Registry(msgspec.Struct, frozen=True, kw_only=True, dict=True):
    """Everything, at one version."""

    version: int = 0
    sites: tuple[Site, ...] = ()
    zones: tuple[Zone, ...] = ()
    rooms: tuple[Room, ...] = ()
    residents: tuple[Resident, ...] = ()
    contacts: tuple[Contact, ...] = ()
    gateways: tuple[Gateway, ...] = ()
    devices: tuple[Device, ...] = ()
    users: tuple[User, ...] = ()

    @cached_property
    def site(self) -> Mapping[str, Site]:
        return {site.site_id: site for site in self.sites}

    @cached_property
    def zone(self) -> Mapping[str, Zone]:
        return {zone.zone_id: zone for zone in self.zones}

    @cached_property
    def room(self) -> Mapping[str, Room]:
        return {room.room_id: room for room in self.rooms}

    @cached_property
    def resident(self) -> Mapping[str, Resident]:
        return {resident.resident_id: resident for resident in self.residents}

    @cached_property
    def gateway(self) -> Mapping[str, Gateway]:
        return {gateway.gateway_id: gateway for gateway in self.gateways}

    @cached_property
    def device(self) -> Mapping[str, Device]:
        return {device.device_id: device for device in self.devices}

    @cached_property
    def device_numbered(self) -> Mapping[int, Device]:
        return {device.number: device for device in self.devices}

    @cached_property
    def user(self) -> Mapping[str, User]:
        return {user.user_id: user for user in self.users}

    def contacts_of(self, site_id: str, resident_id: str | None) -> list[Contact]:
        """The resident's contacts, then the site's own, each by rank."""
        own = [c for c in self.contacts if resident_id is not None and c.resident_id == resident_id]
        general = [c for c in self.contacts if c.site_id == site_id and c.resident_id is None]
        return sorted(own, key=lambda c: c.rank) + sorted(general, key=lambda c: c.rank)
