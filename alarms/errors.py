"""Errors of the alarms package's shells."""

from __future__ import annotations


class AlarmsError(Exception):
    """Root of the alarms package's errors."""


class JournalFullError(AlarmsError):
    """The journal cannot take another byte: send emergencies from memory and say so."""


class JournalError(AlarmsError):
    """The journal's file cannot be used: tell the person and do not start."""


class DrillError(AlarmsError):
    """There can be no such drill at that place: tell the person why."""


class ChannelError(AlarmsError):
    """A channel did not take the message.

    ``permanent``: trying this address again is of no use. ``gone``: the address has ended for good (a browser's
    subscription that its owner gave up) and may be removed. ``retry_after_s``: the provider asked to be left alone for
    so long.
    """

    def __init__(self, text: str, *, permanent: bool, gone: bool = False, retry_after_s: float | None = None) -> None:
        super().__init__(text)
        self.permanent = permanent
        self.gone = gone
        self.retry_after_s = retry_after_s


class DetectStateError(AlarmsError):
    """The file of ``detect`` cannot be used: tell the person and do not start."""


class DetectStateFullError(AlarmsError):
    """The file of ``detect`` cannot take another byte: send judgements from memory and try again."""


class AnswerTokenError(AlarmsError):
    """A link cannot be used: tell the person; nothing has changed. ``reason``: ``wrong_token`` or ``expired_token``."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason
