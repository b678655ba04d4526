"""The pages of one kind: its list with a form for a new one, an entry, saving and removing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any
from urllib.parse import quote, urlencode

import msgspec
from fastapi import Form as Body
from fastapi import Query
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from console.errors import DatabaseAwayError, ProblemError
from console.language import N_
from console.parts import Parts
from console.routes import Routes
from console.setup.form import Form, ask_again, plain
from console.setup.kind import Kind, Values
from console.setup.place import Place, place_of
from console.setup.saving import save
from ingest.log import Log
from ingest.registry.changing import fingerprint, require_unchanged
from ingest.registry.errors import InvalidEntryError, OutdatedEntryError, RegistryError
from ingest.store.connection import Connection

Id = Annotated[str, Body(max_length=200)]
DONE = {"saved": N_("Saved."), "removed": N_("Removed.")}


class KindPages:
    """Shows and changes the entries of one kind."""

    def __init__(self, parts: Parts, kind: Kind[Any]) -> None:  # Any: each kind's own entries
        self._parts = parts
        self.kind = kind
        self._log = Log("console")

    def address(self, place: Place, leaf: str = "") -> str:
        """The list's path, or that of one of its pages."""
        if not place.site.site_id:
            return f"/setup/{self.kind.path}{leaf}"
        return f"/setup/sites/{quote(place.site.site_id)}/{self.kind.path}{leaf}"

    def find(self, place: Place, entry_id: str) -> Any:  # Any: an entry of the kind
        """The entry of this id.

        Raises
        ------
        ProblemError
            404: it is not there, or not the visitor's.
        """
        known = (entry for entry in self.kind.entries(place) if self.kind.id_of(entry) == entry_id)
        entry = next(known, None)
        if entry is None:
            raise ProblemError(404, "unknown_entry")
        return entry

    def blank(self, place: Place) -> Form:
        form = self.kind.form(place, None)
        form.show(self.kind.initial(place))
        return form

    def filled(self, place: Place, entry: Any) -> Form:  # Any: an entry of the kind
        form = self.kind.form(place, entry)
        form.show(self.kind.shown(place, entry))
        form.mark = fingerprint(entry)
        return form

    def list(self, place: Place, done: str = "") -> Response:
        kind = self.kind
        entries, form = kind.entries(place), self.blank(place)
        form.begin_again = done == "saved"
        return self.page(
            place,
            "setup_list.html",
            lines=[(kind.id_of(entry), kind.name_of(entry), list(kind.cells(place, entry))) for entry in entries],
            form=form,
            entry=None,
            done=DONE.get(done, ""),
            **kind.aside(place, None),
        )

    def entry(self, place: Place, entry: Any, form: Form, status: int = 200) -> Response:  # Any: an entry of the kind
        return self.page(
            place, "setup_entry.html", status=status, entry=entry, form=form, **self.kind.aside(place, entry)
        )

    def page(self, place: Place, template: str, **values: Any) -> Response:  # Any: the template's values
        return self._parts.renderer.page(
            place.request, template, place=place, kind=self.kind, base=self.address(place), **values
        )

    async def save(self, place: Place, entry_id: str) -> Response:
        """Save what was typed; what is wrong is told beside it, and nothing typed is lost."""
        given, kind = await place.request.form(), self.kind
        known = (one for one in self.kind.entries(place) if self.kind.id_of(one) == entry_id)
        entry = next(known, None)
        form = self.kind.form(place, entry)
        form.read(given)
        if entry_id and entry is None:  # saving again adds it anew
            form.mark = ""
            form.refuse("", "removed_meanwhile", what=self.kind.what)
            return self.entry(place, None, form, 409)
        if more := given.get("more"):
            if more in form.counts:
                ask_again(form, str(more))
            return self.entry(place, entry, form)
        if not form.good:
            return self.entry(place, entry, form, 422)
        changed = self.kind.read(place, form, entry)
        refused = await attempt(
            place,
            form,
            lambda connection: self._write(connection, place, changed, form.mark),
            lambda current: kind.shown(place, current),
        )
        if refused:
            return self.entry(place, entry, form, refused)
        self._log.info("setup.saved", what=self.kind.what, entry_id=self.kind.id_of(changed))
        following = await self.kind.saved(place, changed, is_new=entry is None)
        return following or self.back(place, "saved")

    async def remove(self, place: Place, entry_id: str) -> Response:
        """Remove it, where nothing belongs to it any more."""
        entry, remove = self.find(place, entry_id), self.kind.writing.remove
        if remove is None:
            raise ProblemError(404, "not_found")
        form = self.filled(place, entry)
        refused = await attempt(place, form, lambda connection: remove(connection, entry_id))
        if refused:
            return self.entry(place, entry, form, refused)
        self._log.info("setup.removed", what=self.kind.what, entry_id=entry_id)
        return self.back(place, "removed")

    def back(self, place: Place, done: str) -> Response:
        return RedirectResponse(f"{self.address(place)}?{urlencode({'done': done})}", 303)

    def _write(self, connection: Connection, place: Place, entry: Any, seen: str) -> None:  # Any: as find
        require_unchanged(connection, self.kind.what, self.kind.id_of(entry), seen)
        self.kind.save(connection, place, entry)


