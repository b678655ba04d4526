"""Numbers of standards: one TOML file per standard and edition, which profiles name instead of a number."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from alarms.core.errors import RuleFileError

_SHIPPED = Path(__file__).with_suffix("")
_KEYS = {"name", "value", "low", "high", "unit", "clause", "sure", "en", "zh"}
_TEXTS = ("name", "en", "zh")
_MAY_BE_EMPTY = ("unit", "clause")


class Sure(StrEnum):
    """How a number was found."""

    VERIFIED = "verified"  # read in the standard
    SECONDARY = "secondary"  # read in somebody's page about it
    KNOWN = "known"  # common knowledge of the trade, not looked up


@dataclass(frozen=True, slots=True, kw_only=True)
class Value:
    """One number of a standard: ``low`` and ``high`` are its ends, the same when it is no range.

    ``clause`` is empty when nobody has looked it up.
    """

    standard: str
    name: str
    low: float
    high: float
    unit: str
    clause: str
    sure: Sure
    en: str
    zh: str

    def __str__(self) -> str:
        return f"{self.standard}, {self.clause}" if self.clause else self.standard


@dataclass(frozen=True, slots=True, kw_only=True)
class Standard:
    """One edition of a standard; ``id`` such as GB 14287.4-2014."""

    id: str
    en: str
    zh: str
    values: Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Cited:
    """A number and the value of a standard that it is."""

    number: float
    value: Value


class Standards:
    """All editions, by id."""

    def __init__(self, standards: Iterable[Standard]) -> None:
        self._standards = {standard.id: standard for standard in standards}

    def __iter__(self) -> Iterator[Standard]:
        return (self._standards[name] for name in sorted(self._standards))

    def value(self, source: str, rule: str, key: str, name: str) -> Value:
        """The value that "GB 14287.4-2014/arc_must_alarm" names.

        Raises
        ------
        RuleFileError
            Says which standards there are, or which values the standard has.
        """
        edition, _, wanted = name.rpartition("/")
        standard = self._standards.get(edition)
        if standard is None:
            known = ", ".join(sorted(self._standards))
            raise RuleFileError(source, rule, key, name, f"a number, or STANDARD/value of {known}")
        if wanted not in standard.values:
            known = ", ".join(f"{edition}/{value}" for value in sorted(standard.values))
            raise RuleFileError(source, rule, key, name, f"a number, or {known}")
        return standard.values[wanted]

    def cited(self, source: str, rule: str, key: str, name: str) -> Cited:
        """The number that "GB 14287.4-2014/arc_must_alarm" names; of a range its end: "…/setting.low".

        Raises
        ------
        RuleFileError
            There is no such value, or it is a range and no end is named.
        """
        whole, _, end = name.rpartition(".")
        if end in ("low", "high"):
            value = self.value(source, rule, key, whole)
            return Cited(value.low if end == "low" else value.high, value)
        value = self.value(source, rule, key, name)
        if value.low != value.high:
            raise RuleFileError(source, rule, key, name, f"an end of the range: {name}.low or {name}.high")
        return Cited(value.low, value)


def load_standards(directory: Path = _SHIPPED) -> Standards:
    """Every file of the directory.

    Raises
    ------
    RuleFileError
        Names file, value, key and what is allowed.
    """
    found: dict[str, Standard] = {}
    for path in sorted(directory.glob("*.toml")):
        try:
            table = tomllib.loads(path.read_text("utf-8"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
            raise RuleFileError(path.name, "", "file", str(error), "TOML in UTF-8") from error
        standard = _standard(path.name, table)
        if standard.id in found:
            raise RuleFileError(path.name, "", "id", standard.id, "an id that no other file has")
        found[standard.id] = standard
    return Standards(found.values())


def _standard(file: str, table: Mapping[str, Any]) -> Standard:  # Any: TOML values
    for key in table:
        if key not in ("id", "en", "zh", "value"):
            raise RuleFileError(file, "", key, table[key], "the keys id, en, zh, value")
    texts = {key: _text(file, key, table.get(key)) for key in ("id", "en", "zh")}
    listed = table.get("value")
    if not isinstance(listed, list) or not listed:
        raise RuleFileError(file, "", "value", listed, "tables [[value]]")
    values = [_value(file, texts["id"], entry) for entry in listed]
    by_name = {value.name: value for value in values}
    if len(by_name) < len(values):
        raise RuleFileError(file, "", "name", [value.name for value in values], "each name once")
    return Standard(**texts, values=by_name)


def _value(file: str, standard: str, entry: Mapping[str, Any]) -> Value:  # Any: TOML values
    name = _text(file, "name", entry.get("name"))
    for key in entry:
        if key not in _KEYS:
            raise RuleFileError(file, name, key, entry[key], f"the keys {', '.join(sorted(_KEYS))}")
    low, high = entry.get("low", entry.get("value")), entry.get("high", entry.get("value"))
    numbers = [number for number in (low, high) if isinstance(number, int | float) and not isinstance(number, bool)]
    if len(numbers) < 2 or numbers[0] > numbers[1] or ("value" in entry) is ("low" in entry or "high" in entry):
        raise RuleFileError(file, name, "value", entry.get("value"), "a number, or low and high and no value")
    for key in _MAY_BE_EMPTY:
        if not isinstance(entry.get(key), str):
            raise RuleFileError(file, name, key, entry.get(key), "a text, empty when there is none")
    sure = entry.get("sure")
    if sure not in tuple(Sure):
        raise RuleFileError(file, name, "sure", sure, " or ".join(Sure))
    return Value(
        standard=standard,
        low=float(numbers[0]),
        high=float(numbers[1]),
        unit=entry["unit"],
        clause=entry["clause"],
        sure=Sure(sure),
        **{key: _text(file, key, entry.get(key), name) for key in _TEXTS},
    )


def _text(file: str, key: str, value: object, name: str = "") -> str:
    if not isinstance(value, str) or not value:
        raise RuleFileError(file, name, key, value, "a text")
    return value
