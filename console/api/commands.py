"""Acknowledge, attend, resolve, note: what a person does about an alarm."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID, uuid4

from fastapi import Path
from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request

from alarms.lifecycle.alarm import Alarm, Disposition, Response
from console.auth.guard import visitor_of
from console.auth.permissions import Permission
from console.broker import Reply
from console.errors import NoAnswerError, ProblemError
from console.language import N_
from console.parts import Parts
from console.routes import Routes
from ingest.log import Log

_FIRST = {
    "acknowledged": N_("%(name)s acknowledged it %(seconds)s seconds ago."),
    "attended": N_("%(name)s attends to it since %(seconds)s seconds."),
    "resolved": N_("%(name)s resolved it %(seconds)s seconds ago."),
}
_CHANGED = N_("The alarm has changed since you saw it. Look again and repeat.")


class Command(BaseModel):
    """A step with the version that the person saw. The same ``id`` is never carried out twice."""

    model_config = ConfigDict(extra="forbid")

    version: int = Field(ge=0)
    id: UUID = Field(default_factory=uuid4)
    disposition: Disposition | None = None
    note: str = Field("", max_length=2000)


class Done(BaseModel):
    """The step is carried out; ``version`` is the alarm's new one."""

    id: UUID
    version: int | None


class Problem(BaseModel):
    """A problem document; after a lost race ``by``, ``name`` and ``at`` say who was first and when."""

    type: str
    title: str
    status: int
    detail: str
    instance: str
    by: str | None = None
    name: str | None = None
    at: str | None = None
    response: str | None = None
    version: int | None = None


def add_command_routes(routes: Routes, parts: Parts) -> None:
    log = Log("console")

    async def do(request: Request, body: Command, alarm_id: Annotated[str, Path(max_length=64)], verb: str) -> Done:
        visitor = visitor_of(request)
        alarm = parts.live.alarms.get(alarm_id)
        if alarm is None or not visitor.sees(alarm.identity.site_id):
            raise ProblemError(404, "unknown_alarm")
        if verb == "resolve" and body.disposition is None:
            raise ProblemError(422, "no_disposition")
        command: dict[str, object] = {
            "do": verb,
            "version": body.version,
            "by": visitor.user.user_id,
            "id": str(body.id),
        }
        if body.disposition is not None:
            command["disposition"] = body.disposition
        if body.note:
            command["note"] = body.note
        try:
            with parts.metrics.command_s.time():
                reply = await parts.broker.command(alarm.identity.site_id, alarm_id, command)
        except NoAnswerError:
            parts.metrics.commands.labels(verb, "no_answer").inc()
            log.warning("command.no_answer", alarm_id=alarm_id, do=verb)
            raise ProblemError(504, "no_answer", id=str(body.id)) from None
        parts.metrics.commands.labels(verb, "done" if reply.ok else reply.reason).inc()
        if not reply.ok:
            raise refusal(request, parts, alarm, reply, verb)
        return Done(id=body.id, version=reply.version)

    def endpoint(verb: Literal["acknowledge", "attend", "resolve", "note"]) -> None:
        async def carry_out(request: Request, alarm_id: Annotated[str, Path(max_length=64)], body: Command) -> Done:
            return await do(request, body, alarm_id, verb)

        routes.post(
            f"/api/v1/alarms/{{alarm_id}}/{verb}",
            carry_out,
            Permission.ANSWER_ALARMS,
            response_model=Done,
            name=verb,
            operation_id=verb,
            responses={code: {"model": Problem} for code in (401, 403, 404, 409, 422, 504)},
        )

    for verb in ("acknowledge", "attend", "resolve", "note"):
        endpoint(verb)


def refusal(request: Request, parts: Parts, seen: Alarm, reply: Reply, verb: str) -> ProblemError:
    """The problem behind a refused command; a lost race says who was first and when."""
    if reply.reason == "unknown_alarm":
        return ProblemError(404, "unknown_alarm")
    if reply.reason not in ("conflict", "refused"):
        return ProblemError(422, "bad_command", reply.detail)
    response = reply.response or seen.response.value
    if verb == "resolve" and reply.reason == "refused" and response != Response.RESOLVED:
        return ProblemError(409, "still_present", version=reply.version, response=response)
    by, at = reply.by, reply.at
    detail = parts.renderer.text(request, _CHANGED)
    if by is not None and at is not None and response in _FIRST:
        seconds = max(0, round((parts.clock.now() - at).total_seconds()))
        detail = parts.renderer.text(request, _FIRST[response], name=parts.name_of(by), seconds=seconds)
    return ProblemError(
        409,
        reply.reason,
        detail,
        by=by,
        name=parts.name_of(by) if by is not None else None,
        at=at.isoformat() if at is not None else None,
        response=response,
        version=reply.version,
    )
