"""What may be chosen at a site: rooms, residents, people, profiles …"""

from __future__ import annotations

from collections.abc import Iterable

from alarms.core.profiles import Profiles
from console.assignees import staff_of
from console.setup.field import Choice
from console.setup.place import Place
from console.words import ROLES
from ingest.registry.checks_home import FEEDBACK_SIGNALS
from ingest.registry.model import User
from ingest.wire.signals import BY_NAME
from ingest.wire.topics import CANARY

_NOT_DEVICES = ("gateway", "platform")


def zones(place: Place) -> list[Choice]:
    return _of_site(place, place.registry.zones, "zone_id")


def rooms(place: Place) -> list[Choice]:
    return _of_site(place, place.registry.rooms, "room_id")


def residents(place: Place) -> list[Choice]:
    room = place.registry.room
    found = []
    for one in place.registry.residents:
        if one.site_id == place.site.site_id:
            where = room.get(one.room_id or "")
            found.append(Choice(value=one.resident_id, label=f"{one.name} · {where.name}" if where else one.name))
    return _by_label(found)


def gateways(place: Place) -> list[Choice]:
    own = (one for one in place.registry.gateways if one.site_id == place.site.site_id and not one.revoked)
    return _by_label(Choice(value=one.gateway_id, label=one.name or one.gateway_id) for one in own)


def devices(place: Place) -> list[Choice]:
    own = (one for one in place.registry.devices if one.site_id == place.site.site_id)
    return _by_label(Choice(value=one.device_id, label=one.name or one.device_id) for one in own)


def profiles(place: Place, known: Profiles) -> list[Choice]:
    chinese = place.parts.renderer.language(place.request) == "zh"
    named = ((name, known.profile(name)) for name in known.names if name not in _NOT_DEVICES)
    return [Choice(value=name, label=one.zh if chinese else one.en) for name, one in named if one is not None]


def states(place: Place) -> list[Choice]:
    """What devices tell that is true or false until told otherwise."""
    chinese = place.parts.renderer.language(place.request) == "zh"
    own = (BY_NAME[name] for name in FEEDBACK_SIGNALS)
    return _by_label(Choice(value=one.name, label=one.zh if chinese else one.en) for one in own)


def sites(place: Place) -> list[Choice]:
    """The sites that the visitor may give to others."""
    seen = (one for one in place.registry.sites if one.site_id != CANARY and place.visitor.sees(one.site_id))
    return _by_label(Choice(value=one.site_id, label=one.name) for one in seen)


def staff(place: Place) -> list[User]:
    """The accounts that answer alarms of the site, by name."""
    return sorted(staff_of(place.registry, place.site.site_id), key=lambda user: user.name)


def people(place: Place) -> list[Choice]:
    """Whom a rota or a policy may name: staff, then the site's own contacts, then those of residents."""
    contacts = [one for one in place.registry.contacts if one.site_id == place.site.site_id]
    contacts.sort(key=lambda one: (one.resident_id is not None, one.name))
    named = [Choice(value=f"user:{user.user_id}", label=f"{user.name} · {_role(place, user)}") for user in staff(place)]
    return named + [
        Choice(value=f"contact:{one.contact_id}", label=" · ".join(filter(None, (one.name, one.relation))))
        for one in contacts
    ]


def words(place: Place, texts: dict[str, str], leave_out: Iterable[str] = ()) -> list[Choice]:
    """Marked texts by their values."""
    return [Choice(value=str(value), label=place.text(text)) for value, text in texts.items() if value not in leave_out]


def label(choices: Iterable[Choice], value: str | None) -> str:
    """What is shown for a value; the value itself where it is not to be chosen any more."""
    return next((choice.label for choice in choices if choice.value == value), value or "")


def _role(place: Place, user: User) -> str:
    return place.text(ROLES[user.role]) if user.role in ROLES else user.role


def _of_site(place: Place, entries: Iterable[object], key: str) -> list[Choice]:
    own = (one for one in entries if getattr(one, "site_id", "") == place.site.site_id)
    return _by_label(Choice(value=getattr(one, key), label=getattr(one, "name", "")) for one in own)


def _by_label(choices: Iterable[Choice]) -> list[Choice]:
    return sorted(choices, key=lambda choice: choice.label)
