"""The registry's escalation data as the pure parts take it: rotas, policies, planned windows."""

from __future__ import annotations

from datetime import datetime, timedelta

from alarms.lifecycle.alarm import AlarmKind, Priority, Suppressed, Suppression
from alarms.lifecycle.errors import RotaError
from alarms.lifecycle.events import Onset
from alarms.lifecycle.guards import PERSONAL
from alarms.lifecycle.incident import MADE_BY_FIRE, is_urgent
from alarms.lifecycle.policy import DEFAULT_POLICIES, Chosen, Policies, Policy, Step
from alarms.lifecycle.rota import Layer, Override, Rota
from alarms.lifecycle.step import SYSTEM
from ingest.log import Log
from ingest.registry import model
from ingest.registry.model import Registry

OUT_OF_SERVICE = timedelta(hours=24)
"""What still stands then rings: a device under repair is not forgotten."""

_LOG = Log("alarms")


def rotas(registry: Registry) -> dict[str, list[Rota]]:
    """The rotas of each site, in its own time zone. One that cannot be read is left out: then everyone is on duty."""
    found: dict[str, list[Rota]] = {}
    for entry in registry.rotas:
        site = registry.site.get(entry.site_id)
        if site is None:
            continue
        try:
            found.setdefault(entry.site_id, []).append(_rota(entry, site.timezone))
        except RotaError as error:
            _LOG.error("rota.unreadable", rota_id=entry.rota_id, site_id=entry.site_id, error=error)
    return found


def policies(registry: Registry) -> Policies:
    """The defaults, and the registry's own policies before them. One that cannot be read is left out."""
    chosen = []
    for entry in registry.policies:
        try:
            chosen.append(_chosen(entry))
        except ValueError as error:
            _LOG.error("policy.unreadable", policy_id=entry.policy_id, error=error)
    return DEFAULT_POLICIES.with_chosen(tuple(chosen))


def put_aside(registry: Registry, onset: Onset, now: datetime) -> Suppressed | None:
    """Why an onset tells nobody at first: work was announced, or its device is out of service.

    A valve that is shut in a fire, or an output that does not move, is told whatever was announced about it.
    """
    if onset.rule in MADE_BY_FIRE:
        return None
    return _planned(registry, onset, now) or _out_of_service(registry, onset, now)


def _planned(registry: Registry, onset: Onset, now: datetime) -> Suppressed | None:
    """The planned window that covers an onset. One that names no kinds never covers calls for help and falls."""
    who = onset.identity
    for window in registry.windows:
        if window.site_id != who.site_id or not window.begins_at <= now < window.ends_at:
            continue
        if window.room_id not in (None, who.room_id) or window.device_id not in (None, who.device_id):
            continue
        if onset.kind in window.kinds or (not window.kinds and onset.kind not in PERSONAL):
            return Suppressed(how=Suppression.PLANNED, reason=window.reason, by=window.by, at=now, until=window.ends_at)
    return None


def _out_of_service(registry: Registry, onset: Onset, now: datetime) -> Suppressed | None:
    """A fault of a device under repair is no news for a day; whoever calls with it is heard, and so is fire."""
    device = registry.device.get(onset.identity.device_id)
    if device is None or not device.out_of_service or is_urgent(onset):
        return None
    until = now + OUT_OF_SERVICE
    return Suppressed(how=Suppression.OUT_OF_SERVICE, reason="", by=SYSTEM, at=now, until=until)


def _rota(entry: model.Rota, timezone: str) -> Rota:
    return Rota(
        rota_id=entry.rota_id,
        site_id=entry.site_id,
        name=entry.name,
        timezone=timezone,
        layers=tuple(
            Layer(
                members=layer.members,
                starts_on=layer.starts_on,
                hand_over=layer.hand_over,
                turn_days=layer.turn_days,
                begin=layer.begin,
                end=layer.end,
                weekdays=frozenset(layer.weekdays),
            )
            for layer in entry.layers
        ),
        overrides=tuple(
            Override(begins_at=one.begins_at, ends_at=one.ends_at, person=one.person, instead_of=one.instead_of)
            for one in entry.overrides
        ),
    )


def _chosen(entry: model.Policy) -> Chosen:
    return Chosen(
        policy=Policy(
            name=entry.name,
            steps=tuple(Step(after_s=step.after_s, who=step.who, channels=step.channels) for step in entry.steps),
            repeat_s=entry.repeat_s,
            return_s=entry.return_s,
            acknowledgements=entry.acknowledgements,
            hand_over_s=entry.hand_over_s,
        ),
        site_id=entry.site_id,
        kinds=tuple(AlarmKind(kind) for kind in entry.kinds),
        priorities=tuple(Priority(priority) for priority in entry.priorities),
    )
