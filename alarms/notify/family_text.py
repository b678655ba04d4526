"""What relatives are told beside alarms: that one is over, the news of the day, check-ins. Only what is shared."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from alarms.lifecycle.alarm import AlarmKind
from alarms.notify.message import kind_words, short_name


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """A message in both languages."""

    title_zh: str
    title_en: str
    body_zh: str
    body_en: str


def all_clear(name: str, kind: AlarmKind | None, place: str) -> Text:
    """An alarm has ended; ``kind`` None and ``place`` empty where they are not shared."""
    zh, en = kind_words(kind) if kind is not None else ("报警", "The alarm")
    short, where = short_name(name), f" {place}" if place else ""
    return Text(
        title_zh=f"已结束:{zh}",
        title_en=f"Over: {en}" if kind is not None else "It is over",
        body_zh=f"{short}{where} 的报警已经结束。",
        body_en=f"The alarm about {short}{where} has ended.",
    )


def digest(
    name: str,
    *,
    ended: int,
    under_way: int,
    knows_all: bool,
    check: tuple[str, str],
    notes: Sequence[tuple[str, str]] = (),
) -> Text:
    """The news of one day. ``knows_all``: every kind is shared, so that it may be said that all is well.

    ``notes`` about the routine are new since yesterday, in Chinese and in English.
    """
    short = short_name(name)
    if under_way:
        title = ("还有未结束的报警", "An alarm is still open")
    elif notes:
        title = ("作息有变化", "A change in the routine")
    else:
        title = ("今日平安", "All is well today") if knows_all else ("今日消息", "News of the day")
    calls_zh = f"过去24小时报警{ended + under_way}次" if ended + under_way else "过去24小时没有报警"
    calls_en = f"{ended + under_way} alarms in the last 24 hours" if ended + under_way else "no alarm in 24 hours"
    state_zh = f",{under_way}次尚未结束" if under_way else ",均已结束" if ended else ""
    state_en = f", {under_way} still open" if under_way else ", all over" if ended else ""
    if not knows_all and not ended + under_way:
        calls_zh, calls_en = (
            ("没有其他新消息", "nothing else") if notes else ("没有可共享的新消息", "nothing new that is shared")
        )
    return Text(
        title_zh=title[0],
        title_en=title[1],
        body_zh=f"{short}:{calls_zh}{state_zh}。{check[0]}{''.join(zh for zh, _ in notes)}",
        body_en=" ".join(filter(None, (f"{short}: {calls_en}{state_en}.", check[1], *(en for _, en in notes)))),
    )


CHECK_NONE = ("", "")
CHECK_OPEN = ("“还好吗”还没有回答。", "“Are you fine?” is not answered yet.")
CHECK_FINE = ("今天已报平安。", "Said today that all is fine.")


def asked(name: str, *, is_resident: bool) -> Text:
    """Somebody asks whether the resident is fine; ``is_resident``: the message is for the resident."""
    short = short_name(name)
    if is_resident:
        return Text(
            title_zh="家人问:您还好吗?",
            title_en="Your family asks: are you fine?",
            body_zh="请打开,按“我很好”。",
            body_en="Open this and press “I am fine”.",
        )
    return Text(
        title_zh=f"{short}还好吗?",
        title_en=f"Is {short} fine?",
        body_zh="家人想知道。知道的话请打开回答。",
        body_en="Family would like to know. Open this to answer if you know.",
    )


def fine(name: str) -> Text:
    """All is fine, somebody who knows says."""
    short = short_name(name)
    return Text(
        title_zh=f"{short}一切都好",
        title_en=f"{short} is fine",
        body_zh="已报平安。",
        body_en="Somebody who knows has said so.",
    )


def back(name: str, since: tuple[str, str]) -> Text:
    """There are signs of life at the home of somebody who was said to be away, ``since`` in Chinese and in English."""
    short, (zh, en) = short_name(name), since
    return Text(
        title_zh=f"{short}家里有活动迹象",
        title_en=f"Is {short} back at home?",
        body_zh=f"已设为不在家,但自{zh}起有活动迹象,现已恢复关注。若仍不在家,请打开再按“不在家”。",
        body_en=f"Set as not at home, but there are signs of life since {en}: watched again. Still not at home?"
        " Open this and say so.",
    )


def question(name: str, since: tuple[str, str] | None, *, is_resident: bool, of_home: bool = False) -> Text:
    """No sign of life for long: is all well? ``since`` in Chinese and in English; None: not known.

    ``of_home``: others live there too, and nobody knows whose silence it is.
    """
    short = short_name(name)
    zh, en = since or ("", "")
    quiet_zh = f"自{zh}起没有活动迹象。" if since else "较长时间没有活动迹象。"
    quiet_en = f"No sign of life since {en}." if since else "No sign of life for long."
    if is_resident:
        return Text(
            title_zh="您还好吗?",
            title_en="Are you fine?",
            body_zh=f"{quiet_zh}请打开,按“我很好”。",
            body_en=f"{quiet_en} Open this and press “I am fine”.",
        )
    return Text(
        title_zh=f"{short}家里还好吗?" if of_home else f"{short}还好吗?",
        title_en=f"Is all well in the home of {short}?" if of_home else f"Is {short} fine?",
        body_zh=f"{quiet_zh}知道一切都好,或者不在家,请打开回答;没有人回答会报警。",
        body_en=f"{quiet_en} Open this to answer if you know that all is well, or that nobody is at home;"
        " unanswered it becomes an alarm.",
    )


def answered(name: str) -> Text:
    """A question whether all is well is over."""
    short = short_name(name)
    return Text(
        title_zh=f"{short}有消息了",
        title_en=f"News of {short}",
        body_zh="有了活动迹象,或者有人报了平安。不会报警。",
        body_en="There was a sign of life, or somebody has said that all is well. No alarm follows.",
    )
