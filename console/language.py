"""Chinese and English: catalogues, the choice between them, and moments as people write them.

Catalogues are compiled in memory from ``locale/{language}/LC_MESSAGES/console.po`` at start.
"""

from __future__ import annotations

import gettext
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from functools import cache, lru_cache
from io import BytesIO
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

Language = Literal["zh", "en"]
LANGUAGES: tuple[Language, ...] = ("zh", "en")
LOCALE = Path(__file__).parent / "locale"
COOKIE = "anxin_language"
DEFAULT_ZONE = "Asia/Shanghai"
"""The time zone where no site says another one."""


def N_(text: str) -> str:  # noqa: N802 - the name that gettext's tools look for
    """Mark a text for translation that is looked up later."""
    return text


@cache
def load_catalogues() -> dict[Language, gettext.GNUTranslations]:
    """The catalogue of each language, read once."""
    return {language: _compile(LOCALE / language / "LC_MESSAGES" / "console.po") for language in LANGUAGES}


def choose_language(chosen: str | None, account: str | None, accepted: str, fallback: Language) -> Language:
    """The person's choice, else the account's, else the first of ``Accept-Language`` that we speak."""
    for wish in (chosen, account, *_by_weight(accepted)):
        for language in LANGUAGES:
            if wish and wish.lower().split("-")[0].split("_")[0] == language:
                return language
    return fallback


def local_time(moment: datetime, timezone_name: str) -> datetime:
    """The moment on the wall clock of a site."""
    return moment.astimezone(zone_of(timezone_name))


def _by_weight(accepted: str) -> list[str]:
    wishes: list[tuple[float, int, str]] = []
    for place, part in enumerate(accepted.split(",")[:20]):
        tag, _, weight = part.strip().partition(";q=")
        try:
            wishes.append((-float(weight or 1), place, tag))
        except ValueError:
            continue
    return [tag for _, _, tag in sorted(wishes)]


@lru_cache(maxsize=64)
def zone_of(name: str) -> tzinfo:
    """The time zone of this name."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        # a machine without time zone data still serves the country that the product is made for
        return timezone(timedelta(hours=8)) if name == DEFAULT_ZONE else UTC


def _compile(path: Path) -> gettext.GNUTranslations:
    with path.open("rb") as source:
        catalogue = read_po(source)
    compiled = BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)
