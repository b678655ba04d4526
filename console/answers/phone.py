"""The page ``/phone``: how people are reached, a browser put on the list, test messages."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Annotated, Literal
from urllib.parse import urlencode

import msgspec
from fastapi import Form, Query
from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from console.answers.channel import ask_for_test, listen_to_ends, reach_of
from console.answers.limits import Limit
from console.answers.order import default_rank
from console.answers.reaches import FORMS, lines, people_of
from console.answers.subscription import WEB_PUSH, PushSubscription, Renewal, holders, is_before
from console.answers.words import ADDRESS_FAULTS, CHANNELS, TESTS
from console.auth.guard import visitor_of
from console.auth.permissions import Permission
from console.database import Row
from console.errors import DatabaseAwayError, NoAnswerError, ProblemError
from console.parts import Parts
from console.routes import Routes
from console.tls.trust_link import trust_url
from ingest.log import Log
from ingest.registry import edit_escalation
from ingest.registry.errors import RegistryError, UnknownEntryError
from ingest.registry.model import Reach, Registry

_TESTS_IN_TEN_MINUTES = 10
_WRONG_A_MINUTE = 30
_RESULTS = timedelta(days=30)
_LONGEST = 2000
Person = Annotated[str, Form(max_length=200)]


class Told(BaseModel):
    """Whether a test message is on its way, in words."""

    sent: bool
    text: str


class Phones:
    """Changes a person's channels and tests them."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._tests = Limit(_TESTS_IN_TEN_MINUTES, 600)
        self._wrong = Limit(_WRONG_A_MINUTE, 60)
        self._log = Log("console")

    def person(self, request: Request, person: str) -> str:
        """Whose channels are meant: one's own, or those of somebody the visitor may edit."""
        visitor = visitor_of(request)
        own = f"user:{visitor.user.user_id}"
        if person in ("", own):
            return own
        may = visitor.may(Permission.EDIT_PEOPLE)
        if not may or all(whom.person != person for whom in people_of(self._parts.registry(), visitor)):
            raise ProblemError(403, "forbidden")
        return person

    def reaches(self, person: str) -> tuple[Reach, ...]:
        return self._parts.registry().reaches_of.get(person, ())

    async def add(self, reach: Reach) -> None:
        """Put a channel on the list; it counts when its test message is answered."""
        await self._parts.answers.edits.run(partial(edit_escalation.add_reach, reach=reach))
        self._log.info("channel.added", person=reach.person, channel=reach.channel)
        await self._parts.answers.edits.known(lambda registry: _holds(registry, reach))

    async def remove(self, reach: Reach) -> None:
        await self._parts.answers.edits.run(
            lambda c: edit_escalation.remove_reach(c, reach.person, reach.channel, reach.address)
        )
        self._log.info("channel.removed", person=reach.person, channel=reach.channel)
        await self._parts.answers.edits.known(lambda registry: not _holds(registry, reach))

    async def renew(self, request: Request, renewal: Renewal) -> list[Reach]:
        """Put the new subscription in the place of the old one; the entries that are to be tested.

        Raises
        ------
        ProblemError
            No such subscription is on the list, or it could not be saved.
        """
        registry, address = self._parts.registry(), renewal.new.address
        known = holders(registry, renewal.old)
        if not known:
            if holders(registry, renewal.new):
                return []  # the answer to the same wish was lost on its way
            caller = request.client.host if request.client is not None else ""
            if not self._wrong.allows(caller, self._parts.clock.now().timestamp()):
                raise ProblemError(429, "too_often")
            raise ProblemError(404, "gone_channel")
        for reach in known:
            try:
                await self._parts.answers.edits.run(partial(edit_escalation.renew_reach, reach=reach, renewed=address))
            except UnknownEntryError:
                raise ProblemError(404, "gone_channel") from None
            self._log.info("channel.renewed", person=reach.person, channel=reach.channel)
        renewed = [msgspec.structs.replace(reach, address=address, ended_at=None) for reach in known]
        await self._parts.answers.edits.known(lambda registry: all(_holds(registry, reach) for reach in renewed))
        return [reach for reach in renewed if not reach.counts]

    async def test(self, reach: Reach, by: str) -> tuple[str, str]:
        """Send a test message: what became of it, as in ``words.TESTS``, and what the provider said."""
        if not self._tests.allows(reach.person, self._parts.clock.now().timestamp()):
            return "too_often", ""
        try:
            reply = await ask_for_test(self._parts, reach, by)
        except NoAnswerError:
            return "no_answer", ""
        if reply.ok:
            return "sent", reply.detail
        return reply.reason if reply.reason in TESTS else "no_answer", reply.detail

    async def page(
        self, request: Request, person: str, told: str = "", detail: str = "", fault: str = "", status: int = 200
    ) -> Response:
        visitor = visitor_of(request)
        may_edit = visitor.may(Permission.EDIT_PEOPLE)
        results, away = await self._results(person)
        shown = lines(self.reaches(person), results)
        people = people_of(self._parts.registry(), visitor) if may_edit else []
        return self._parts.renderer.page(
            request,
            "phone.html",
            status=status,
            person=person,
            is_own=person == f"user:{visitor.user.user_id}",
            name=self._parts.name_of(person),
            lines=shown,
            waiting=told == "sent" and any(not line.reach.counts for line in shown),
            people=people,
            may_edit=may_edit,
            away=away,
            push_key=self._parts.answers.push_key,
            told=self._parts.renderer.text(request, TESTS.get(told, "")),
            detail=detail,
            fault=fault,
            forms=list(FORMS),
            channels=CHANNELS,
            trust_url=trust_url(request, self._parts.settings),
        )

    async def _results(self, person: str) -> tuple[list[Row], bool]:
        since = self._parts.clock.now() - _RESULTS
        try:
            return await self._parts.database.fetch("channel_results", {"target": person, "since": since}), False
        except DatabaseAwayError:
            return [], True


