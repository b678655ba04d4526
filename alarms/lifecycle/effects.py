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
    ASSIGNED = "assigned"  # somebody asked this person to take it
    MORE_URGENT = "more_urgent"  # a suspected fall is confirmed, a fire alarm is verified, a question stays unanswered
    MORE_NEEDED = "more_needed"  # somebody has taken it, and the policy asks for more people
    HANDED_OVER = "handed_over"  # the channel before failed, or no phone gave a sign
    SHELF_OVER = "shelf_over"  # it was put aside, or work was announced, and that time is over
    SPREADS = "spreads"  # a fire has reached another room
    CONFIRMED = "confirmed"  # another detector of the room where a fire is
    ALL_CLEAR = "all_clear"  # a relative who was told of it hears that it is over
    DIGEST = "digest"  # the news of the day, which a relative has asked for
    CHECK_IN = "check_in"  # somebody asks whether a resident is fine, or says so
    # not told because …
    TEST = "test"
    LOW_PRIORITY = "low_priority"
    FIRST_STEP_LATER = "first_step_later"  # the policy waits whether it passes
    NO_TARGET = "no_target"
    ROTA_GAP = "rota_gap"  # nobody is on duty: everyone is told instead
    ANSWERED_MEANWHILE = "answered_meanwhile"
    NEAR_FALL = "near_fall"  # whoever fell has got up
    VERIFYING = "verifying"  # a fire alarm of one detector waits whether it stands
    SHELVED = "shelved"
    PLANNED = "planned"
    OUT_OF_SERVICE = "out_of_service"
    HOURLY_LIMIT = "hourly_limit"
    NO_ANSWERED_TEST = "no_answered_test"  # a channel counts only after a test message was answered
    CHANNEL_ENDED = "channel_ended"  # what counted has ended for good: a browser that gave its subscription up
    IN_INCIDENT = "in_incident"  # the alarm that the incident began with tells of it
    BUNDLED = "bundled"  # a flood: low priorities are told together
    QUIET_HOURS = "quiet_hours"  # a relative is to hear only what is urgent at this time of day
    NOT_SHARED = "not_shared"  # the resident does not share it with this relative


QUIET = (Reason.IN_INCIDENT, Reason.BUNDLED)
"""Nobody is told by itself because another alarm tells of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Notify:
    """Tell ``who`` over ``channels``, see ``Step``; ``step``, ``round`` and ``mark`` are part of every send's key."""

    step: int
    round: int
    who: tuple[str, ...]
    reason: Reason
    channels: tuple[str, ...] = ()
    mark: str = ""
    hand_over_s: float = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class DoNotNotify:
    """Tell nobody, and log why."""

    reason: Reason


class LampState(StrEnum):
    """What the wearer's lamp says; ``asked``: are you fine?"""

    ASKED = "asked"
    RECEIVED = "received"
    HELP_COMING = "help_coming"
    OFF = "off"


@dataclass(frozen=True, slots=True, kw_only=True)
class Lamp:
    """Tell the wearer."""

    state: LampState


@dataclass(frozen=True, slots=True, kw_only=True)
class SirenOn:
    """Sound the siren, where the gateway does not sound it yet: it cannot know what people and other gateways say."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SirenOff:
    """Silence the siren that the gateway started on its own."""


Effect = Notify | DoNotNotify | Lamp | SirenOn | SirenOff
