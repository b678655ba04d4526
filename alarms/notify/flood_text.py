"""What the message of a flood says beside the place: how many, and the first of them by rank."""

from __future__ import annotations

from collections.abc import Mapping

from alarms.lifecycle.alarm import Alarm, AlarmKind, Priority

_ROWS = 5
_PRIORITIES = {
    Priority.EMERGENCY: ("紧急", "emergency"),
    Priority.HIGH: ("高", "high"),
    Priority.MEDIUM: ("中", "medium"),
    Priority.LOW: ("低", "low"),
}


def flood_text(alarm: Alarm, words: Mapping[AlarmKind, tuple[str, str]]) -> tuple[str, str]:
    """Chinese and English, from the alarm's evidence; ``words`` name the kinds."""
    ranking = alarm.evidence.get("ranking", [])
    rows = [_row(row, words) for row in ranking[:_ROWS]]
    more = ("……", " …") if len(ranking) > _ROWS else ("", "")
    zh = f"{alarm.evidence.get('text_zh', '')}:{';'.join(row[0] for row in rows)}{more[0]}"
    en = f"{alarm.evidence.get('text', '')}: {'; '.join(row[1] for row in rows)}{more[1]}"
    return zh, en


def _row(row: Mapping[str, str | int], words: Mapping[AlarmKind, tuple[str, str]]) -> tuple[str, str]:
    priority = _PRIORITIES[Priority(str(row["priority"]))]
    kind = words[AlarmKind(str(row["kind"]))]
    room = f" {row['room']}" if row["room"] else ""
    return f"{priority[0]} {kind[0]}{room} ×{row['count']}", f"{priority[1]} {kind[1]}{room} ×{row['count']}"
