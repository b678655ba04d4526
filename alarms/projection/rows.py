"""Lines of the journal as rows of PostgreSQL, pure."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import msgspec
from psycopg.types.json import Jsonb

from alarms.journal.records import Entry
from alarms.lifecycle.alarm import Act, Alarm, Flag

Row = dict[str, Any]  # Any: column values
_DUE = ("send_key", "alarm_id", "step", "round", "target", "channel", "reason")
_TRIED = ("send_key", "attempts", "result")


def alarm_row(alarm: Alarm) -> Row:
    """Parameters of ``write_alarm``."""
    acts = {"acknowledged": alarm.acknowledged, "attended": alarm.attended, "resolved": alarm.resolved}
    row: Row = {
        "alarm_id": alarm.alarm_id,
        "version": alarm.version,
        "site_id": alarm.identity.site_id,
        "rule": alarm.rule,
        "subject": alarm.subject,
        "kind": alarm.kind.value,
        "priority": alarm.priority.value,
        "condition": alarm.condition.value,
        "response": alarm.response.value,
        "raised_at": alarm.raised_at,
        "received_at": alarm.received_at,
        "disposition": alarm.disposition.value if alarm.disposition is not None else None,
        "room_id": alarm.identity.room_id,
        "room_name": alarm.identity.room_name,
        "resident_id": alarm.identity.resident_id,
        "device_id": alarm.identity.device_id,
        "count": alarm.count,
        "round": alarm.round,
        "test": Flag.TEST in alarm.flags,
        "drill": Flag.DRILL in alarm.flags,
        "late": Flag.LATE in alarm.flags,
        "state": Jsonb(_without_nul(msgspec.to_builtins(alarm))),
    }
    for name, act in acts.items():
        row |= _act(name, act)
    return row


def log_row(entry: Entry) -> Row:
    """Parameters of ``write_log``."""
    return {
        "log_id": entry.log_id,
        "alarm_id": entry.alarm_id,
        "at": _moment(entry.at_s),
        "event": entry.event,
        "by": entry.by,
        "detail": Jsonb(_without_nul(entry.detail)),
        "version": entry.version,
    }


def send_row(entry: Entry) -> tuple[str, Row] | None:
    """The statement and parameters for a line about a send, else None."""
    detail = entry.detail
    match entry.event:
        case "due":
            return "send_due", {name: detail[name] for name in _DUE} | {"due_at": _moment(detail["due_s"])}
        case "sent":
            sent_at = _moment(entry.at_s) if detail["ok"] else None
            return "send_tried", {name: detail[name] for name in _TRIED} | {"sent_at": sent_at}
        case "not_sent" if "send_key" in detail:
            return "send_dropped", {"send_key": detail["send_key"], "reason": detail["reason"]}
    return None


def _act(name: str, act: Act | None) -> Row:
    return {f"{name}_at": act.at if act is not None else None, f"{name}_by": act.by if act is not None else None}


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def _without_nul(value: Any) -> Any:  # Any: a JSON value
    """PostgreSQL's text cannot hold NUL; unreadable packs may."""
    match value:
        case str():
            return value.replace("\0", "\ufffd")
        case dict():
            return {_without_nul(key): _without_nul(inner) for key, inner in value.items()}
        case list() | tuple():
            return [_without_nul(inner) for inner in value]
    return value
