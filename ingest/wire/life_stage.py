"""How far a missing sign of life has come, in the word that a judgement's evidence has for it (docs/topics.md)."""

from __future__ import annotations

from enum import StrEnum


class Stage(StrEnum):
    """First the resident is asked, then somebody is to look."""

    ASKED = "asked"
    MISSING = "missing"
