"""Errors of the console."""

from __future__ import annotations


class ConsoleError(Exception):
    """Root of the console's errors."""


class DatabaseAwayError(ConsoleError):
    """PostgreSQL is not set up, stopped or too slow: say so on the page and show what is known without it."""


class NoAnswerError(ConsoleError):
    """The alarm engine did not answer a command in time: the person may send the same command again."""


class CertificateError(ConsoleError):
    """A certificate, its key or a name in it cannot be used: the message says why and what to do."""


class ProblemError(ConsoleError):
    """A request cannot be done; becomes a problem document (RFC 9457) or a page that says why.

    Attributes
    ----------
    status : int
        The HTTP status.
    code : str
        A short stable code: ``conflict``, ``forbidden`` …
    detail : str
        A sentence for the person, in the person's language.
    facts : dict
        Further members of the document.
    """

    def __init__(self, status: int, code: str, detail: str = "", **facts: object) -> None:
        super().__init__(f"{status} {code}: {detail}")
        self.status = status
        self.code = code
        self.detail = detail
        self.facts = facts
        self.headers: dict[str, str] = {}
