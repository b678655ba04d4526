"""One kind of thing that is set up: what is asked, how it is listed, what may be done with it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Generic, TypeVar

import msgspec
from starlette.responses import Response

from console.auth.permissions import Permission
from console.setup.form import Form, plain
from console.setup.place import Place
from ingest.store.connection import Connection

E = TypeVar("E", bound=msgspec.Struct)
Values = dict[str, Any]  # Any: a field's value


@dataclass(frozen=True, slots=True, kw_only=True)
class Writing(Generic[E]):
    """The registry's own functions; ``remove`` is None for what is ended in another way."""

    add: Callable[[Connection, E], object]
    remove: Callable[[Connection, str], None] | None


class Kind(ABC, Generic[E]):
    """``what`` is its name in the registry; the other texts are marked for translation."""

    what: ClassVar[str]
    path: ClassVar[str]
    permission: ClassVar[Permission]
    title: ClassVar[str]
    adding: ClassVar[str]
    why: ClassVar[str] = ""
    type: type[E]
    template: ClassVar[str] = ""
    """Stands above the list and below an entry: a picture of the whole, more that may be done."""
    writing: Writing[E]

    @abstractmethod
    def entries(self, place: Place) -> Sequence[E]:
        """What there is, in the order of the list."""

    @abstractmethod
    def cells(self, place: Place, entry: E) -> Sequence[tuple[str, str]]:
        """A line of the list: headings (marked texts) and what stands below them."""

    @abstractmethod
    def form(self, place: Place, entry: E | None) -> Form:
        """What is asked, of an entry that is there or of a new one."""

    def save(self, connection: Connection, place: Place, entry: E) -> None:
        """Add or change it in the registry, which refuses what cannot be."""
        del place
        self.writing.add(connection, entry)

    def id_of(self, entry: E) -> str:
        return str(getattr(entry, f"{self.what}_id"))

    def name_of(self, entry: E) -> str:
        return str(getattr(entry, "name", "")) or self.id_of(entry)

    def initial(self, place: Place) -> Values:
        """What a new entry's form proposes."""
        del place
        return {}

    def shown(self, place: Place, entry: E) -> Values:
        """What an entry's form shows."""
        del place
        return plain(entry)

    def adjust(self, place: Place, values: Values, entry: E | None) -> Values:
        """The values that were typed, with what follows from them."""
        del entry
        key = f"{self.what}_id"
        return values if key in values else {key: place.new_id(self.what, str(values.get("name", ""))), **values}

    def read(self, place: Place, form: Form, entry: E | None) -> E:
        """The entry that the form, which is good by itself, stands for."""
        base = {"site_id": place.site.site_id} if entry is None else plain(entry)
        key = f"{self.what}_id"
        typed = form.typed()
        if entry is not None:
            typed[key] = self.id_of(entry)
        return msgspec.convert({**base, **self.adjust(place, typed, entry)}, self.type, strict=False)

    def aside(self, place: Place, entry: E | None) -> Mapping[str, object]:
        """The values of ``template``."""
        del place, entry
        return {}

    async def saved(self, place: Place, entry: E, *, is_new: bool) -> Response | None:
        """What follows when it is saved; None: the list is shown again."""
        del place, entry, is_new
        return None
