"""What a message says: enough to act on, no diagnosis, no full name."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from alarms.lifecycle.alarm import Alarm, AlarmKind, Flag

_WORDS: dict[AlarmKind, tuple[str, str]] = {
    AlarmKind.HELP_CALL: ("呼叫求助", "Help call"),
    AlarmKind.FALL: ("疑似跌倒", "Fall"),
    AlarmKind.FIRE: ("火灾报警", "Fire"),
    AlarmKind.GAS: ("燃气泄漏", "Gas"),
    AlarmKind.CO: ("一氧化碳", "Carbon monoxide"),
    AlarmKind.WATER_FLOW: ("喷淋水流", "Sprinkler flow"),
    AlarmKind.LEAK: ("漏水", "Water leak"),
    AlarmKind.ELECTRICAL: ("电气报警", "Electrical alarm"),
    AlarmKind.INACTIVITY: ("长时间无活动", "No sign of activity"),
    AlarmKind.BED_EXIT: ("离床", "Left the bed"),
    AlarmKind.CLIMATE: ("室温异常", "Room climate"),
    AlarmKind.TAMPER: ("防拆报警", "Tamper"),
    AlarmKind.FAULT: ("设备故障", "Equipment fault"),
    AlarmKind.BATTERY: ("电量低", "Battery low"),
    AlarmKind.TEST: ("测试", "Test"),
    AlarmKind.UNREADABLE: ("无法识别的报警,请立即查看", "Unreadable alarm, check now"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """One message as a channel gets it.

    ``key`` is the same for every attempt of one send; ``collapse_key`` is the same over all rounds of a step, so that a
    phone shows a repeated send once.
    """

    key: str
    collapse_key: str
    alarm_id: str
    kind: str
    priority: str
    title_zh: str
    title_en: str
    body_zh: str
    body_en: str
    raised_at: datetime
    reason: str


def notice(alarm: Alarm, send_key: str, step: int, target: str, channel: str, reason: str) -> Notice:
    """The message of one send."""
    zh, en = _WORDS[alarm.kind]
    if Flag.LATE in alarm.flags:
        zh, en = f"{zh}(迟到,请立即查看)", f"{en} (late, check now)"
    identity = alarm.identity
    place = " ".join(part for part in (identity.site_name, identity.zone_name, identity.room_name) if part)
    place = place or identity.site_id
    person = _short_name(identity.resident_name)
    count_zh, count_en = (f",已{alarm.count}次", f", {alarm.count} times") if alarm.count > 1 else ("", "")
    return Notice(
        key=send_key,
        collapse_key=f"{alarm.alarm_id}/{step}/{target}/{channel}",
        alarm_id=alarm.alarm_id,
        kind=alarm.kind,
        priority=alarm.priority,
        title_zh=zh,
        title_en=en,
        body_zh=f"{place} {person}{count_zh}".strip(),
        body_en=f"{place} {person}{count_en}".strip(),
        raised_at=alarm.raised_at,
        reason=reason,
    )


def _short_name(name: str) -> str:
    """The family name only: 王秀英 becomes 王**, Mary Wang becomes M. W."""
    if not name:
        return ""
    if name.isascii():
        return " ".join(f"{part[0]}." for part in name.split())
    return name[0] + "*" * (len(name) - 1)
