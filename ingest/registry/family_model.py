"""Families in the registry: what residents share with whom, check-ins, what relatives wish."""

from __future__ import annotations

from datetime import time
from enum import StrEnum

import msgspec

from ingest.registry.times import LocalTime, Moment


class Share(StrEnum):
    """What a resident may share with a contact."""

    ENDINGS = "endings"  # that somebody was called and that it is over; shared until it is taken back
    CALLS = "calls"  # calls for help and falls, while they go on
    SAFETY = "safety"  # fire, gas, water, electricity, while they go on
    ROUTINE = "routine"  # no sign of life, left the bed, room climate, while they go on
    PLACE = "place"  # in which room
    HELPERS = "helpers"  # who was told, who has it, who is on the way
    ACTIVITY = "activity"  # when the last sign of activity was
    CHECK_IN = "check_in"  # asking and answering "are you fine?"


class Consent(msgspec.Struct, frozen=True, kw_only=True):
    """The newest word of a resident about sharing one thing with one contact.

    ``by``: who decided (the resident, or a guardian by name); ``recorded_by``: the account that wrote it down.
    """

    resident_id: str
    contact_id: str
    share: Share
    given: bool
    by: str
    recorded_by: str
    at: Moment


class CheckInWord(StrEnum):
    """What a check-in says."""

    ASKED = "asked"
    FINE = "fine"


class CheckIn(msgspec.Struct, frozen=True, kw_only=True):
    """``contact_id`` asked whether the resident is fine, or said so; the registry holds the newest of each word."""

    resident_id: str
    contact_id: str
    word: CheckInWord
    at: Moment
    check_in_id: int = 0


class FamilyWish(msgspec.Struct, frozen=True, kw_only=True):
    """What a family account wishes, in local times of the resident's site.

    Nothing that is not urgent from ``quiet_from`` to ``quiet_to``, also over midnight; the news of the day at
    ``digest_at``.
    """

    user_id: str
    quiet_from: LocalTime | None = None
    quiet_to: LocalTime | None = None
    digest_at: LocalTime | None = None

    def is_quiet(self, at: time) -> bool:
        """Whether this time of day is within the quiet hours."""
        if self.quiet_from is None or self.quiet_to is None or self.quiet_from == self.quiet_to:
            return False
        if self.quiet_from < self.quiet_to:
            return self.quiet_from <= at < self.quiet_to
        return at >= self.quiet_from or at < self.quiet_to
