"""Changes in PostgreSQL to who is told, when and how: reaches, rotas, escalation policies, planned windows.

As in ``edit``: adding what is there changes it, and each function is one transaction of its own or a part of the
caller's. Besides the errors of ``edit``, InvalidEntryError says what is wrong in an entry by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

import msgspec

from ingest.registry.checks import (
    check_policy,
    check_reach,
    check_rota,
    check_window,
    people_of_policy,
    people_of_rota,
    rotas_of_policy,
)
from ingest.registry.errors import ConflictingEntryError, UnknownEntryError
from ingest.registry.model import Policy, Reach, Rota, RotaOverride, Window
from ingest.registry.writing import SQL, as_json, change, get, other_site, require_unnamed, write
from ingest.store.connection import Connection


def get_rota(connection: Connection, rota_id: str) -> Rota | None:
    return get(connection, "get_rota", rota_id, Rota)


def get_policy(connection: Connection, policy_id: str) -> Policy | None:
    return get(connection, "get_policy", policy_id, Policy)


def get_window(connection: Connection, window_id: str) -> Window | None:
    return get(connection, "get_window", window_id, Window)


def add_reach(connection: Connection, reach: Reach) -> None:
    """Add or change a channel of a person. The same address again keeps ``answered_at``, if none is given."""
    check_reach(reach)
    with connection.transaction():
        _check_people(connection, [reach.person], None)
        write(connection, "add_reach", reach, ConflictingEntryError(f"{reach.person} cannot be reached so"))


def set_reach_answered(
    connection: Connection, person: str, channel: str, address: str, answered_at: datetime | None
) -> None:
    """A test message over this channel was answered at this moment; None: it must be answered anew."""
    given = {"person": person, "channel": channel, "address": address, "answered_at": answered_at}
    change(connection, "set_reach_answered", "reach", f"{person} {channel}", given)


def end_reach(connection: Connection, reach: Reach, reason: str, ended_at: datetime) -> bool:
    """The provider says that the address has ended for good; False where this is known, or was answered anew."""
    given = msgspec.structs.asdict(reach) | {"ended_at": ended_at, "ended_reason": reason}
    with connection.transaction():
        return connection.execute(SQL["end_reach"], given).fetchone() is not None


def renew_reach(connection: Connection, reach: Reach, renewed: str) -> None:
    """The same way to the person has another address now; its place, and that it was answered, stay."""
    given = msgspec.structs.asdict(reach) | {"renewed": renewed}
    with connection.transaction():
        try:
            change(connection, "renew_reach", "reach", f"{reach.person} {reach.channel}", given)
        except ConflictingEntryError:  # the new one is on the list already
            change(connection, "remove_reach", "reach", f"{reach.person} {reach.channel}", given)


def remove_reach(connection: Connection, person: str, channel: str, address: str) -> None:
    given = {"person": person, "channel": channel, "address": address}
    change(connection, "remove_reach", "reach", f"{person} {channel}", given)


def add_rota(connection: Connection, rota: Rota) -> None:
    check_rota(rota)
    with connection.transaction():
        _check_people(connection, people_of_rota(rota), rota.site_id)
        conflict = other_site("rota", rota.rota_id)
        lists = {"layers": as_json(rota.layers), "overrides": as_json(rota.overrides)}
        write(connection, "add_rota", rota, conflict, **lists)


def add_override(connection: Connection, rota_id: str, override: RotaOverride) -> None:
    """Somebody stands in; it applies to what the overrides before it have left."""
    _change_overrides(connection, rota_id, lambda overrides: (*overrides, override))


def remove_override(connection: Connection, rota_id: str, override: RotaOverride) -> None:
    """Take an override back; one that is not there is no error."""
    _change_overrides(connection, rota_id, lambda overrides: tuple(one for one in overrides if one != override))


def remove_rota(connection: Connection, rota_id: str) -> None:
    """Remove a rota that no policy names."""
    with connection.transaction():
        require_unnamed(connection, "rota", rota_id, "policy", "policies_naming", {"word": f"duty:{rota_id}"})
        change(connection, "remove_rota", "rota", rota_id, {"rota_id": rota_id})


def add_policy(connection: Connection, policy: Policy) -> None:
    check_policy(policy)
    with connection.transaction():
        _check_people(connection, people_of_policy(policy), policy.site_id)
        _check_rotas(connection, rotas_of_policy(policy), policy.site_id)
        conflict = other_site("policy", policy.policy_id)
        write(connection, "add_policy", policy, conflict, steps=as_json(policy.steps))


def remove_policy(connection: Connection, policy_id: str) -> None:
    change(connection, "remove_policy", "policy", policy_id, {"policy_id": policy_id})


def add_window(connection: Connection, window: Window) -> None:
    """Plan work, or change the plan: a window that is over early gets an earlier ``ends_at``."""
    check_window(window)
    write(connection, "add_window", window, other_site("window", window.window_id))


def remove_window(connection: Connection, window_id: str) -> None:
    change(connection, "remove_window", "window", window_id, {"window_id": window_id})


Overrides = tuple[RotaOverride, ...]


def _change_overrides(connection: Connection, rota_id: str, changed: Callable[[Overrides], Overrides]) -> None:
    with connection.transaction():
        rota = get(connection, "lock_rota", rota_id, Rota)  # until the end, so that no other change is lost
        if rota is None:
            raise UnknownEntryError("rota", rota_id)
        add_rota(connection, msgspec.structs.replace(rota, overrides=changed(rota.overrides)))


def _check_people(connection: Connection, people: Sequence[str], site_id: str | None) -> None:
    """Raise where somebody is not in the registry, or not at the site."""
    known: dict[str, list[Any]] = dict(connection.execute(SQL["known_people"], {"people": list(people)}).fetchall())
    for person in people:
        kind, _, entry_id = person.partition(":")
        if person not in known:
            raise UnknownEntryError(kind, entry_id)
        if site_id is not None and known[person] and site_id not in known[person]:
            said = f"{kind} {entry_id} does not belong to site {site_id}: name somebody who does"
            raise ConflictingEntryError(said, "not_of_site", entry_id=entry_id)


def _check_rotas(connection: Connection, rotas: Sequence[str], site_id: str | None) -> None:
    found = connection.execute(SQL["known_rotas"], {"rotas": list(rotas), "site_id": site_id}).fetchall()
    for rota_id in rotas:
        if (rota_id,) not in found:
            raise UnknownEntryError("rota", rota_id)
