"""A note about the routine as a page shows it."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from alarms.core.routine.note import Note
from alarms.core.routine.words import SURENESS, TITLES, note_words
from console.language import Language


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteText:
    """One note in one language."""

    title: str
    sure: str
    words: str


def note_text(note: Note, language: Language) -> NoteText:
    """What it is called, how sure it is, and what was seen beside what is usual."""
    place = 0 if language == "zh" else 1
    return NoteText(
        title=TITLES[note.kind][place], sure=SURENESS[note.sure][place], words=note_words(note)[place]
    )  # fmt: skip


def note_view(note: Note) -> dict[str, Any]:  # Any: JSON
    """A note for programs: numbers that are not known are null."""
    given = {name: None if value != value else value for name, value in asdict(note).items()}
    zh, en = note_words(note)
    return given | {"words": {"zh": zh, "en": en}}
