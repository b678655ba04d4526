"""What follows from a transition; the shell carries it out after the journal's commit."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Reason(StrEnum):
    """Why somebody is told, or is not: every send and every send not made carries one."""

    NEW_ALARM = "new_alarm"
    ESCALATED = "escalated"
    REPEATED = "repeated"
    RAISED_AGAIN = "raised_again"
    FORGOTTEN = "forgotten"
    # not told because …
    TEST = "test"
    LOW_PRIORITY = "low_priority"
    NO_TARGET = "no_target"
    ANSWERED_MEANWHILE = "answered_meanwhile"


class Group(StrEnum):
    """Who is told, resolved to people and channels by the shell from the alarm's identity and the settings."""

    DUTY = "duty"
    CONTACTS = "contacts"


@dataclass(frozen=True, slots=True, kw_only=True)
class Notify:
    """Tell ``groups``; ``step`` and ``round`` are part of every send's key."""

    step: int
    round: int
    groups: tuple[Group, ...]
    reason: Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class DoNotNotify:
    """Tell nobody, and log why."""

    reason: Reason


class LampState(StrEnum):
    """What the wearer's lamp says."""

    RECEIVED = "received"
    HELP_COMING = "help_coming"
    OFF = "off"


@dataclass(frozen=True, slots=True, kw_only=True)
class Lamp:
    """Tell the wearer."""

    state: LampState


@dataclass(frozen=True, slots=True, kw_only=True)
class SirenOff:
    """Silence the siren that the gateway started on its own."""


Effect = Notify | DoNotNotify | Lamp | SirenOff
