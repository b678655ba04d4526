"""What a home still lacks before its alarms reach somebody, step by step. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime

from console.assignees import staff_of
from console.auth.permissions import Permission
from console.language import N_
from console.setup.duty import week
from ingest.registry.model import Registry, Site

CALLING = frozenset({"sos_button", "pull_cord", "pendant", "wearable"})
"""The profiles with which a person calls for help."""

MOST_LACKS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Lack:
    """A marked sentence and its facts; a moment among them is shown on the site's clock."""

    text: str
    facts: dict[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """``path`` is where it is done, below the site; ``why`` it matters, a marked text. ``more``: lacks not listed."""

    title: str
    why: str
    path: str
    permission: Permission
    count: int
    lacks: tuple[Lack, ...]
    more: int = 0

    @property
    def done(self) -> bool:
        return self.count > 0 and not self.lacks


def steps(registry: Registry, site: Site, heard: Collection[str], now: datetime) -> list[Step]:
    """Every step in its order; ``heard`` are the gateways that have ever spoken."""
    check = _Check(registry, site, now)
    gateways = [one for one in registry.gateways if one.site_id == site.site_id and not one.revoked]
    devices = [one for one in registry.devices if one.site_id == site.site_id]
    policies = [one for one in registry.policies if one.site_id in (None, site.site_id)]
    rotas = [one for one in registry.rotas if one.site_id == site.site_id]
    never = [
        _lack(N_("%(name)s was never heard. Is its password on the box?"), g.name or g.gateway_id)
        for g in gateways
        if g.gateway_id not in heard
    ]
    return [
        _step(
            N_("Site"),
            N_("Its address is read out to the ambulance and the fire service."),
            "",
            Permission.EDIT_SITES,
            1,
            [] if site.address else [Lack(text=N_("No address is given."), facts={})],
        ),
        _step(
            N_("Floors and rooms"),
            N_("An alarm must say where to run."),
            "rooms",
            Permission.EDIT_SITES,
            len(check.rooms),
            [],
        ),
        _step(
            N_("Gateway"),
            N_("Without a gateway no call arrives."),
            "gateways",
            Permission.EDIT_SITES,
            len(gateways),
            never,
        ),
        _step(
            N_("Devices"),
            N_("Where nobody can call, nobody will come."),
            "devices",
            Permission.EDIT_SITES,
            len(devices),
            list(check.silent_rooms()),
        ),
        _step(
            N_("Residents"),
            N_("An alarm says who needs help and what they need."),
            "residents",
            Permission.EDIT_RESIDENTS,
            len(check.residents),
            list(check.homeless()),
        ),
        _step(
            N_("Contacts"),
            N_("Whom to call when somebody had to go to hospital."),
            "contacts",
            Permission.EDIT_RESIDENTS,
            len(check.contacts),
            list(check.alone()),
        ),
        _step(
            N_("Accounts"),
            N_("Whoever answers alarms needs an account, and a channel that was tested."),
            "accounts",
            Permission.EDIT_ACCOUNTS,
            len(check.staff),
            list(check.unreachable()),
        ),
        _step(
            N_("Escalation policy"),
            N_("Says who is told when the first one does not answer."),
            "policies",
            Permission.EDIT_POLICIES,
            len(policies),
            [],
        ),
        _step(
            N_("Rota"),
            N_("Says who is on duty; in a gap everyone is told, also at night."),
            "rotas",
            Permission.EDIT_POLICIES,
            len(rotas),
            list(check.gaps()),
        ),
    ]


class _Check:
    """What one site lacks."""

    def __init__(self, registry: Registry, site: Site, now: datetime) -> None:
        self._registry = registry
        self._site_id = site.site_id
        self._now = now
        self.rooms = [one for one in registry.rooms if one.site_id == site.site_id]
        self.residents = [one for one in registry.residents if one.site_id == site.site_id]
        self.contacts = [one for one in registry.contacts if one.site_id == site.site_id]
        self.staff = staff_of(registry, site.site_id)

    def silent_rooms(self) -> Iterator[Lack]:
        """Rooms in which somebody lives and nothing can call; what a resident wears counts for the room."""
        residents = self._registry.resident
        calling: set[str | None] = set()
        for device in self._registry.devices:
            if device.profile in CALLING and not device.out_of_service:
                wearer = residents.get(device.resident_id or "")
                calling |= {device.room_id, wearer.room_id if wearer is not None else None}
        lived_in = {one.room_id for one in self.residents}
        for room in sorted(self.rooms, key=lambda one: one.name):
            if room.room_id in lived_in and room.room_id not in calling:
                yield _lack(N_("%(name)s has no call button."), room.name)

    def homeless(self) -> Iterator[Lack]:
        for one in self.residents:
            if one.room_id is None:
                yield _lack(N_("%(name)s has no room: a worn button cannot say where."), one.name)

    def alone(self) -> Iterator[Lack]:
        if any(one.resident_id is None for one in self.contacts):
            return
        known = {one.resident_id for one in self.contacts}
        for one in self.residents:
            if one.resident_id not in known:
                yield _lack(N_("%(name)s has no contact."), one.name)

    def unreachable(self) -> Iterator[Lack]:
        for one in self.staff:
            if not any(reach.counts for reach in self._registry.reaches_of.get(f"user:{one.user_id}", ())):
                yield _lack(
                    N_("No channel of %(name)s was answered yet: alarms reach them at the desk only."), one.name
                )

    def gaps(self) -> Iterator[Lack]:
        for gap in week(self._registry, self._site_id, self._now).gaps:
            facts: dict[str, object] = {"begin": gap.begins_at, "end": gap.ends_at}
            yield Lack(text=N_("Nobody is on duty from %(begin)s to %(end)s."), facts=facts)


def _lack(text: str, name: str) -> Lack:
    return Lack(text=text, facts={"name": name})


def _step(title: str, why: str, path: str, permission: Permission, count: int, lacks: list[Lack]) -> Step:
    shown = tuple(lacks[:MOST_LACKS])
    return Step(
        title=title, why=why, path=path, permission=permission, count=count, lacks=shown, more=len(lacks) - len(shown)
    )
