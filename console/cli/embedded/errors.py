"""Errors of the embedded parts."""

from __future__ import annotations

from console.cli.exit_codes import CommandError, MissingPartError


class MissingEmbeddedPartError(MissingPartError):
    """A broker, a database or a library is not on this machine: the message says what to install."""


class EmbeddedPartError(CommandError):
    """An embedded part is here and does not work: the message says what it said."""
