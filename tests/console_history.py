"""Past alarms as the history has them, and a broker that is nowhere: for the pages that read PostgreSQL."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import msgspec
import psycopg

from alarms.lifecycle.alarm import Act, Alarm, Disposition, Response
from ingest.account import Account

NOWHERE = Account(host="127.0.0.1", port=9, username="console", password="")


def ended(alarm: Alarm, disposition: Disposition = Disposition.HELPED) -> Alarm:
    at = alarm.raised_at + timedelta(seconds=30)
    return replace(
        alarm,
        version=4,
        response=Response.RESOLVED,
        acknowledged=Act(by="lina", at=at),
        resolved=Act(by="lina", at=at + timedelta(seconds=60)),
        disposition=disposition,
    )


def project(dsn: str, *alarms: Alarm) -> None:
    with psycopg.connect(dsn) as connection:
        for alarm in alarms:
            connection.execute(
                "INSERT INTO alarm (alarm_id, version, site_id, rule, subject, kind, priority, condition, response,"
                " raised_at, received_at, disposition, resident_id, room_name, device_id, state)"
                " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
                (
                    alarm.alarm_id,
                    alarm.version,
                    alarm.identity.site_id,
                    alarm.rule,
                    alarm.subject,
                    alarm.kind,
                    alarm.priority,
                    alarm.condition,
                    alarm.response,
                    alarm.raised_at,
                    alarm.received_at,
                    alarm.disposition,
                    alarm.identity.resident_id,
                    alarm.identity.room_name,
                    alarm.identity.device_id,
                    msgspec.json.encode(alarm).decode(),
                ),
            )
