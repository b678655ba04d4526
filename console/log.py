"""What happened to one alarm and who was told, ready to be shown: out of the history, or out of the alarm itself."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from alarms.lifecycle.alarm import Alarm, Suppression
from alarms.lifecycle.step import SYSTEM
from console import words
from console.database import Row
from console.parts import Parts


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One line of an alarm's history: ``event`` as in ``words.LOG_EVENTS``.

    ``terms`` are words of the closed sets to be translated, ``text`` is what people wrote, ``until`` an end.
    """

    at: datetime
    event: str
    by: str = ""
    terms: tuple[str, ...] = ()
    text: str = ""
    until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """Somebody was told, or nobody was: ``reason`` as in ``words.REASONS`` where it is known there."""

    at: datetime
    target: str = ""
    channel: str = ""
    result: str = ""
    reason: str = ""


def entries_of(alarm: Alarm, parts: Parts) -> list[Entry]:
    """What the alarm itself remembers, oldest first."""
    entries = [Entry(at=alarm.raised_at, event="Raised")]
    if alarm.count > 1:
        entries.append(Entry(at=alarm.last_at, event="Recurred"))
    if alarm.cleared_at is not None:
        entries.append(Entry(at=alarm.cleared_at, event="Recovered" if alarm.is_near_fall else "Cleared"))
    taken = dict.fromkeys((*((alarm.acknowledged,) if alarm.acknowledged else ()), *alarm.takers))
    entries += [Entry(at=act.at, event="Acknowledge", by=_name(parts, act.by)) for act in taken]
    if alarm.attended is not None:
        entries.append(Entry(at=alarm.attended.at, event="Attend", by=_name(parts, alarm.attended.by)))
    if (assigned := alarm.assigned) is not None:
        by = _name(parts, assigned.by)
        entries.append(Entry(at=assigned.at, event="Assign", by=by, text=parts.name_of(assigned.to)))
    for one in alarm.coming:
        entries.append(Entry(at=one.at, event="SetOut", by=_name(parts, one.by), until=one.until))
        if one.over:
            entries.append(Entry(at=one.until, event="NotArrived", by=_name(parts, one.by)))
    if (aside := alarm.suppressed) is not None and aside.how is Suppression.SHELVED:
        by = " + ".join(parts.name_of(one) for one in (aside.by, aside.second) if one is not None)
        entries.append(Entry(at=aside.at, event="Shelve", by=by, text=aside.reason, until=aside.until))
    if alarm.resolved is not None:
        terms = tuple(term for term in (alarm.disposition, alarm.reached) if term is not None)
        entries.append(Entry(at=alarm.resolved.at, event="Resolve", by=_name(parts, alarm.resolved.by), terms=terms))
    return sorted(entries, key=lambda entry: entry.at)


def entries_from(rows: list[Row], parts: Parts) -> list[Entry]:
    """What happened by the history's rows; lines about messages are left out."""
    return [_entry(row, parts) for row in rows if row["event"] in words.LOG_EVENTS]


def told_from(rows: list[Row], sends: list[Row], parts: Parts) -> list[Told]:
    """Who was told, and where nobody was told why, oldest first."""
    told = [
        Told(
            at=send["sent_at"] or send["due_at"],
            target=parts.name_of(send["target"]),
            channel=send["channel"],
            result=send["result"] or "",
            reason=send["reason"] or "",
        )
        for send in sends
    ]
    for row in rows:
        detail = _detail(row)
        if row["event"] == "not_sent" and "send_key" not in detail:
            target = parts.name_of(str(detail["target"])) if "target" in detail else ""
            told.append(Told(at=row["at"], target=target, result="not_sent", reason=str(detail.get("reason", ""))))
    return sorted(told, key=lambda one: one.at)


def _entry(row: Row, parts: Parts) -> Entry:
    detail = _detail(row)
    said = [detail.get(name) for name in ("note", "reason", "text", "way")]
    terms = [detail.get(name) for name in ("disposition", "reached", "because")]
    by = _name(parts, row["by"] or SYSTEM)
    if detail.get("second"):
        by = f"{by} + {parts.name_of(str(detail['second']))}"
    for one in detail.get("asked", ()):
        if isinstance(one, dict):
            sign = "✕ " if one.get("refused") else ""
            said.append(f"{sign}{one.get('name', '')} ({one.get('why', '')} {one.get('detail', '')})")
    if "output" in detail:
        said.append(f"{'✓' if detail.get('moved') else '✕'} {detail['output']}")
    if isinstance(trigger := detail.get("trigger"), dict):
        name = str(trigger.get("name") or trigger.get("id") or "")
        said += [parts.name_of(name) if trigger.get("what") == "person" else name, trigger.get("room")]
    if detail.get("to"):
        said.append(parts.name_of(str(detail["to"])))
    return Entry(
        at=row["at"],
        event=str(row["event"]),
        by=by,
        terms=tuple(str(term) for term in terms if term),
        text=" · ".join(str(part) for part in said if part),
        until=_moment(detail.get("until")),
    )


def _detail(row: Row) -> dict[str, Any]:  # Any: a JSON object
    return row["detail"] if isinstance(row["detail"], dict) else {}


def _moment(text: object) -> datetime | None:
    try:
        moment = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return moment if moment.tzinfo is not None else None


def _name(parts: Parts, by: str) -> str:
    return "" if by == SYSTEM else parts.name_of(by)
