"""An account's ways in, as pages show them: its sessions, its second factor, what happened to them lately."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from starlette.requests import Request

from console.auth.device import device_of
from console.auth.visitor import Visitor
from console.errors import ProblemError
from console.language import N_
from console.parts import Parts
from ingest.registry.model import User

MARK = r"^[0-9a-f]{16}$"
"""How a form names a session: the beginning of its hash."""

_ACTS = {
    "factor_set": N_("second step set up"),
    "factor_removed": N_("second step turned off"),
    "factor_reset": N_("second step reset"),
    "codes_renewed": N_("new recovery codes"),
    "code_used": N_("logged in with a recovery code"),
    "session_ended": N_("a session ended"),
    "sessions_ended": N_("several sessions ended"),
}
_CLI = N_("command line or program")


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionLine:
    """One session in words; ``is_here``: the one that asks."""

    mark: str
    device: str
    since: datetime
    used_at: datetime
    second: bool
    is_here: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ActLine:
    """What happened, when, and who did it."""

    at: datetime
    what: str
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """``factor_since`` None: the account has no second factor."""

    factor_since: datetime | None
    codes_left: int
    sessions: list[SessionLine]
    acts: list[ActLine]


async def access_view(parts: Parts, request: Request, user: User) -> Access:
    """All of one account, in the visitor's language."""
    visitor, text = request.state.visitor, parts.renderer.text
    here = visitor.session if isinstance(visitor, Visitor) else ""
    state = await parts.second.state(user)
    lines = []
    for row in await parts.sessions.of(user):
        browser, system = device_of(row.agent)
        lines.append(
            SessionLine(
                mark=row.token_hash[:16],
                device=" · ".join(text(request, part) for part in (browser, system) if part),
                since=_moment(row.created_at),
                used_at=_moment(row.seen_at),
                second=row.second,
                is_here=row.token_hash == here,
            )
        )
    acts = [
        ActLine(
            at=_moment(act.at),
            what=text(request, _ACTS.get(act.what, "")) or act.what,
            by=text(request, _CLI) if act.by == "cli" else parts.name_of(act.by),
        )
        for act in state.acts
    ]
    return Access(
        factor_since=None if state.since is None else _moment(state.since),
        codes_left=state.codes_left,
        sessions=sorted(lines, key=lambda line: not line.is_here),
        acts=acts,
    )


async def find_session(parts: Parts, user: User, mark: str) -> str:
    """The hash of the account's session of this mark.

    Raises
    ------
    ProblemError
        404: it has none, or no more.
    """
    found = [row.token_hash for row in await parts.sessions.of(user) if row.token_hash.startswith(mark)]
    if not found:
        raise ProblemError(404, "unknown_entry")
    return found[0]


def _moment(at: float) -> datetime:
    return datetime.fromtimestamp(at, UTC)
