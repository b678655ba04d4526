"""Sets a resident as away, or as back: whoever answers alarms may, and relatives who take part in check-ins."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import Form, Path
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from console.auth.guard import visitor_of
from console.auth.permissions import Permission
from console.errors import ProblemError
from console.parts import Parts
from console.routes import Routes
from ingest.registry import edit, edit_family
from ingest.registry.changing import changing
from ingest.registry.family_model import CheckIn
from ingest.registry.model import Registry
from ingest.store.connection import Connection

Away = Annotated[Literal["yes", "no"], Form()]


async def set_away(parts: Parts, by: str, resident_id: str, *, away: bool, said: CheckIn | None = None) -> None:
    """Do it as the account ``by``, with what it says of how the resident is, and wait until it is known here.

    Raises
    ------
    DatabaseAwayError
        The database does not answer; the change may still be made.
    RegistryError
        The registry refuses it.
    """

    def change(connection: Connection) -> None:
        with changing(connection, by):
            if said is not None:
                edit_family.record_check_in(connection, said)
            edit.set_resident_away(connection, resident_id, away=away)

    edits = parts.answers.edits
    await edits.run(change)

    def is_known(registry: Registry) -> bool:
        known = registry.resident.get(resident_id)
        return known is not None and known.away == away and known.back_at is None

    await edits.known(is_known)


def add_away_step(routes: Routes, parts: Parts) -> None:
    async def step(
        request: Request,
        resident_id: Annotated[str, Path(max_length=64)],
        away: Away,
        alarm_id: Annotated[str, Form(max_length=64, pattern=r"^[\w-]*$")] = "",
    ) -> Response:
        visitor = visitor_of(request)
        resident = parts.registry().resident.get(resident_id)
        if resident is None or not visitor.sees(resident.site_id):
            raise ProblemError(404, "unknown_resident")
        await set_away(parts, visitor.user.user_id, resident_id, away=away == "yes")
        return RedirectResponse(f"/alarms/{alarm_id}" if alarm_id else f"/residents/{resident_id}", 303)

    routes.post("/residents/{resident_id}/away", step, Permission.ANSWER_ALARMS)
