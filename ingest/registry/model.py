"""The registry as one immutable value, as the programs keep it in memory and as a local file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time
from functools import cached_property
from typing import Any

import msgspec

from ingest.registry.family_model import CheckIn, Consent, FamilyWish
from ingest.registry.plan_model import FloorPlan
from ingest.registry.times import LocalTime, Moment
from ingest.wire.signals import Kind

WEBHOOK = "webhook"
PRIVATE_HOME = "private_home"
ROOM_USES = ("bedroom", "bathroom", "kitchen", "living", "corridor", "other")
OUTPUT_DOES = ("siren", "door_release", "gas_shut", "water_shut", "power_cut")
_SELF = ("本人", "self")
_ALWAYS_ANSWERED = datetime.fromtimestamp(0, UTC)


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
    """A room; ``use`` is one of ``ROOM_USES``, ``thresholds`` override the site's."""

    room_id: str
    site_id: str
    name: str
    zone_id: str | None = None
    use: str | None = None
    thresholds: dict[str, dict[str, Any]] = {}  # Any: as Site.thresholds


class Resident(msgspec.Struct, frozen=True, kw_only=True):
    """A person who lives at a site; ``away`` while in hospital or travelling, said last at ``away_at``.

    ``back_at`` is when signs of life ended that; None once somebody has said what is true. ``needs`` stands in their
    alarms; ``medication`` and ``keys`` (how to get in) only on their card.
    """

    resident_id: str
    site_id: str
    name: str
    room_id: str | None = None
    birth_year: int | None = None
    needs: str = ""
    medication: str = ""
    keys: str = ""
    away: bool = False
    away_at: Moment | None = None
    back_at: Moment | None = None


class Contact(msgspec.Struct, frozen=True, kw_only=True):
    """A person to be told about a resident, or about a site where ``resident_id`` is None; lowest ``rank`` first.

    ``user_id`` is their family account, over whose channels they are reached too.
    """

    contact_id: str
    site_id: str
    name: str
    resident_id: str | None = None
    relation: str = ""
    phone: str = ""
    webhook: str = ""
    rank: int = 1
    user_id: str | None = None

    @property
    def is_resident(self) -> bool:
        """Whether it is the resident's own entry: with an account of their own they answer check-ins themselves."""
        return self.relation.strip().lower() in _SELF


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


class Badge(msgspec.Struct, frozen=True, kw_only=True):
    """What staff show to a button in a room: an account's (``user_id``), or only called ``name``."""

    badge_id: str
    site_id: str
    name: str = ""
    user_id: str | None = None


class Output(msgspec.Struct, frozen=True, kw_only=True):
    """What a fire switches: ``does`` is one of ``OUTPUT_DOES``, ``native`` names the relay as ``Device.native`` does.

    For a room, a zone, or (both None) the whole site. ``feeds`` is what must not lose power through it.
    ``feedback_signal`` of ``feedback_device_id``, a device behind the same gateway, becomes ``feedback_on`` within
    ``feedback_s`` seconds when it has moved; None: nobody says so.
    """

    output_id: str
    site_id: str
    name: str
    does: str
    gateway_id: str
    native: str
    zone_id: str | None = None
    room_id: str | None = None
    feeds: str = ""
    feedback_device_id: str | None = None
    feedback_signal: str = ""
    feedback_on: bool = True
    feedback_s: float = 15.0


class Doorway(msgspec.Struct, frozen=True, kw_only=True):
    """A door between two rooms of a site, through which smoke gets from one into the other; the lesser id is first."""

    doorway_id: str
    site_id: str
    name: str
    room_id: str
    other_room_id: str


