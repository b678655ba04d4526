"""What the holder of a link sees: the words of the message, how the alarm stands, two buttons."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from alarms.engine.answers import SendTicket
from alarms.lifecycle.alarm import Alarm
from alarms.lifecycle.alarm import Response as AlarmResponse
from alarms.notify.message import notice
from console.answers.names import public_name_of
from console.answers.standing import Standing, holder, standing
from console.answers.words import REFUSALS, SOMEBODY, STANDINGS
from console.errors import ProblemError
from console.language import DEFAULT_ZONE, N_, local_time
from console.parts import Parts

PRIVATE = {"Referrer-Policy": "same-origin", "X-Robots-Tag": "noindex, nofollow"}
_STATUS = {Standing.MORE: 409, Standing.TAKEN: 409, Standing.OVER: 410}
_CONFIRMED = N_("Thank you. Alarms will come here.")
_CATCH_UP = 10


class Pages:
    """Pages for people, and the same in JSON for the notification's buttons."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    def alarm(self, request: Request, ticket: SendTicket) -> Response:
        alarm, state = self._alarm(ticket), self._standing(ticket)
        language = self._parts.renderer.language(request)
        return self._page(
            request,
            503 if state is Standing.UNKNOWN else 200,
            alarm=alarm,
            words=None if alarm is None else notice(alarm, "", 0, ticket.target, "", "", language=language),
            text=self._text(request, ticket),
            can_answer=state.can_answer,
            is_sure=self._parts.live.linked,
        )

    def answered(self, request: Request, ticket: SendTicket) -> Response:
        """How it stands after an answer, in JSON."""
        state = self._standing(ticket)
        return JSONResponse({"standing": state, "text": self._text(request, ticket)}, _STATUS.get(state, 200))

    def test(self, request: Request) -> Response:
        """The page behind a test message."""
        return self._page(request, 200, is_test=True)

    def confirmed(self, request: Request) -> Response:
        """A test message was answered."""
        text = self._parts.renderer.text(request, _CONFIRMED)
        if wants_json(request):
            return JSONResponse({"standing": Standing.MINE, "text": text})
        return self._page(request, 200, text=text)

    def refuse(self, request: Request, problem: ProblemError) -> Response:
        """A link that cannot be used, or an answer that did not get through."""
        text = self._parts.renderer.text(request, REFUSALS[problem.code])
        if wants_json(request):
            return JSONResponse({"standing": problem.code, "text": text}, problem.status)
        return self._page(request, problem.status, text=text, again=problem.status >= 500)

    async def catch_up(self, ticket: SendTicket, version: int) -> None:
        """Wait until this console has seen what its answer changed."""
        await self._parts.live.catch_up(lambda: self._alarm(ticket), version, _CATCH_UP)

    def has_come_back(self, ticket: SendTicket, version: int) -> bool:
        """True when the alarm is new again since the answer that made it ``version``."""
        alarm = self._alarm(ticket)
        return alarm is not None and alarm.response is AlarmResponse.NEW and alarm.version > version

    def _alarm(self, ticket: SendTicket) -> Alarm | None:
        live = self._parts.live
        return live.alarms.get(ticket.alarm_id) or live.closed.get(ticket.alarm_id)

    def _standing(self, ticket: SendTicket) -> Standing:
        return standing(self._alarm(ticket), ticket.by, synced=self._parts.live.synced)

    def _text(self, request: Request, ticket: SendTicket) -> str:
        text = self._parts.renderer.text
        alarm, words = self._alarm(ticket), STANDINGS[self._standing(ticket)]
        act = holder(alarm) if alarm is not None else None
        if act is None:
            return text(request, words)
        registry = self._parts.registry()
        site = registry.site.get(ticket.site_id)
        at = local_time(act.at, site.timezone if site is not None else DEFAULT_ZONE)
        name = public_name_of(registry, act.by) or text(request, SOMEBODY)
        return text(request, words, name=name, time=at.strftime("%H:%M"))

    def _page(self, request: Request, status: int, **values: object) -> Response:
        given = {"alarm": None, "words": None, "text": "", "can_answer": False, "is_sure": True, "again": False}
        page = self._parts.renderer.page(request, "answer.html", status=status, **{**given, "is_test": False, **values})
        page.headers.update(PRIVATE)
        return page


def wants_json(request: Request) -> bool:
    """The notification's buttons ask for it; a browser's form does not."""
    return request.headers.get("accept", "").split(",")[0].strip() == "application/json"
