"""What a message says: enough to act on, no diagnosis, no full name."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from alarms.lifecycle import flood, linkage, spread, sprinkler
from alarms.lifecycle.alarm import BETWEEN_NAMES, Alarm, AlarmKind, Flag, Priority
from alarms.lifecycle.effects import Reason
from alarms.notify.flood_text import flood_text

_WORDS: dict[AlarmKind, tuple[str, str]] = {
    AlarmKind.HELP_CALL: ("呼叫求助", "Help call"),
    AlarmKind.FALL: ("跌倒", "Fall"),
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


_WORDS_OF_RULE = {
    "assistance_call": ("护理员需要支援", "Staff need help"),
    "unreachable": ("有人收不到报警", "Somebody can no longer be told"),
    flood.RULE: ("报警高峰", "Alarm flood"),
    sprinkler.VALVE: ("喷淋阀门关闭", "Sprinkler valve shut"),
    linkage.STUCK: ("消防联动设备未动作,请立即查看", "An output did not move for a fire: go and see"),
    linkage.UNMOVED: ("消防联动设备待修", "An output that did not move for a fire is to be repaired"),
    sprinkler.VALVE_IN_FIRE: ("火警期间喷淋阀门关闭,立即打开", "Sprinkler valve CLOSED during a fire: open it"),
}
_SUSPECTED_FALL = ("疑似跌倒", "Suspected fall")
_CONFIRMED_FIRE = ("火灾确认:探测器报警且喷淋出水", "FIRE CONFIRMED, detector and sprinkler")
_PRE_ALARM = ("火警预警", "Fire pre-alarm")
_QUESTION = ("一切都好吗?较长时间没有活动迹象", "Is all well? No sign of life for long")
_NEAR_FALL = ("险些跌倒", "Near fall")
_WORDS_OF_REASON: dict[str, tuple[str, str]] = {
    Reason.SPREADS: ("(蔓延至)", " spreads to"),
    Reason.MORE_URGENT: ("(已确认)", ", confirmed"),
    Reason.CONFIRMED: ("(第二个探测器确认)", ", confirmed by a second detector"),
}
"""Where the rule says more than the kind."""

_LONGEST = 300  # letters of an evidence's text
_UNANSWERED = ("(无人应答)", ", and nobody answers")


class Language(StrEnum):
    """Which texts a channel that carries only one gives: what the address asks for, else both."""

    ZH = "zh"
    EN = "en"
    BOTH = "zh+en"


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """One message as a channel gets it.

    ``key`` is the same for every attempt of one send; ``collapse_key`` is the same over all rounds of a step, so that a
    phone shows a repeated send once. ``answer_url`` acknowledges the alarm, once; ``receipt_url`` tells us that the
    message has arrived on a phone. ``room`` is what a voice can read out. ``page`` is the console's page to open where
    there is nothing to answer.
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
    drill: bool = False
    test: bool = False
    room: str = ""
    language: Language = Language.BOTH
    answer_url: str = ""
    receipt_url: str = ""
    page: str = ""

    @property
    def title(self) -> str:
        """In the language of the address, or Chinese and English in one line."""
        return self._one(self.title_zh, self.title_en, " ")

    @property
    def body(self) -> str:
        """In the language of the address, or Chinese first and English below it where it says something else."""
        return self._one(self.body_zh, self.body_en, "\n")

    @property
    def body_with_link(self) -> str:
        """For channels without buttons of their own: the body, and how to answer."""
        if not self.answer_url:
            return self.body
        words = self._one("点此应答", "Tap to answer", " ")
        return f"{self.body}\n{words}: {self.answer_url}"

    def _one(self, zh: str, en: str, between: str) -> str:
        match self.language:
            case Language.ZH:
                return zh
            case Language.EN:
                return en
            case _:
                return zh if zh == en else f"{zh}{between}{en}"


