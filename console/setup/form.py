"""A form: fields, parts of which repeat, what was typed and what is wrong with it. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo
from typing import Any, Protocol

import msgspec

from console.setup.field import Fault, Field

MOST_ROWS = 50
Values = dict[str, list[str]]


class Given(Protocol):
    """What a browser has sent."""

    def getlist(self, key: Any) -> list[Any]: ...  # Any: texts or uploaded files


@dataclass(frozen=True, slots=True, kw_only=True)
class Repeat:
    """Fields that come once per row: ``{name}[0].{field}`` …

    ``legend``, which gets the row's ``number``, and ``more`` are marked texts.
    """

    name: str
    legend: str
    more: str
    fields: Sequence[Field]
    least: int = 0

    def row(self, index: int) -> list[Field]:
        return [replace(field, name=f"{self.name}[{index}].{field.name}") for field in self.fields]


class Form:
    """``mark`` is the fingerprint of the entry that was shown; ``theirs`` what somebody else has saved meanwhile."""

    def __init__(self, fields: Sequence[Field], repeats: Sequence[Repeat] = (), *, zone: tzinfo) -> None:
        self.fields = fields
        self.repeats = repeats
        self.values: Values = {}
        self.counts: dict[str, int] = {repeat.name: repeat.least for repeat in repeats}
        self.faults: dict[str, Fault] = {}
        self.faults_of_all: list[Fault] = []
        self.theirs: Values = {}
        self.mark = ""
        self.begin_again = False
        self.zone = zone

    @property
    def good(self) -> bool:
        return not self.faults and not self.faults_of_all

    @property
    def focus(self) -> str:
        """Where the cursor goes: to the first wrong field; after something was saved, to the first one."""
        wrong = next((field.name for field in self.every_field() if field.name in self.faults), "")
        return wrong or (self.fields[0].name if self.begin_again and self.fields else "")

    def rows(self, repeat: Repeat) -> list[list[Field]]:
        return [repeat.row(index) for index in range(self.counts[repeat.name])]

    def every_field(self) -> Iterator[Field]:
        yield from self.fields
        for repeat in self.repeats:
            for row in self.rows(repeat):
                yield from row

    def first(self, name: str) -> str:
        """What stands in the field; empty: nothing."""
        return next(iter(self.values.get(name, ())), "")

    def show(self, entry: Mapping[str, Any]) -> None:  # Any: a field's value
        """Fill in what an entry holds, given as plain values."""
        for name, value in entry.items():
            if (
                isinstance(value, Sequence)
                and not isinstance(value, str)
                and any(isinstance(v, Mapping) for v in value)
            ):
                self.counts[name] = len(value)
                for index, row in enumerate(value):
                    self.values |= {f"{name}[{index}].{key}": self._shown(part) for key, part in row.items()}
            else:
                self.values[name] = self._shown(value)

    def read(self, given: Given) -> None:
        """Take what was typed, without the rows that are to go, and check each field by itself."""
        self.mark = next((str(mark) for mark in given.getlist("mark")), "")
        for repeat in self.repeats:
            count = next((int(n) for n in given.getlist(f"{repeat.name}.count") if str(n).isdecimal()), repeat.least)
            kept = [i for i in range(min(count, MOST_ROWS)) if not given.getlist(f"{repeat.name}[{i}].drop")]
            self.counts[repeat.name] = len(kept)
            for index, old in enumerate(kept):
                for new_field, old_field in zip(repeat.row(index), repeat.row(old), strict=True):
                    self.values[new_field.name] = _typed_in(given, old_field.name)
        for field in self.fields:
            self.values[field.name] = _typed_in(given, field.name)
        for field in self.every_field():
            fault = field.fault(self.values[field.name])
            if fault is not None:
                self.faults[field.name] = fault

    def refuse(self, name: str, code: str, **facts: object) -> None:
        """Say what is wrong at the field, at the first one below it, or of the form as a whole."""
        fault = Fault(code=code, facts=facts)
        names = [field.name for field in self.every_field()]
        at = next((n for n in names if n == name), None) or next((n for n in names if n.startswith(f"{name}.")), None)
        if at is None or not name:
            self.faults_of_all.append(fault)
        else:
            self.faults[at] = fault

    def typed(self) -> dict[str, Any]:  # Any: a field's value
        """The values for the entry, by its own names."""
        found = {field.name: field.typed(self.values[field.name], self.zone) for field in self.fields}
        for repeat in self.repeats:
            found[repeat.name] = [
                {
                    plain.name: field.typed(self.values[field.name], self.zone)
                    for plain, field in zip(repeat.fields, row, strict=True)
                }
                for row in self.rows(repeat)
            ]
        return found

    def differs(self, name: str) -> bool:
        """Whether somebody else has saved another value than stands here."""
        return bool(self.theirs) and self.theirs.get(name, []) != self.values.get(name, [])

    def _shown(self, value: Any) -> list[str]:  # Any: a field's value
        match value:
            case None | False | "":
                return []
            case True:
                return ["1"]
            case float():
                return [f"{value:g}"]
            case datetime():
                return [value.astimezone(self.zone).strftime("%Y-%m-%dT%H:%M")]
            case list() | tuple():
                return [str(part) for part in value]
            case _:
                return [str(value)]


def plain(entry: msgspec.Struct) -> dict[str, Any]:  # Any: a field's value
    """An entry as ``Form.show`` takes it: rows as mappings, moments and times as they are."""
    found: dict[str, Any] = msgspec.to_builtins(entry, builtin_types=(datetime,))
    return found


def _typed_in(given: Given, name: str) -> list[str]:
    texts = [value.strip() for value in given.getlist(name) if isinstance(value, str)]
    return [text for text in texts if text]


def ask_again(form: Form, name: str) -> None:
    """One more row, and no complaints yet: the person is not done."""
    form.counts[name] = min(form.counts[name] + 1, MOST_ROWS)
    for field in form.every_field():
        form.values.setdefault(field.name, [])
    form.faults.clear()
    form.faults_of_all.clear()
