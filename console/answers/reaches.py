"""A person's channels as a page shows them: no address in full, what became of the latest messages."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

import msgspec

from alarms.engine.answers import mark_of
from console.auth.visitor import Visitor
from console.database import Row
from ingest.registry.model import Reach, Registry

FAILING = 3
"""So many messages in a row that no provider took make a channel look broken."""

FORMS = {
    "apprise": re.compile(r"[a-z][a-z0-9+.-]*://\S+", re.IGNORECASE),
    "webhook": re.compile(r"https?://\S+", re.IGNORECASE),
    "voice": re.compile(r"\+?[0-9][0-9 ()-]{0,28}[0-9]"),
    "mqtt": re.compile(r"[^/+#\s\x00-\x1f\x7f]{1,128}"),
}
"""How an address of each channel looks that a supervisor may add."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One channel. ``failure`` is what the provider said last, when it has taken none of the latest messages."""

    reach: Reach
    mark: str
    shown: str
    sent_at: datetime | None
    failure: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Whom:
    """Somebody whose channels may be edited."""

    person: str
    name: str


def lines(reaches: Iterable[Reach], results: Sequence[Row]) -> list[Line]:
    """The channels with their latest results; ``results`` are the person's messages, newest first."""
    by_channel: dict[str, list[Row]] = {}
    for row in results:
        by_channel.setdefault(str(row["channel"]), []).append(row)
    return [_line(reach, by_channel.get(reach.channel, [])) for reach in reaches]


def shown(reach: Reach) -> str:
    """Enough of an address to tell it from another; whoever has all of it could send or listen there."""
    mark = mark_of(reach.address)[:4]
    match reach.channel:
        case "web_push":
            return f"{_host(_endpoint(reach.address))} · {mark}"
        case "voice":
            digits = re.sub(r"[ ()-]", "", reach.address)
            return f"{digits[:3]}…{digits[-4:]}" if len(digits) > 7 else digits
        case "mqtt":
            return reach.address
        case "webhook":
            return f"{_host(reach.address)} · {mark}"
        case _:
            return f"{reach.address.partition(':')[0]} · {mark}"


def people_of(registry: Registry, visitor: Visitor) -> list[Whom]:
    """Everybody whose channels the visitor may edit: accounts of the same sites, contacts of sites in view."""
    users = [
        Whom(person=f"user:{user.user_id}", name=user.name)
        for user in registry.users
        if not user.disabled and _shares_sites(user.site_ids, visitor)
    ]
    contacts = [
        Whom(person=f"contact:{c.contact_id}", name=f"{c.name} {c.relation}".strip())
        for c in registry.contacts
        if visitor.sees(c.site_id)
    ]
    return sorted([*users, *contacts], key=lambda whom: whom.name)


def _shares_sites(site_ids: Sequence[str], visitor: Visitor) -> bool:
    """An account of every site only somebody of every site may edit."""
    return not visitor.user.site_ids or (bool(site_ids) and all(visitor.sees(site_id) for site_id in site_ids))


def _line(reach: Reach, results: Sequence[Row]) -> Line:
    newest = results[:FAILING]
    failing = len(newest) == FAILING and all(row["sent_at"] is None for row in newest)
    return Line(
        reach=reach,
        mark=mark_of(reach.address),
        shown=shown(reach),
        sent_at=next((row["sent_at"] for row in results if row["sent_at"] is not None), None),
        failure=str(newest[0]["result"] or "") if failing else "",
    )


def _endpoint(address: str) -> str:
    try:
        return str(msgspec.json.decode(address, type=dict[str, object]).get("endpoint", ""))
    except msgspec.MsgspecError:
        return ""


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or "…"
    except ValueError:
        return "…"