async def attempt(
    place: Place,
    form: Form,
    change: Callable[[Connection], object],
    shown: Callable[[Any], Values] = plain,  # Any: an entry of the form's kind
) -> int:
    """Carry a change out: 0, or the status of the page that says at its field why it was refused.

    ``shown`` is what the form shows of an entry.
    """
    try:
        await save(place, change)
    except OutdatedEntryError as error:
        form.refuse("", error.code, **error.facts)
        _show_theirs(form, error.current, shown)
        return 409
    except RegistryError as error:
        form.refuse(error.field, error.code, **error.facts)
        return 422 if isinstance(error, InvalidEntryError) else 409
    except DatabaseAwayError:
        form.refuse("", "database_away")
        return 503
    return 0


def add_kind_pages(routes: Routes, parts: Parts, pages: KindPages) -> None:
    """Add the kind's routes, which need its permission; below a site, where it belongs to one."""
    kind = pages.kind
    below_site = kind.what not in ("site", "user")
    path = f"/setup/sites/{{site_id}}/{kind.path}" if below_site else f"/setup/{kind.path}"

    def place_in(request: Request) -> Place:
        return place_of(parts, request, request.path_params.get("site_id", ""))

    async def show(request: Request, done: Annotated[str, Query(max_length=20)] = "") -> Response:
        return pages.list(place_in(request), done)

    async def show_entry(request: Request, id: Annotated[str, Query(max_length=200)]) -> Response:  # noqa: A002 - the address's name
        place = place_in(request)
        entry = pages.find(place, id)
        return pages.entry(place, entry, pages.filled(place, entry))

    async def save_entry(request: Request, id: Id = "") -> Response:  # noqa: A002 - the form's name
        return await pages.save(place_in(request), id)

    async def remove_entry(request: Request, id: Id) -> Response:  # noqa: A002 - the form's name
        return await pages.remove(place_in(request), id)

    routes.get(path, show, kind.permission)
    routes.get(f"{path}/entry", show_entry, kind.permission)
    routes.post(f"{path}/entry", save_entry, kind.permission)
    if kind.writing.remove is not None:
        routes.post(f"{path}/remove", remove_entry, kind.permission)


def _show_theirs(form: Form, current: msgspec.Struct | None, shown: Callable[[Any], Values]) -> None:  # Any: as attempt
    """Lay what somebody else has saved beside what was typed; saving again is then meant."""
    form.mark = fingerprint(current)
    if current is not None:
        other = Form(form.fields, form.repeats, zone=form.zone)
        other.show(shown(current))
        form.theirs = other.values