def add_phone_routes(routes: Routes, parts: Parts) -> None:
    phones = Phones(parts)
    listen_to_ends(parts)

    async def show(
        request: Request,
        person: Annotated[str, Query(max_length=200)] = "",
        told: Annotated[str, Query(max_length=40)] = "",
    ) -> Response:
        return await phones.page(request, phones.person(request, person), told)

    async def subscribe(request: Request, body: PushSubscription) -> Response:
        """Put the visitor's own browser on the list, and send it a test message."""
        if not parts.answers.push_key:
            raise ProblemError(409, "no_web_push")
        person = phones.person(request, "")
        known = phones.reaches(person)
        before = [old for old in known if is_before(old, body) or old.address == body.address]
        place = default_rank(parts.registry(), person, WEB_PUSH, body.address)
        for old in before:
            if old.address != body.address:
                await phones.remove(old)
        reach = Reach(
            person=person,
            rank=min((old.rank for old in before), default=place),
            channel=WEB_PUSH,
            address=body.address,
            language=parts.renderer.language(request),
        )
        await phones.add(reach)
        told, detail = await phones.test(reach, visitor_of(request).user.user_id)
        text = " ".join(filter(None, (parts.renderer.text(request, TESTS[told]), detail if told != "sent" else "")))
        return JSONResponse(Told(sent=told == "sent", text=text).model_dump())

    async def renew(request: Request, body: Renewal) -> Response:
        """A browser has renewed its subscription, which the old one's secret proves; no session is needed."""
        for reach in await phones.renew(request, body):
            await phones.test(reach, reach.person.removeprefix("user:"))
        return Response(status_code=204)

    async def add(
        request: Request,
        person: Person,
        channel: Annotated[Literal["apprise", "webhook", "voice", "mqtt"], Form()],
        address: Annotated[str, Form(max_length=_LONGEST)],
        language: Annotated[Literal["zh", "en"], Form()] = "zh",
        rank: Annotated[str, Form(pattern=r"^([1-9][0-9]?)?$")] = "",
    ) -> Response:
        person, address = phones.person(request, person), address.strip()
        if not FORMS[channel].fullmatch(address):
            fault = parts.renderer.text(request, ADDRESS_FAULTS[channel])
            return await phones.page(request, person, fault=fault, status=422)
        place = int(rank) if rank else default_rank(parts.registry(), person, channel, address)
        reach = Reach(person=person, rank=place, channel=channel, address=address, language=language)
        try:
            await phones.add(reach)
        except RegistryError as error:
            return await phones.page(request, person, fault=str(error), status=422)
        return await tested(request, reach)

    async def test(
        request: Request,
        person: Person,
        channel: Annotated[str, Form(max_length=40)],
        mark: Annotated[str, Form(max_length=40)],
    ) -> Response:
        return await tested(request, chosen(request, person, channel, mark))

    async def remove(
        request: Request,
        person: Person,
        channel: Annotated[str, Form(max_length=40)],
        mark: Annotated[str, Form(max_length=40)],
    ) -> Response:
        reach = chosen(request, person, channel, mark)
        try:
            await phones.remove(reach)
        except RegistryError as error:  # a contact's own webhook, or somebody was faster
            return await phones.page(request, reach.person, fault=str(error), status=409)
        return RedirectResponse(_address(reach.person, "removed"), 303)

    def chosen(request: Request, person: str, channel: str, mark: str) -> Reach:
        reach = reach_of(parts.registry(), phones.person(request, person), channel, mark)
        if reach is None:
            raise ProblemError(404, "gone_channel")
        return reach

    async def tested(request: Request, reach: Reach) -> Response:
        told, detail = await phones.test(reach, visitor_of(request).user.user_id)
        if told == "sent":
            return RedirectResponse(_address(reach.person, "sent"), 303)
        return await phones.page(request, reach.person, told, detail, status=502 if told == "not_sent" else 409)

    routes.get("/phone", show, Permission.SIGNED_IN)
    routes.post("/api/v1/phone/subscription", subscribe, Permission.SIGNED_IN, response_model=Told)
    routes.post("/api/v1/phone/subscription/renewal", renew, Permission.PUBLIC, status_code=204)
    routes.post("/phone/add", add, Permission.EDIT_PEOPLE)
    routes.post("/phone/test", test, Permission.SIGNED_IN)
    routes.post("/phone/remove", remove, Permission.SIGNED_IN)


def _address(person: str, told: str) -> str:
    return "/phone?" + urlencode({"person": person, "told": told})


def _holds(registry: Registry, reach: Reach) -> bool:
    known = registry.reaches_of.get(reach.person, ())
    return any((one.channel, one.address) == (reach.channel, reach.address) for one in known)
