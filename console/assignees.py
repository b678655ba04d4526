"""Who may be asked to take an alarm of a site: those who answer alarms there, the ones on duty first."""

from __future__ import annotations

from datetime import datetime

from alarms.engine import escalation
from alarms.lifecycle.rota import on_duty
from console.api.bodies import Assignee
from console.auth.permissions import Permission
from console.auth.visitor import Visitor
from ingest.registry.model import Registry, User


def assignees(registry: Registry, site_id: str, now: datetime) -> list[Assignee]:
    """Everybody who answers alarms of the site, by duty and then by name."""
    rotas = escalation.rotas(registry).get(site_id, ())
    present = {person for one in rotas for person in on_duty(one, now)}
    found = [
        Assignee(
            to=person,
            name=user.name,
            on_duty=person in present,
            reachable=any(reach.counts for reach in registry.reaches_of.get(person, ())),
        )
        for user in staff_of(registry, site_id)
        for person in (f"user:{user.user_id}",)
    ]
    return sorted(found, key=lambda one: (not one.on_duty, one.name))


def staff_of(registry: Registry, site_id: str) -> list[User]:
    """The accounts that answer alarms of the site."""
    return [
        user
        for user in registry.users
        if not user.disabled and _answers(Visitor(user=user, session="", csrf=""), site_id)
    ]


def _answers(person: Visitor, site_id: str) -> bool:
    return person.may(Permission.ANSWER_ALARMS) and person.sees(site_id)
