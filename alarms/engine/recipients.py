"""Who a ``Notify`` is for: groups become targets, channels and addresses."""

from __future__ import annotations

from collections.abc import Sequence

from alarms.journal.records import Send
from alarms.lifecycle.alarm import Alarm, Priority
from alarms.lifecycle.effects import Group, Notify

WEBHOOK = "webhook"


def sends(alarm: Alarm, notify: Notify, duty_webhooks: Sequence[str], due_s: float) -> list[Send]:
    """One send per target and channel; its key is (alarm, step, round, target, channel)."""
    found: list[tuple[str, str]] = []
    if Group.DUTY in notify.groups:
        found += [(f"duty:{index}", url) for index, url in enumerate(duty_webhooks)]
    if Group.CONTACTS in notify.groups:
        contacts = enumerate(alarm.identity.contacts)
        found += [(f"contact:{index}", contact.webhook) for index, contact in contacts if contact.webhook]
    return [
        Send(
            send_key=f"{alarm.alarm_id}/{notify.step}/{notify.round}/{target}/{WEBHOOK}",
            alarm_id=alarm.alarm_id,
            step=notify.step,
            round=notify.round,
            target=target,
            channel=WEBHOOK,
            address=address,
            reason=notify.reason,
            urgent=alarm.priority is Priority.EMERGENCY,
            due_s=due_s,
        )
        for target, address in found
    ]