class Reach(msgspec.Struct, frozen=True, kw_only=True):
    """A way to reach a person (``user:{id}`` or ``contact:{id}``) over a channel; lowest ``rank`` first.

    It counts only since ``answered_at``, when somebody answered a test message, and no more since ``ended_at``, when
    its provider said that the address has ended for good. ``hourly_limit`` never holds back what is urgent.
    """

    person: str
    rank: int
    channel: str
    address: str
    language: str = "zh"
    answered_at: Moment | None = None
    hourly_limit: int | None = None
    ended_at: Moment | None = None
    ended_reason: str = ""

    @property
    def counts(self) -> bool:
        """Whether it is known to reach the person."""
        return self.answered_at is not None and self.ended_at is None


class RotaLayer(msgspec.Struct, frozen=True, kw_only=True):
    """People who take turns of ``turn_days`` from ``starts_on`` at ``hand_over``, local times of the site.

    In force from ``begin`` to ``end`` on ``weekdays`` (0 is Monday); an ``end`` that is not later is the next day's.
    """

    members: tuple[str, ...]
    starts_on: date
    hand_over: LocalTime = time(8)
    turn_days: int = 7
    begin: LocalTime = time(0)
    end: LocalTime = time(0)
    weekdays: tuple[int, ...] = (0, 1, 2, 3, 4, 5, 6)


class RotaOverride(msgspec.Struct, frozen=True, kw_only=True):
    """``person`` is on duty instead of one person, or instead of everyone (None)."""

    begins_at: Moment
    ends_at: Moment
    person: str
    instead_of: str | None = None


class Rota(msgspec.Struct, frozen=True, kw_only=True):
    """Who is on duty at a site, in the site's time zone (docs/rotas.md)."""

    rota_id: str
    site_id: str
    name: str
    layers: tuple[RotaLayer, ...] = ()
    overrides: tuple[RotaOverride, ...] = ()


class PolicyStep(msgspec.Struct, frozen=True, kw_only=True):
    """Told ``after_s`` seconds after the step before it.

    ``who``: ``duty`` (the site's rotas), ``duty:{rota_id}``, ``contacts``, ``everyone``, ``user:{id}``,
    ``contact:{id}``. ``channels``: only these, in this order; empty: each person's own order.
    """

    after_s: float
    who: tuple[str, ...]
    channels: tuple[str, ...] = ()


class Policy(msgspec.Struct, frozen=True, kw_only=True):
    """How alarms escalate: of a site (None: of every site), of some kinds and priorities (empty: of all).

    The last step repeats every ``repeat_s``, until ``acknowledgements`` people have taken the alarm. Unresolved, it
    comes back ``return_s`` later; None: never. A silent channel hands over to the person's next one after
    ``hand_over_s``.
    """

    policy_id: str
    name: str
    steps: tuple[PolicyStep, ...]
    repeat_s: float
    return_s: float | None
    site_id: str | None = None
    kinds: tuple[str, ...] = ()
    priorities: tuple[str, ...] = ()
    acknowledgements: int = 1
    hand_over_s: float = 20.0


