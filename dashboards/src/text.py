"""Every text of a board in both languages; a board is generated once per language."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Language(StrEnum):
    """The languages that boards are generated in."""

    ZH = "zh"
    EN = "en"

    @property
    def other(self) -> Language:
        return Language.EN if self is Language.ZH else Language.ZH


@dataclass(frozen=True, slots=True)
class Text:
    """One text, Chinese first."""

    zh: str
    en: str

    def into(self, language: Language) -> str:
        """The text in ``language``."""
        return self.zh if language is Language.ZH else self.en
