"""The texts of the console's sources against its catalogues: what a translator has still to do."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from console.language import LANGUAGES, LOCALE, Language

_HERE = Path(__file__).parent
_METHODS = [("cli/**.py", "ignore"), ("**.py", "python"), ("templates/**.html", "jinja2.ext:babel_extract")]
_OPTIONS = {"templates/**.html": {"trim_blocks": "true", "lstrip_blocks": "true", "silent": "false"}}
_KEYWORDS: dict[str, tuple[int, ...] | None] = {"_": None, "N_": None, "gettext": None, "ngettext": (1, 2)}

Message = str | tuple[str, ...] | list[str]
"""A text, or its singular and plural."""


def messages() -> Iterator[tuple[Message, str]]:
    """Every text in the sources, with the file that it stands in."""
    for found in extract_from_dir(_HERE, _METHODS, _OPTIONS, keywords=_KEYWORDS):
        file, _line, message, *_ = found
        yield message, file


def untranslated(language: Language) -> list[str]:
    """The texts without a translation in this language; they are to be added to its ``console.po``."""
    catalogue = _read(language)
    return sorted({_name(message) for message, _ in messages() if not _is_translated(catalogue, message)})


def unused(language: Language) -> list[str]:
    """The texts of the catalogue that no source has any more."""
    wanted = {_name(message) for message, _ in messages()}
    return sorted(_name(m.id) for m in _read(language) if m.id and _name(m.id) not in wanted)


def incomplete() -> list[str]:
    """One line for each thing to do, in all languages; empty when all is well."""
    lines = []
    for language in LANGUAGES:
        lines += [f"{language}: not translated: {text!r}" for text in untranslated(language)]
        lines += [f"{language}: not used any more: {text!r}" for text in unused(language)]
    return lines


def _read(language: Language) -> Catalog:
    with (LOCALE / language / "LC_MESSAGES" / "console.po").open("rb") as file:
        return read_po(file)


def _name(message: Message) -> str:
    return message if isinstance(message, str) else message[0]


def _is_translated(catalogue: Catalog, message: Message) -> bool:
    found = catalogue.get(_name(message))
    if found is None or "fuzzy" in found.flags:
        return False
    given = found.string if isinstance(found.string, (tuple, list)) else (found.string,)
    return all(given)