class Window(msgspec.Struct, frozen=True, kw_only=True):
    """Planned work at a site, in a room or on a device: alarms of ``kinds`` tell nobody.

    Empty ``kinds`` are all but those that a person raises in need: calls for help and falls.
    """

    window_id: str
    site_id: str
    begins_at: Moment
    ends_at: Moment
    reason: str
    by: str
    kinds: tuple[str, ...] = ()
    room_id: str | None = None
    device_id: str | None = None


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
    reaches: tuple[Reach, ...] = ()
    rotas: tuple[Rota, ...] = ()
    policies: tuple[Policy, ...] = ()
    windows: tuple[Window, ...] = ()
    badges: tuple[Badge, ...] = ()
    consents: tuple[Consent, ...] = ()
    check_ins: tuple[CheckIn, ...] = ()
    family_wishes: tuple[FamilyWish, ...] = ()
    plans: tuple[FloorPlan, ...] = ()
    outputs: tuple[Output, ...] = ()
    doorways: tuple[Doorway, ...] = ()

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
    def contact(self) -> Mapping[str, Contact]:
        return {contact.contact_id: contact for contact in self.contacts}

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

    @cached_property
    def badge(self) -> Mapping[str, Badge]:
        return {badge.badge_id: badge for badge in self.badges}

    @cached_property
    def rota(self) -> Mapping[str, Rota]:
        return {rota.rota_id: rota for rota in self.rotas}

    @cached_property
    def policy(self) -> Mapping[str, Policy]:
        return {policy.policy_id: policy for policy in self.policies}

    @cached_property
    def window(self) -> Mapping[str, Window]:
        return {window.window_id: window for window in self.windows}

    @cached_property
    def family_wish(self) -> Mapping[str, FamilyWish]:
        return {wish.user_id: wish for wish in self.family_wishes}

    @cached_property
    def plan(self) -> Mapping[str, FloorPlan]:
        return {plan.plan_id: plan for plan in self.plans}

    @cached_property
    def output(self) -> Mapping[str, Output]:
        return {output.output_id: output for output in self.outputs}

    @cached_property
    def doorway(self) -> Mapping[str, Doorway]:
        return {doorway.doorway_id: doorway for doorway in self.doorways}

    @cached_property
    def reaches_of(self) -> Mapping[str, tuple[Reach, ...]]:
        """Every person's reaches by rank, also those that do not count yet.

        A contact is reached over the channels of their account first. A contact's ``webhook`` is one more, the last,
        and counts: whoever set it up has tried it.
        """
        found: dict[str, list[Reach]] = {}
        for reach in sorted(self.reaches, key=lambda r: r.rank):
            found.setdefault(reach.person, []).append(reach)
        for contact in self.contacts:
            own = found.setdefault(f"contact:{contact.contact_id}", [])
            account = self.user.get(contact.user_id or "")
            if account is not None and not account.disabled:
                own[:0] = found.get(f"user:{account.user_id}", [])
            if contact.webhook and all(r.address != contact.webhook or not r.counts for r in own):
                own.append(_of_webhook(contact, rank=max((r.rank for r in own), default=0) + 1))
        return {person: tuple(reaches) for person, reaches in found.items() if reaches}

    @cached_property
    def consents_of(self) -> Mapping[tuple[str, str], Sequence[Consent]]:
        """The words of each resident about each of their contacts: (resident_id, contact_id), in their order."""
        found: dict[tuple[str, str], list[Consent]] = {}
        for word in self.consents:
            found.setdefault((word.resident_id, word.contact_id), []).append(word)
        return found

    @cached_property
    def residents_behind(self) -> Mapping[str, Sequence[Resident]]:
        """Who lives behind each door, ``site:…`` of a private home or ``room:…``, in the registry's order."""
        private = {site.site_id for site in self.sites if site.kind == PRIVATE_HOME}
        found: dict[str, list[Resident]] = {}
        for one in self.residents:
            if one.site_id in private:
                found.setdefault(f"site:{one.site_id}", []).append(one)
            if one.room_id is not None:
                found.setdefault(f"room:{one.room_id}", []).append(one)
        return found

    @cached_property
    def contacts_about(self) -> Mapping[str, Sequence[Contact]]:
        """The contacts of each resident, in the registry's order."""
        found: dict[str, list[Contact]] = {}
        for contact in self.contacts:
            if contact.resident_id is not None:
                found.setdefault(contact.resident_id, []).append(contact)
        return found

    def contacts_of(self, site_id: str, resident_id: str | None) -> list[Contact]:
        """The resident's contacts, then the site's own, each by rank."""
        own = self.contacts_about.get(resident_id or "", ())
        general = [c for c in self.contacts if c.site_id == site_id and c.resident_id is None]
        return sorted(own, key=lambda c: c.rank) + sorted(general, key=lambda c: c.rank)


def _of_webhook(contact: Contact, rank: int) -> Reach:
    return Reach(
        person=f"contact:{contact.contact_id}",
        rank=rank,
        channel=WEBHOOK,
        address=contact.webhook,
        answered_at=_ALWAYS_ANSWERED,
    )
