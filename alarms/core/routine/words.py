"""A note in words, in both languages, with its numbers."""

from __future__ import annotations

import math

from alarms.core.routine.note import Note, NoteKind, Sureness
from alarms.core.routine.trend import WEEKS

Words = tuple[str, str]
"""Chinese, English."""

TITLES: dict[NoteKind, Words] = {
    NoteKind.NIGHT: ("夜间起身增多", "Up at night more often"),
    NoteKind.BATHROOM: ("如厕次数增多", "More visits to the bathroom"),
    NoteKind.COLD: ("室内偏冷", "Rooms too cold"),
    NoteKind.COOKER: ("灶具无人看管", "Cooker left on"),
    NoteKind.DECLINE: ("活动逐渐减少", "Less active, week after week"),
}

SURENESS: dict[Sureness, Words] = {
    Sureness.LIKELY: ("可能", "likely"),
    Sureness.CLEAR: ("明显", "clear"),
}


def note_words(note: Note) -> Words:
    """What was seen and what is usual, in a sentence each."""
    zh, en = _seen(note)
    usual_zh, usual_en = _usual(note)
    lasting_zh, lasting_en = _lasting(note)
    return f"{zh}{usual_zh}{lasting_zh}。", f"{en}{usual_en}{lasting_en}."


def _seen(note: Note) -> Words:
    now = _number(note.now)
    match note.kind:
        case NoteKind.NIGHT:
            also_zh, also_en = _also(note, "其中如厕", "visits to the bathroom")
            return f"夜间活动 {now} 次{also_zh}", f"Up {_times(note.now)} in the night{also_en}"
        case NoteKind.BATHROOM:
            also_zh, also_en = _also(note, "其中夜间", "at night")
            return f"一天如厕 {now} 次{also_zh}", f"In the bathroom {_times(note.now)} in a day{also_en}"
        case NoteKind.COLD:
            low, limit = _number(note.detail), _number(note.bound)
            return (
                f"室温低于 {limit} °C 达 {now} 小时，最低 {low} °C",
                f"Colder than {limit} °C for {now} h, {low} °C at the coldest",
            )
        case NoteKind.COOKER:
            return f"灶具开着 {now} 分钟而厨房无人", f"A cooker was on for {now} min with nobody in the kitchen"
        case NoteKind.DECLINE:
            return f"白天有活动的时间约 {now} 小时", f"Moving about in {now} h of the day"


def _usual(note: Note) -> Words:
    if math.isnan(note.usual):
        return "", ""
    usual = _number(note.usual)
    match note.kind:
        case NoteKind.NIGHT | NoteKind.BATHROOM:
            return f"，近四周常为 {usual} 次", f"; usually {usual} in the last four weeks"
        case NoteKind.COLD:
            return f"，近四周常为 {usual} °C", f"; usually {usual} °C in the last four weeks"
        case NoteKind.COOKER:
            return f"，近四周常为 {usual} 分钟", f"; usually {usual} min in the last four weeks"
        case NoteKind.DECLINE:
            return f"，{WEEKS} 周前约 {usual} 小时", f"; about {usual} h {WEEKS} weeks before"


def _lasting(note: Note) -> Words:
    if note.kind is NoteKind.DECLINE or note.days < 2:
        return "", ""
    return f"，持续 {note.days} 天", f"; for {note.days} days"


def _also(note: Note, zh: str, en: str) -> Words:
    count = _number(note.detail)
    return (f"（{zh} {count} 次）", f" ({count} {en})") if note.detail > 0 else ("", "")


def _times(count: float) -> str:
    return "once" if count == 1 else "twice" if count == 2 else f"{_number(count)} times"


def _number(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")
