"""Errors of the alarms package's shells."""

from __future__ import annotations


class AlarmsError(Exception):
    """Root of the alarms package's errors."""


class JournalFullError(AlarmsError):
    """The journal cannot take another byte: send emergencies from memory and say so."""


class JournalError(AlarmsError):
    """The journal's file cannot be used: tell the person and do not start."""


class ChannelError(AlarmsError):
    """A channel did not take the message; ``permanent`` means trying again is no use."""

    def __init__(self, text: str, *, permanent: bool) -> None:
        super().__init__(text)
        self.permanent = permanent


class DetectStateError(AlarmsError):
    """The file of ``detect`` cannot be used: tell the person and do not start."""


class DetectStateFullError(AlarmsError):
    """The file of ``detect`` cannot take another byte: send judgements from memory and try again."""
