"""The problem behind a step that the alarm engine refused: why, or who was first, in the person's language."""

from __future__ import annotations

from starlette.requests import Request

from alarms.lifecycle.alarm import Alarm, Response
from console.auth.guard import visitor_of
from console.broker import Reply
from console.errors import ProblemError
from console.language import N_
from console.parts import Parts
from console.words import REFUSALS

_FIRST = {
    "acknowledged": N_("%(name)s acknowledged it %(seconds)s seconds ago."),
    "attended": N_("%(name)s attends to it since %(seconds)s seconds."),
    "resolved": N_("%(name)s resolved it %(seconds)s seconds ago."),
}
_OWN = N_("You have taken it already.")
_MORE = N_(
    "%(name)s acknowledged it %(seconds)s seconds ago, and %(needed)s people are needed: acknowledge it once more to "
    "be one of them."
)
_CHANGED = N_("The alarm has changed since you saw it. Look again and repeat.")


def refusal(request: Request, parts: Parts, seen: Alarm, reply: Reply, verb: str) -> ProblemError:
    """The problem document of a refused step."""
    if reply.reason == "unknown_alarm":
        return ProblemError(404, "unknown_alarm")
    if reply.reason not in ("conflict", "refused"):
        return ProblemError(422, "bad_command", reply.detail)
    response = reply.response or seen.response.value
    code = reason_code(reply.detail) if reply.reason == "refused" else None
    if code is not None:
        return ProblemError(409, code, version=reply.version, response=response)
    return ProblemError(
        409,
        reply.reason,
        _who_was_first(request, parts, seen, reply, response, verb) if reply.reason == "conflict" else "",
        by=reply.by,
        name=parts.name_of(reply.by) if reply.by is not None else None,
        at=reply.at.isoformat() if reply.at is not None else None,
        response=response,
        version=reply.version,
    )


def reason_code(detail: str) -> str | None:
    """The problem's code for a reason of the lifecycle; None for one that has no words of its own."""
    return next((code for begin, code in REFUSALS.items() if detail.startswith(begin)), None)


def _who_was_first(request: Request, parts: Parts, seen: Alarm, reply: Reply, response: str, verb: str) -> str:
    text = parts.renderer.text
    if reply.by is None or reply.at is None or response not in _FIRST:
        return text(request, _CHANGED)
    seconds = max(0, round((parts.clock.now() - reply.at).total_seconds()))
    values = {"name": parts.name_of(reply.by), "seconds": seconds}
    if verb == "acknowledge" and response == Response.ACKNOWLEDGED:
        if reply.by == visitor_of(request).user.user_id:
            return text(request, _OWN)
        taken = {act.by for act in seen.takers} | {reply.by}
        if len(taken) < seen.needed:
            return text(request, _MORE, **values, needed=seen.needed)
    return text(request, _FIRST[response], **values)
