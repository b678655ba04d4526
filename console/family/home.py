"""``/family``: the pages of a relative, and what a relative can do."""

from __future__ import annotations

from datetime import time, timedelta
from functools import partial
from typing import Annotated, Literal
from uuid import UUID, uuid4

from fastapi import Form, Path, Query
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from alarms.engine.family_view import Facts, Happening, Viewer, family_view, viewer_of
from console.answers.limits import Limit
from console.auth.guard import visitor_of
from console.auth.permissions import Permission
from console.errors import DatabaseAwayError, NoAnswerError, ProblemError
from console.family import words
from console.family.facts import find_facts
from console.parts import Parts
from console.residents.away import Away, set_away
from console.routes import Routes
from ingest.log import Log
from ingest.registry import edit_family
from ingest.registry.errors import InvalidEntryError, RegistryError
from ingest.registry.family_model import CheckIn, CheckInWord, FamilyWish, Share
from ingest.registry.sharing import family_of

_MINUTES = (10, 20, 30, 60)
_CHECKS_IN_TEN_MINUTES = 10
_CATCH_UP = 20
ContactId = Annotated[str, Path(max_length=200)]
Clock = Annotated[str, Form(pattern=r"^(([01]\d|2[0-3]):[0-5]\d)?$")]


class FamilyPages:
    """Shows one relative one resident, and nothing else."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    def viewers(self, request: Request) -> list[Viewer]:
        """The visitor as a relative of each resident."""
        registry = self._parts.registry()
        found = (viewer_of(registry, one) for one in family_of(registry, visitor_of(request).user.user_id))
        return [viewer for viewer in found if viewer is not None]

    def viewer(self, request: Request, contact_id: str) -> Viewer:
        """The visitor as this contact.

        Raises
        ------
        ProblemError
            404: there is none, or it is somebody else.
        """
        for viewer in self.viewers(request):
            if viewer.contact.contact_id == contact_id:
                return viewer
        raise ProblemError(404, "not_found")

    async def page(
        self, request: Request, viewer: Viewer | None, *, told: str = "", fault: str = "", status: int = 200
    ) -> Response:
        parts, now = self._parts, self._parts.clock.now()
        view, is_whole = None, True
        if viewer is not None:
            facts, is_whole = await find_facts(parts, viewer.resident, now)
            view = family_view(viewer, facts, now)
        user = visitor_of(request).user
        return parts.renderer.page(
            request,
            "family.html",
            status=status,
            view=view,
            viewer=viewer,
            viewers=self.viewers(request),
            site_id=viewer.resident.site_id if viewer is not None else "",
            linked=parts.live.linked,
            is_whole=is_whole,
            told=parts.renderer.text(request, words.NOTES.get(told, "")),
            fault=parts.renderer.text(request, words.FAULTS.get(fault, "")),
            minutes=_MINUTES,
            wish=parts.registry().family_wish.get(user.user_id, FamilyWish(user_id=user.user_id)),
            reaches=parts.registry().reaches_of.get(f"user:{user.user_id}", ()),
            push_key=parts.answers.push_key,
            command_id=str(uuid4()),
            family=words,
            Share=Share,
        )


def add_family_pages(routes: Routes, parts: Parts) -> None:
    pages = FamilyPages(parts)
    checks = Limit(_CHECKS_IN_TEN_MINUTES, 600)
    log = Log("console")

    async def first(request: Request, told: Annotated[str, Query(max_length=40)] = "") -> Response:
        viewers = pages.viewers(request)
        return await pages.page(request, viewers[0] if viewers else None, told=told)

    async def one(request: Request, contact_id: ContactId, told: Annotated[str, Query(max_length=40)] = "") -> Response:
        return await pages.page(request, pages.viewer(request, contact_id), told=told)

    async def command(request: Request, viewer: Viewer, alarm_id: str, told: str, wish: dict[str, object]) -> Response:
        """Tell the alarm engine about an alarm that is shared with this relative and goes on."""
        shown = family_view(viewer, Facts(alarms=parts.live.alarms.values()), parts.clock.now())
        if all(happening.alarm_id != alarm_id for happening in shown.now):
            return await pages.page(request, viewer, fault="over", status=409)
        try:
            reply = await parts.broker.command(viewer.resident.site_id, alarm_id, {**wish, "by": viewer.by})
        except NoAnswerError:
            return await pages.page(request, viewer, fault="no_answer", status=504)
        log.info("family.said", alarm_id=alarm_id, do=wish["do"], by=viewer.by, ok=reply.ok)
        await parts.live.catch_up(lambda: parts.live.alarms.get(alarm_id), reply.version or 0, _CATCH_UP)
        if not reply.ok and wish["do"] == "set_out":
            return await pages.page(request, viewer, fault="over", status=409)
        return RedirectResponse(_address(viewer, told), 303)

    async def set_out(
        request: Request,
        contact_id: ContactId,
        alarm_id: Annotated[str, Form(max_length=64)],
        minutes: Annotated[int, Form(ge=1, le=240)],
        id: Annotated[UUID, Form()],  # noqa: A002 - the form's name, as in the API
    ) -> Response:
        until = parts.clock.now() + timedelta(minutes=minutes)
        wish: dict[str, object] = {"do": "set_out", "until": until, "id": f"family-{id}-{alarm_id}-{minutes}"}
        return await command(request, pages.viewer(request, contact_id), alarm_id, "on_the_way", wish)

    async def turn_back(
        request: Request,
        contact_id: ContactId,
        alarm_id: Annotated[str, Form(max_length=64)],
        id: Annotated[UUID, Form()],  # noqa: A002 - the form's name, as in the API
    ) -> Response:
        wish: dict[str, object] = {"do": "turn_back", "id": f"family-{id}-{alarm_id}-back"}
        return await command(request, pages.viewer(request, contact_id), alarm_id, "turned_back", wish)

    async def check_in(
        request: Request, contact_id: ContactId, word: Annotated[Literal["asked", "fine"], Form()]
    ) -> Response:
        viewer, now = pages.viewer(request, contact_id), parts.clock.now()
        if Share.CHECK_IN not in viewer.shares:
            return await pages.page(request, viewer, fault="not_shared", status=403)
        if not checks.allows(viewer.by, now.timestamp()):
            return await pages.page(request, viewer, fault="too_often", status=429)
        resident_id, asked = viewer.resident.resident_id, question(viewer) if word == "fine" else None
        said = CheckIn(resident_id=resident_id, contact_id=contact_id, word=CheckInWord(word), at=now)
        try:
            await parts.answers.edits.run(partial(edit_family.record_check_in, check_in=said))
        except (DatabaseAwayError, RegistryError):
            return await pages.page(request, viewer, fault="not_saved", status=503)
        await parts.answers.edits.known(
            lambda registry: any(c.resident_id == resident_id and c.at >= now for c in registry.check_ins)
        )
        return await ended(viewer, asked, "answered" if asked else word)

    async def away(request: Request, contact_id: ContactId, away: Away) -> Response:
        """Not at home, or back; where it is asked whether all is well, who knows that somebody is out has said so.

        Of somebody else who lives there nothing is said: the question stays.
        """
        viewer, now = pages.viewer(request, contact_id), parts.clock.now()
        if Share.CHECK_IN not in viewer.shares:
            return await pages.page(request, viewer, fault="not_shared", status=403)
        if not checks.allows(viewer.by, now.timestamp()):
            return await pages.page(request, viewer, fault="too_often", status=429)
        resident_id, is_away = viewer.resident.resident_id, away == "yes"
        asked = question(viewer) if is_away and not viewer.others_in else None
        said = CheckIn(resident_id=resident_id, contact_id=contact_id, word=CheckInWord.FINE, at=now)
        user_id = visitor_of(request).user.user_id
        try:
            await set_away(parts, user_id, resident_id, away=is_away, said=said if asked else None)
        except (DatabaseAwayError, RegistryError):
            return await pages.page(request, viewer, fault="not_saved", status=503)
        told = "back" if not is_away else "others_in" if viewer.others_in else "away"
        return await ended(viewer, asked, told)

    def question(viewer: Viewer) -> Happening | None:
        return family_view(viewer, Facts(alarms=parts.live.alarms.values()), parts.clock.now()).question

    async def ended(viewer: Viewer, asked: Happening | None, told: str) -> Response:
        """Back to the page, once the question is gone from it; the engine follows the registry within moments."""
        alarm = parts.live.alarms.get(asked.alarm_id) if asked else None
        if alarm is not None:
            await parts.live.catch_up(lambda: parts.live.alarms.get(alarm.alarm_id), alarm.version + 1, _CATCH_UP)
        return RedirectResponse(_address(viewer, told), 303)

    async def wishes(request: Request, quiet_from: Clock = "", quiet_to: Clock = "", digest_at: Clock = "") -> Response:
        user_id = visitor_of(request).user.user_id
        wish = FamilyWish(
            user_id=user_id, quiet_from=_time(quiet_from), quiet_to=_time(quiet_to), digest_at=_time(digest_at)
        )
        viewers = pages.viewers(request)
        try:
            await parts.answers.edits.run(partial(edit_family.set_family_wish, wish=wish))
        except InvalidEntryError:
            return await pages.page(request, viewers[0] if viewers else None, fault="quiet", status=422)
        except (DatabaseAwayError, RegistryError):
            return await pages.page(request, viewers[0] if viewers else None, fault="not_saved", status=503)
        await parts.answers.edits.known(lambda registry: registry.family_wish.get(user_id) == wish)
        return RedirectResponse("/family?told=saved", 303)

    routes.get("/family", first, Permission.SEE_FAMILY)
    routes.get("/family/{contact_id}", one, Permission.SEE_FAMILY)
    routes.post("/family/wishes", wishes, Permission.SEE_FAMILY)
    routes.post("/family/{contact_id}/set-out", set_out, Permission.SEE_FAMILY)
    routes.post("/family/{contact_id}/turn-back", turn_back, Permission.SEE_FAMILY)
    routes.post("/family/{contact_id}/check-in", check_in, Permission.SEE_FAMILY)
    routes.post("/family/{contact_id}/away", away, Permission.SEE_FAMILY)


def _address(viewer: Viewer, told: str) -> str:
    return f"/family/{viewer.contact.contact_id}?told={told}"


def _time(text: str) -> time | None:
    return time.fromisoformat(text) if text else None
