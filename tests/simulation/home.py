"""The home: rooms, residents, devices, gateways, contacts, carers and rotas, as the product's registry knows them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from random import Random

import msgspec

from ingest.registry.family_model import Consent, FamilyWish, Share
from ingest.registry.model import (
    Contact,
    Device,
    Gateway,
    Output,
    Policy,
    PolicyStep,
    Reach,
    Registry,
    Resident,
    Room,
    Rota,
    RotaLayer,
    Site,
    User,
    Zone,
)
from ingest.wire.signals import Kind
from tests.simulation.weather import Weather

SITE = "pine"
SHARD = 7
DUTY = ("http://duty.example/desk",)
_LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)


def build(weather: Weather, random: Random) -> Registry:
    """A nursing home of ``weather.rooms`` rooms."""
    gateways = [f"gw-{number}" for number in range(1, weather.gateways + 1)]
    floors = tuple(Zone(zone_id=f"floor{n}", site_id=SITE, name=f"{n}F") for n in (1, 2, 3))
    rooms: list[Room] = []
    residents: list[Resident] = []
    contacts: list[Contact] = []
    devices: list[Device] = []
    for number in range(weather.rooms):
        floor = number % 3 + 1
        name = f"{floor}{number // 3 + 1:02d}"
        use = _USES[number % len(_USES)]
        room = Room(room_id=f"r{name}", site_id=SITE, name=name, zone_id=f"floor{floor}", use=use)
        resident = Resident(resident_id=f"res{name}", site_id=SITE, name=f"王{name}", room_id=room.room_id)
        rooms.append(room)
        residents.append(resident)
        if random.random() < 0.6:
            contacts.append(_contact(resident))
        gateway_id = gateways[number % len(gateways)]
        for kind, profile in _KINDS:
            devices.append(
                Device(
                    device_id=f"{profile}-{name}",
                    number=len(devices) + 1,
                    site_id=SITE,
                    gateway_id=gateway_id,
                    kind=kind,
                    profile=profile,
                    name=f"{profile} {name}",
                    room_id=room.room_id,
                    resident_id=resident.resident_id if profile == "pendant" else None,
                )
            )
    carers = [f"carer-{number}" for number in range(1, weather.carers + 1)]
    return Registry(
        version=1,
        sites=(Site(site_id=SITE, name="青松养老院", shard=SHARD, timezone=weather.zone),),
        zones=floors,
        rooms=tuple(rooms),
        residents=tuple(residents),
        contacts=tuple(contacts),
        gateways=tuple(Gateway(gateway_id=gateway_id, site_id=SITE) for gateway_id in gateways),
        devices=tuple(devices),
        outputs=tuple(_outputs(gateways)),
        users=tuple(User(user_id=carer, name=carer, role="carer") for carer in carers),
        reaches=tuple(reach for carer in carers for reach in _reaches(carer, random)),
        rotas=(_rota(weather, carers, random),) if random.random() < 0.7 else (),
        policies=_policies(random),
    )


def with_families(registry: Registry, random: Random) -> Registry:
    """Most contacts with an account, a phone, wishes, and some of what their resident may share."""
    chosen = [contact for contact in registry.contacts if random.random() < 0.7]
    if not chosen:
        return registry
    accounts = {contact.contact_id: f"account-{contact.contact_id}" for contact in chosen}
    return msgspec.structs.replace(
        registry,
        contacts=tuple(
            msgspec.structs.replace(contact, user_id=accounts.get(contact.contact_id)) for contact in registry.contacts
        ),
        users=(*registry.users, *(User(user_id=one, name=one, role="family") for one in accounts.values())),
        reaches=(
            *registry.reaches,
            *(
                Reach(
                    person=f"contact:{contact_id}",
                    rank=1,
                    channel="push",
                    address=f"push://{contact_id}",
                    answered_at=_LONG_AGO,
                )
                for contact_id in accounts
                if random.random() < 0.8
            ),
        ),
        consents=tuple(
            Consent(
                resident_id=contact.resident_id or "",
                contact_id=contact.contact_id,
                share=share,
                given=random.random() < 0.8,
                by="resident",
                recorded_by="office",
                at=_LONG_AGO,
            )
            for contact in chosen
            for share in Share
        ),
        family_wishes=tuple(_wish(user_id, random) for user_id in accounts.values()),
    )


def _wish(user_id: str, random: Random) -> FamilyWish:
    quiet = (time(22), time(7)) if random.random() < 0.5 else (None, None)
    digest_at = random.choice((None, time(8), time(20)))
    return FamilyWish(user_id=user_id, quiet_from=quiet[0], quiet_to=quiet[1], digest_at=digest_at)


_USES = ("bedroom", "kitchen", None, "corridor", "bathroom")
_KINDS = (
    (Kind.BUTTON, "sos_button"),
    (Kind.WEARABLE, "pendant"),
    (Kind.FIRE, "smoke_alarm"),
    (Kind.WATER, "leak_sensor"),
    (Kind.BUTTON, "presence_button"),
)


def _reaches(carer: str, random: Random) -> list[Reach]:
    """Up to three channels; not each was ever answered, and some people limit what they get."""
    return [
        Reach(
            person=f"user:{carer}",
            rank=rank,
            channel=channel,
            address=f"{channel}://{carer}",
            answered_at=_LONG_AGO if random.random() < 0.9 else None,
            hourly_limit=random.choice((None, None, 20)),
        )
        for rank, channel in enumerate(_CHANNELS[: random.randint(1, 3)], start=1)
    ]


def _outputs(gateways: list[str]) -> Iterator[Output]:
    """A siren for all, doors and power by floor; on the third floor somebody needs oxygen."""
    floors = [
        (does, f"floor{n}", "oxygen" if does == "power_cut" and n == 3 else "") for does in _DOES for n in (1, 2, 3)
    ]
    for does, zone_id, feeds in (("siren", None, ""), *floors):
        yield Output(
            output_id=f"{does}-{zone_id}",
            site_id=SITE,
            name=does,
            does=does,
            gateway_id=gateways[0],
            native=f"zigbee2mqtt:{does}",
            zone_id=zone_id,
            feeds=feeds,
        )


_DOES = ("door_release", "power_cut")
_CHANNELS = ("push", "sms", "chat")


def _rota(weather: Weather, carers: list[str], random: Random) -> Rota:
    """Days and nights; sometimes nobody is there at night."""
    members = tuple(f"user:{carer}" for carer in carers)
    starts_on = (weather.start - timedelta(days=30)).date()
    day = RotaLayer(members=members, starts_on=starts_on, turn_days=1, begin=time(8), end=time(20))
    night = RotaLayer(members=members[::-1], starts_on=starts_on, turn_days=7, begin=time(20), end=time(8))
    return Rota(rota_id="main", site_id=SITE, name="main", layers=(day, night) if random.random() < 0.7 else (day,))


def _policies(random: Random) -> tuple[Policy, ...]:
    """The defaults, a quick policy for calls, or one that asks for two people at a fire."""
    quick = Policy(
        policy_id="quick",
        name="quick",
        site_id=SITE,
        kinds=("help_call",),
        steps=(PolicyStep(after_s=0, who=("duty",)), PolicyStep(after_s=5, who=("everyone", "contacts"))),
        repeat_s=20,
        return_s=60,
        hand_over_s=10,
    )
    two = Policy(
        policy_id="two",
        name="two",
        site_id=SITE,
        kinds=("fire",),
        steps=(PolicyStep(after_s=0, who=("everyone",)),),
        repeat_s=30,
        return_s=300,
        acknowledgements=2,
    )
    return tuple(one for one in (quick, two) if random.random() < 0.3)


def _contact(resident: Resident) -> Contact:
    return Contact(
        contact_id=f"kin-{resident.resident_id}",
        site_id=SITE,
        resident_id=resident.resident_id,
        name="王丽",
        relation="女儿",
        webhook=f"http://kin.example/{resident.resident_id}",
    )
