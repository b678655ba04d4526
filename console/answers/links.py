"""The routes behind the link of a message, the notification's buttons, and receipts. Nobody need be logged in.

The token in the address is the secret: no cookie is looked at, so another site's page has nothing to borrow (no CSRF),
and it cannot know the token. Only a POST uses a token: programs that fetch a link for a preview do not.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import Form, Path
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from alarms.engine.answers import Answer, SendTicket, Ticket, use_id
from alarms.errors import AnswerTokenError
from console.answers.channel import confirm, listen_to_calls
from console.answers.limits import Limit
from console.answers.pages import PRIVATE, Pages, wants_json
from console.auth.permissions import Permission
from console.broker import Reply
from console.errors import NoAnswerError, ProblemError
from console.parts import Parts
from console.routes import Routes
from ingest.log import Log

_LONGEST = 1000
_WRONG_A_MINUTE = 30
_USES_A_MINUTE = 20
_REFUSED = {"wrong_token": 404, "expired_token": 410}
Token = Annotated[str, Path(max_length=_LONGEST)]


class TokenUse:
    """Proves tokens and hands their use to the alarm engine, not more often than people need it."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._wrong = Limit(_WRONG_A_MINUTE, 60)
        self._uses = Limit(_USES_A_MINUTE, 60)
        self._log = Log("console")

    def prove(self, request: Request, token: str) -> Ticket:
        """The ticket of a token. An address that tries many wrong ones waits; a good one always passes."""
        now = self._parts.clock.now()
        try:
            return self._parts.answers.key.read(token, now)
        except AnswerTokenError as error:
            address = request.client.host if request.client is not None else ""
            if not self._wrong.allows(address, now.timestamp()):
                raise ProblemError(429, "too_often") from error
            raise ProblemError(_REFUSED[error.reason], error.reason) from error

    async def answer(self, ticket: SendTicket, token: str, answer: Answer) -> Reply:
        """The engine's reply, the same for every use of one token."""
        return await self._tell(ticket, use_id(token), {"do": "answer", "token": token, "answer": answer})

    async def receipt(self, ticket: SendTicket, token: str) -> Reply:
        return await self._tell(ticket, f"receipt-{use_id(token)}", {"do": "receipt", "token": token})

    async def _tell(self, ticket: SendTicket, use: str, command: dict[str, str]) -> Reply:
        if not self._uses.allows(use, self._parts.clock.now().timestamp()):
            raise ProblemError(429, "too_often")
        try:
            reply = await self._parts.broker.command(ticket.site_id, ticket.alarm_id, {**command, "id": use})
        except NoAnswerError:
            self._log.warning("answer.no_answer", alarm_id=ticket.alarm_id, do=command["do"])
            raise ProblemError(504, "no_answer") from None
        if not reply.ok and reply.reason in _REFUSED:  # the engine has another key than this console
            self._log.error("answer.refused", alarm_id=ticket.alarm_id, reason=reply.reason)
            raise ProblemError(_REFUSED[reply.reason], reply.reason)
        return reply


def add_answer_routes(routes: Routes, parts: Parts) -> None:
    use, pages = TokenUse(parts), Pages(parts)
    listen_to_calls(parts)
    log = Log("console")

    async def show(request: Request, token: Token) -> Response:
        try:
            ticket = use.prove(request, token)
        except ProblemError as problem:
            return pages.refuse(request, problem)
        return pages.alarm(request, ticket) if isinstance(ticket, SendTicket) else pages.test(request)

    async def answer(
        request: Request, token: Token, answer: Annotated[Answer, Form()] = Answer.ACKNOWLEDGE
    ) -> Response:
        try:
            ticket = use.prove(request, token)
            if not isinstance(ticket, SendTicket):
                await confirm(parts, ticket)
                return pages.confirmed(request)
            reply = await use.answer(ticket, token, answer)
        except ProblemError as problem:
            return pages.refuse(request, problem)
        log.info("alarm.answered", alarm_id=ticket.alarm_id, by=ticket.by, ok=reply.ok)
        version = reply.version or 0
        await pages.catch_up(ticket, version)
        if reply.ok and pages.has_come_back(ticket, version):
            return pages.refuse(request, ProblemError(410, "used_token"))
        if wants_json(request):
            return pages.answered(request, ticket)
        return RedirectResponse(request.url.path, 303, headers=PRIVATE)

    async def receipt(request: Request, token: Token) -> Response:
        """A phone has shown a message. No session is needed: the token says which message of whom."""
        ticket = use.prove(request, token)
        if isinstance(ticket, SendTicket):
            await use.receipt(ticket, token)
        return Response(status_code=204)

    routes.get("/a/{token}", show, Permission.PUBLIC)
    routes.post("/a/{token}", answer, Permission.PUBLIC)
    routes.post("/api/v1/receipts/{token}", receipt, Permission.PUBLIC, status_code=204)
