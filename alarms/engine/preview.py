"""Who is woken at 03:00? The engine itself over a journal in memory: providers take everything, and nobody answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from alarms.core.profiles import load_profiles
from alarms.engine.engine import Engine
from alarms.engine.identity import identify
from alarms.engine.intake import Intake
from alarms.engine.outbox import Outbox
from alarms.engine.telling import Sent
from alarms.journal.journal import Journal
from alarms.lifecycle.alarm import AlarmKind, ContactAtOnset, Identity, Priority
from alarms.lifecycle.events import Onset
from ingest.registry.model import Registry


@dataclass(frozen=True, slots=True, kw_only=True)
class Woken:
    """One message that would go out ``after_s`` seconds after the alarm."""

    after_s: float
    target: str
    channel: str
    reason: str


def preview(
    registry: Registry,
    duty_webhooks: Sequence[str],
    *,
    site_id: str,
    kind: AlarmKind,
    priority: Priority,
    at: datetime,
    device_id: str | None = None,
    within_s: float = 600,
) -> list[Woken]:
    """Everybody who would be told of such an alarm at ``at`` as long as nobody answers, in order.

    ``device_id`` names whose alarm it is; without one only the site's own contacts stand behind ``contacts``.
    """
    journal = Journal(None)
    engine = Engine(journal, Intake(load_profiles(), late_after_s=900), duty_webhooks, test_limit_s=300)
    engine.registry = registry
    onset = Onset(
        rule="preview",
        subject=f"device:{device_id}" if device_id else f"site:{site_id}",
        kind=kind,
        priority=priority,
        latching=True,
        momentary=False,
        identity=_identity(registry, site_id, device_id),
        record=at.isoformat(),
        raised_at=at,
        received_at=at,
    )
    found: list[Woken] = []

    def carry_out(out: Outbox, now: datetime) -> None:
        with journal.transaction():
            for send in out.sends:
                found.append(
                    Woken(
                        after_s=(now - at).total_seconds(),
                        target=send.target,
                        channel=send.channel,
                        reason=send.reason,
                    )
                )
                taken = Sent(
                    send_key=send.send_key,
                    alarm_id=send.alarm_id,
                    attempts=1,
                    ok=True,
                    result="",
                    at=now,
                    retry_at=None,
                )
                engine.telling.sent(taken, out)

    out = Outbox()
    with journal.transaction():
        engine.raised(onset, at, out)
    carry_out(out, at)
    end = at + timedelta(seconds=within_s)
    while (due_s := journal.next_deadline_s(end)) is not None and due_s <= end.timestamp():
        now, out = datetime.fromtimestamp(due_s, UTC), Outbox()
        with journal.transaction():
            engine.due(now, out)
        carry_out(out, now)
    journal.close()
    return found


def _identity(registry: Registry, site_id: str, device_id: str | None) -> Identity:
    device = registry.device.get(device_id or "")
    if device is not None:
        return identify(registry, device.gateway_id, device.device_id)[0]
    contacts = tuple(
        ContactAtOnset(name=c.name, contact_id=c.contact_id, relation=c.relation, phone=c.phone, webhook=c.webhook)
        for c in registry.contacts_of(site_id, None)
    )
    return Identity(site_id=site_id, contacts=contacts)
