"""One field of a form: how it is asked, what may stand in it, and what becomes of it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, tzinfo
from enum import StrEnum
from typing import Any


class Ask(StrEnum):
    """How a value is asked for."""

    TEXT = "text"
    AREA = "area"
    NUMBER = "number"  # whole
    SECONDS = "seconds"  # may have a fraction
    CHECK = "check"
    SELECT = "select"
    ONE = "one"  # of the choices, each with its words in full
    MANY = "many"  # any of the choices
    ORDER = "order"  # some of the choices, in an order
    DATE = "date"
    TIME = "time"
    MOMENT = "moment"  # on the site's clock


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """``label`` is shown as it is."""

    value: str
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """What is wrong: a code of ``words.REFUSALS`` and what its sentence needs."""

    code: str
    facts: dict[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """``name`` is the entry's own name of it, as the registry's errors say it; ``label`` and ``help`` are marked texts.

    ``facts`` are what ``help`` needs. A ``fixed`` one is given once, with a new entry.
    """

    name: str
    label: str
    ask: Ask = Ask.TEXT
    help: str = ""
    facts: Mapping[str, object] = field(default_factory=dict)
    required: bool = False
    longest: int = 200
    least: float | None = None
    most: float | None = None
    choices: Sequence[Choice] = ()
    fixed: bool = False

    def fault(self, values: Sequence[str]) -> Fault | None:
        """Why these values cannot be, as far as the field itself can tell."""
        if not values:
            empty = "nobody_named" if self.ask in (Ask.MANY, Ask.ORDER) else "empty"
            return Fault(code=empty, facts={}) if self.required else None
        if any(len(value) > self.longest for value in values):
            return Fault(code="too_long", facts={"most": self.longest})
        if self.ask in (Ask.SELECT, Ask.ONE, Ask.MANY, Ask.ORDER):
            known = {choice.value for choice in self.choices}
            unknown = next((value for value in values if value not in known), None)
            return None if unknown is None else Fault(code="not_listed", facts={"value": unknown})
        return self._form_fault(values[0])

    def typed(self, values: Sequence[str], zone: tzinfo) -> Any:  # Any: what the entry's field holds
        """The value that the entry gets."""
        first = values[0] if values else ""
        match self.ask:
            case Ask.CHECK:
                return bool(values)
            case Ask.MANY | Ask.ORDER:
                return list(values)
            case Ask.TEXT | Ask.AREA:
                return first
            case Ask.SELECT | Ask.ONE:
                return first or (None if not self.required else "")
            case Ask.NUMBER:
                return int(first) if first else None
            case Ask.SECONDS:
                return float(first) if first else None
            case Ask.MOMENT:
                return datetime.fromisoformat(first).replace(tzinfo=zone) if first else None
            case Ask.TIME:
                return time.fromisoformat(first).isoformat() if first else None
            case _:
                return first or None

    def _form_fault(self, value: str) -> Fault | None:
        match self.ask:
            case Ask.NUMBER | Ask.SECONDS:
                return self._number_fault(value)
            case Ask.DATE if not _reads(date.fromisoformat, value):
                return Fault(code="no_date", facts={})
            case Ask.TIME if not _reads(time.fromisoformat, value):
                return Fault(code="no_time", facts={})
            case Ask.MOMENT if not _reads(datetime.fromisoformat, value):
                return Fault(code="no_moment", facts={})
        return None

    def _number_fault(self, value: str) -> Fault | None:
        try:
            number = float(int(value)) if self.ask is Ask.NUMBER else float(value)
        except ValueError:
            return Fault(code="no_number", facts={"value": value})
        least = -math.inf if self.least is None else self.least
        most = math.inf if self.most is None else self.most
        if not math.isfinite(number) or not least <= number <= most:
            return Fault(code="out_of_range", facts={"least": f"{least:g}", "most": f"{most:g}"})
        return None


def _reads(read: Any, value: str) -> bool:  # Any: a class's own reader
    try:
        read(value)
    except ValueError:
        return False
    return True
