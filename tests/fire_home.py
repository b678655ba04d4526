"""A home with a kitchen, a bathroom, a bedroom and a second floor: for stories about fire alarms that wait."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import msgspec

from ingest.registry.model import Device, Doorway, Gateway, Output, Registry, Room, Site, Zone
from ingest.wire.signals import Kind
from tests.alarm_stories import Desk

NOON = datetime(2026, 3, 1, 4, 0, tzinfo=UTC)  # 12:00 in Shanghai
NIGHT = datetime(2026, 3, 1, 15, 0, tzinfo=UTC)  # 23:00

_ROOMS = (("kitchen", "ground"), ("corridor", "ground"), ("bedroom", "ground"), ("bathroom", "upper"))
_DEVICES = (
    ("kitchen-smoke", "smoke_alarm", "kitchen"),
    ("kitchen-heat", "heat_alarm", "kitchen"),
    ("corridor-smoke", "smoke_alarm", "corridor"),
    ("corridor-button", "smoke_alarm", "corridor"),
    ("bedroom-smoke", "smoke_alarm", "bedroom"),
    ("bathroom-smoke", "smoke_alarm", "bathroom"),
    ("store-smoke", "smoke_alarm", "store"),
)


def fire_home(**of_site: Any) -> Registry:
    """The registry; ``store`` is a room of which nobody has said what it is for."""
    return Registry(
        version=1,
        sites=(Site(site_id="pine", name="Pine", shard=7, **of_site),),
        zones=tuple(Zone(zone_id=zone, site_id="pine", name=zone) for zone in ("ground", "upper")),
        rooms=(
            *(Room(room_id=use, site_id="pine", name=use, use=use, zone_id=zone) for use, zone in _ROOMS),
            Room(room_id="store", site_id="pine", name="store", zone_id="ground"),
        ),
        gateways=(Gateway(gateway_id="gw-pine", site_id="pine"),),
        devices=tuple(
            Device(
                device_id=device_id,
                number=number,
                site_id="pine",
                gateway_id="gw-pine",
                kind=Kind.FIRE,
                profile=profile,
                native=f"zigbee2mqtt:{device_id}",
                room_id=room,
            )
            for number, (device_id, profile, room) in enumerate(_DEVICES, 1)
        ),
    )


_OUTPUTS = (
    ("siren", "siren", None, None, ""),
    ("doors-ground", "door_release", "ground", None, ""),
    ("doors-upper", "door_release", "upper", None, ""),
    ("kitchen-gas", "gas_shut", None, "kitchen", ""),
    ("kitchen-power", "power_cut", None, "kitchen", ""),
    ("bedroom-power", "power_cut", None, "bedroom", "制氧机"),
    ("main-water", "water_shut", None, None, ""),
)


def linked_home() -> Registry:
    """The same home with what a fire switches."""
    outputs = tuple(
        Output(
            output_id=output_id,
            site_id="pine",
            name=output_id,
            does=does,
            gateway_id="gw-pine",
            native=f"zigbee2mqtt:{output_id}",
            zone_id=zone,
            room_id=room,
            feeds=feeds,
        )
        for output_id, does, zone, room, feeds in _OUTPUTS
    )
    return msgspec.structs.replace(fire_home(), outputs=outputs)


def with_stair() -> Registry:
    """The same home, and a stair leads from the corridor up into the bathroom."""
    stair = Doorway(doorway_id="stair", site_id="pine", name="stair", room_id="bathroom", other_room_id="corridor")
    return msgspec.structs.replace(fire_home(), doorways=(stair,))


class FireDesk(Desk):
    """A desk of this home at noon."""

    def __init__(self, registry: Registry | None = None, now: datetime = NOON) -> None:
        super().__init__(registry if registry is not None else fire_home())
        self.now = self.began = now

    def of(self, device: str) -> Any:
        """The one open alarm of a device."""
        (alarm,) = [alarm for alarm in self.open if alarm.identity.device_id == device]
        return alarm

    @property
    def sirens(self) -> list[tuple[str, bool]]:
        """What the gateway was told to do with its siren: (device, on)."""
        commands = [body for topic, body in self.messages if topic.endswith("/down/cmd")]
        return [(body["device_id"], body["on"]) for body in commands if body["cmd"] == "siren"]


def without_uses(registry: Registry) -> Registry:
    """Nobody has said what the rooms are for."""
    rooms = tuple(msgspec.structs.replace(room, use=None) for room in registry.rooms)
    return msgspec.structs.replace(registry, rooms=rooms)
