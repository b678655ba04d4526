"""Checks connections at the moment when a library makes them for us, whichever library it is.

Python tells its audit hooks (PEP 578) of every connection and every child process before it happens, and a hook that
raises prevents it. Within ``with ConnectWatch(…)`` a thread therefore reaches only what the guard lets through: the
second answer of a name server, a redirect and an option of the address change nothing.
"""

from __future__ import annotations

import functools
import sys
from contextvars import ContextVar, Token
from types import TracebackType
from typing import Any, Self

from alarms.notify.guard import MAIL_PORTS, WEB_PORTS, Guard

_CONNECTS = frozenset({"socket.connect", "socket.sendto", "socket.sendmsg"})
_COMMANDS = frozenset(
    {"subprocess.Popen", "os.system", "os.posix_spawn", "os.exec", "os.spawn", "os.fork", "os.forkpty"}
)
_watching: ContextVar[ConnectWatch | None] = ContextVar("watching", default=None)


class GuardError(ConnectionRefusedError):
    """The guard lets no connection through to this address."""


class ConnectWatch:
    """Watches this thread (and what copies its context). ``refusal`` says what the guard has prevented, if anything."""

    def __init__(self, guard: Guard) -> None:
        self.refusal = ""
        self._guard = guard
        self._token: Token[ConnectWatch | None] | None = None

    def __enter__(self) -> Self:
        _install()
        self._token = _watching.set(self)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._token is not None:
            _watching.reset(self._token)

    def check(self, event: str, args: tuple[Any, ...]) -> None:  # Any: what Python reports
        """Let the event pass, or raise."""
        why = "a command of this machine" if event in _COMMANDS else self._why_not(args[1])
        if why:
            self.refusal = self.refusal or why
            raise GuardError(f"refused: {why}")

    def _why_not(self, address: object) -> str:
        if not isinstance(address, tuple):
            return "a socket of this machine"
        try:
            return self._guard.why_not_connect(address[0], address[1], WEB_PORTS | MAIL_PORTS)
        except ValueError:
            return "a name that was not looked up"


@functools.cache
def _install() -> None:
    """One hook for the process; it cannot be taken away again and does nothing outside of a watch."""
    sys.addaudithook(_hook)


def _hook(event: str, args: tuple[Any, ...]) -> None:  # Any: what Python reports
    if event in _CONNECTS or event in _COMMANDS:
        watch = _watching.get()
        if watch is not None:
            watch.check(event, args)