def notice(
    alarm: Alarm,
    send_key: str,
    step: int,
    target: str,
    channel: str,
    reason: str,
    *,
    answer_url: str = "",
    receipt_url: str = "",
    language: str = Language.BOTH,
) -> Notice:
    """The message of one send."""
    identity = alarm.identity
    place = " ".join(part for part in (identity.site_name, identity.zone_name, identity.room_name) if part)
    place = place or identity.site_id
    about_zh, about_en = _about(alarm)
    title_zh, title_en = _titles(alarm, reason)
    return Notice(
        key=send_key,
        collapse_key=f"{alarm.alarm_id}/{step}/{target}/{channel}",
        alarm_id=alarm.alarm_id,
        kind=alarm.kind,
        priority=alarm.priority,
        title_zh=title_zh,
        title_en=title_en,
        body_zh=f"{place} {about_zh}".strip(),
        body_en=f"{place} {about_en}".strip(),
        raised_at=alarm.raised_at,
        reason=reason,
        drill=Flag.DRILL in alarm.flags,
        test=Flag.TEST in alarm.flags or alarm.kind is AlarmKind.TEST,
        room=identity.room_name,
        language=Language(language),
        answer_url=answer_url,
        receipt_url=receipt_url,
    )


def kind_words(kind: AlarmKind) -> tuple[str, str]:
    """What a kind is called in messages, in Chinese and in English."""
    return _WORDS[kind]


def _titles(alarm: Alarm, reason: str) -> tuple[str, str]:
    """The kind, after it that the alarm is late, before it that it is an exercise or a test."""
    zh, en = _words(alarm)
    more_zh, more_en = _WORDS_OF_REASON.get(reason, ("", ""))
    if alarm.kind is AlarmKind.INACTIVITY and reason == Reason.MORE_URGENT:
        more_zh, more_en = _UNANSWERED
    zh, en = f"{zh}{more_zh}", f"{en}{more_en}"
    if Flag.LATE in alarm.flags:
        zh, en = f"{zh}(迟到,请立即查看)", f"{en} (late, check now)"
    if Flag.DRILL in alarm.flags:
        zh, en = f"【演习】{zh}", f"[Drill] {en}"
    if Flag.TEST in alarm.flags and alarm.kind is not AlarmKind.TEST:
        zh, en = f"【测试】{zh}", f"[Test] {en}"
    return zh, en


def _words(alarm: Alarm) -> tuple[str, str]:
    """What it is called; a fall by how far it is known."""
    if alarm.is_near_fall:
        return _NEAR_FALL
    if alarm.is_pre_alarm:
        return _PRE_ALARM
    if alarm.is_question:
        return _QUESTION
    if alarm.kind is AlarmKind.FALL and alarm.priority is not Priority.EMERGENCY:
        return _SUSPECTED_FALL
    if sprinkler.is_confirmed(alarm):
        return _CONFIRMED_FIRE
    return _WORDS_OF_RULE.get(alarm.rule, _WORDS[alarm.kind])


def _about(alarm: Alarm) -> tuple[str, str]:
    """Whom it is about, how a fire came there, and how often it came; of a flood what there is, of a question why."""
    if alarm.rule == flood.RULE:
        return flood_text(alarm, _WORDS)
    person = short_name(alarm.identity.resident_name)
    if came := spread.told(alarm.evidence):
        person = f"{person} {came}".strip()
    if alarm.is_question:
        zh, en = (str(alarm.evidence.get(name, ""))[:_LONGEST] for name in ("text_zh", "text"))
        return f"{person} {zh}".strip(), f"{person} {en}".strip()
    if alarm.count == 1:
        return person, person
    return f"{person},已{alarm.count}次", f"{person}, {alarm.count} times"


def short_name(name: str) -> str:
    """The family name only: 王秀英 becomes 王**, Mary Wang becomes M. W.; of several each."""
    return BETWEEN_NAMES.join(_short(one) for one in name.split(BETWEEN_NAMES) if one)


def _short(name: str) -> str:
    if name.isascii():
        return " ".join(f"{part[0]}." for part in name.split())
    return name[0] + "*" * (len(name) - 1)
