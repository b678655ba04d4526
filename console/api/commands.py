"""Acknowledge, attend, assign, resolve, note, put aside, take back, confirm: what a person does about an alarm."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Annotated, Any

from fastapi import Path
from starlette.requests import Request

from alarms.lifecycle.alarm import Alarm
from console.api.bodies import Assignee, Assignment, Done, Linking, Problem, Resolution, SecondPerson, Shelving, Step
from console.api.refusal import refusal
from console.assignees import assignees
from console.auth.guard import visitor_of
from console.auth.permissions import Permission, allows
from console.auth.visitor import Visitor
from console.errors import NoAnswerError, ProblemError
from console.parts import Parts
from console.routes import Routes
from ingest.log import Log

AlarmId = Annotated[str, Path(max_length=64)]


def add_command_routes(routes: Routes, parts: Parts) -> None:
    steps = _Steps(parts)

    async def acknowledge(request: Request, alarm_id: AlarmId, body: Step) -> Done:
        return await steps.take(request, alarm_id, "acknowledge", body)

    async def attend(request: Request, alarm_id: AlarmId, body: Step) -> Done:
        return await steps.take(request, alarm_id, "attend", body)

    async def assign(request: Request, alarm_id: AlarmId, body: Assignment) -> Done:
        """Ask somebody to take it: this person is told over their channels, and it stands on the alarm."""
        if all(one.to != body.to for one in steps.assignees(request, alarm_id)):
            raise ProblemError(422, "not_assignable")
        return await steps.take(request, alarm_id, "assign", body, to=body.to)

    async def may_take(request: Request, alarm_id: AlarmId) -> list[Assignee]:
        """Who may be asked to take it, those on duty first."""
        return steps.assignees(request, alarm_id)

    async def note(request: Request, alarm_id: AlarmId, body: Step) -> Done:
        return await steps.take(request, alarm_id, "note", body)

    async def resolve(request: Request, alarm_id: AlarmId, body: Resolution) -> Done:
        return await steps.take(request, alarm_id, "resolve", body, **_ending(body))

    async def resolve_incident(request: Request, alarm_id: AlarmId, body: Resolution) -> Done:
        """Resolve every fault of an incident at the alarm that it began with."""
        return await steps.take(request, alarm_id, "resolve_incident", body, **_ending(body))

    async def shelve(request: Request, alarm_id: AlarmId, body: Shelving) -> Done:
        """Put aside until a moment, with a reason; an emergency needs a second person's account and password."""
        second = None
        if body.second is not None:
            second = await steps.second(request, steps.alarm(request, alarm_id), body.second)
        return await steps.take(request, alarm_id, "shelve", body, until=body.until, second=second)

    async def confirm_fire(request: Request, alarm_id: AlarmId, body: Step) -> Done:
        """Say that it burns: a fire alarm waits no more, everybody is told and the siren sounds."""
        return await steps.take(request, alarm_id, "confirm_fire", body)

    async def link(request: Request, alarm_id: AlarmId, body: Linking) -> Done:
        """Ask for an output at a fire, once more or for the first time; what forbids it is written down."""
        return await steps.take(request, alarm_id, "link", body, to=body.output)

    async def unshelve(request: Request, alarm_id: AlarmId, body: Step) -> Done:
        """Take back what is put aside: it rings again at once."""
        return await steps.take(request, alarm_id, "unshelve", body)

    endpoints: tuple[tuple[Callable[..., Awaitable[Done]], Permission], ...] = (
        (acknowledge, Permission.ANSWER_ALARMS),
        (attend, Permission.ANSWER_ALARMS),
        (assign, Permission.ANSWER_ALARMS),
        (note, Permission.ANSWER_ALARMS),
        (resolve, Permission.ANSWER_ALARMS),
        (resolve_incident, Permission.ANSWER_ALARMS),
        (shelve, Permission.SHELVE_ALARMS),
        (unshelve, Permission.ANSWER_ALARMS),
        (confirm_fire, Permission.ANSWER_ALARMS),
        (link, Permission.ANSWER_ALARMS),
    )
    for endpoint, permission in endpoints:
        verb = endpoint.__name__
        routes.post(
            f"/api/v1/alarms/{{alarm_id}}/{verb}",
            endpoint,
            permission,
            response_model=Done,
            name=verb,
            operation_id=verb,
            responses={code: {"model": Problem} for code in (401, 403, 404, 409, 422, 429, 504)},
        )
    routes.get("/api/v1/alarms/{alarm_id}/assignees", may_take, Permission.ANSWER_ALARMS, response_model=list[Assignee])


def _ending(body: Resolution) -> dict[str, str | None]:
    if body.disposition is None:
        raise ProblemError(422, "no_disposition")
    return {"disposition": body.disposition, "reached": body.reached}


class _Steps:
    """Carries steps to the alarm engine."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._log = Log("console")

    def alarm(self, request: Request, alarm_id: str) -> Alarm:
        """The open alarm, as far as the visitor may see it."""
        alarm = self._parts.live.alarms.get(alarm_id)
        if alarm is None or not visitor_of(request).sees(alarm.identity.site_id):
            raise ProblemError(404, "unknown_alarm")
        return alarm

    def assignees(self, request: Request, alarm_id: str) -> list[Assignee]:
        """Who may be asked to take an alarm that the visitor sees."""
        alarm = self.alarm(request, alarm_id)
        return assignees(self._parts.registry(), alarm.identity.site_id, self._parts.clock.now())

    async def second(self, request: Request, alarm: Alarm, given: SecondPerson) -> str:
        """The id of another person who may answer this alarm, proved by password."""
        parts = self._parts
        if given.account.strip() == visitor_of(request).user.user_id:
            raise ProblemError(422, "needs_second")
        try:
            user = await parts.proof.user(request, given.account, given.password.get_secret_value())
        except ProblemError as problem:
            if problem.code == "wrong_login":  # 401 would end the session of who asks
                raise ProblemError(422, "wrong_second") from None
            raise
        sees = Visitor(user=user, session="", csrf="").sees(alarm.identity.site_id)
        if not sees or not allows(user.role, Permission.ANSWER_ALARMS):
            raise ProblemError(422, "second_may_not")
        return user.user_id

    async def take(self, request: Request, alarm_id: str, verb: str, body: Step, **more: Any) -> Done:  # Any: JSON
        parts, alarm = self._parts, self.alarm(request, alarm_id)
        command: dict[str, Any] = {  # Any: a JSON object
            "do": verb,
            "version": body.version,
            "by": visitor_of(request).user.user_id,
            "id": str(body.id),
            "note": body.note,
            **more,
        }
        said = {name: value for name, value in command.items() if value not in (None, "")}
        try:
            with parts.metrics.command_s.time():
                reply = await parts.broker.command(alarm.identity.site_id, alarm_id, said)
        except NoAnswerError:
            parts.metrics.commands.labels(verb, "no_answer").inc()
            self._log.warning("command.no_answer", alarm_id=alarm_id, do=verb)
            raise ProblemError(504, "no_answer", id=str(body.id)) from None
        parts.metrics.commands.labels(verb, "done" if reply.ok else reply.reason).inc()
        if not reply.ok:
            raise refusal(request, parts, alarm, reply, verb)
        return Done(id=body.id, version=reply.version)
