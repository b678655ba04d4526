"""Refuses parts of one entry, each with a code and with words."""

from __future__ import annotations

import re
from datetime import datetime, time

from ingest.registry.errors import InvalidEntryError

PERSON = re.compile(r"(user|contact):\S+")
_ID = re.compile(r"\S+")
_CHANNEL = re.compile(r"[a-z][a-z0-9_]*")


class EntryCheck:
    """Checks of the entry ``what`` ``entry_id``; each raises InvalidEntryError where it does not hold."""

    def __init__(self, what: str, entry_id: str) -> None:
        self._what = what
        self._entry_id = entry_id

    def that(self, holds: bool, field: str, code: str, why: str, **facts: object) -> None:
        if not holds:
            raise InvalidEntryError(self._what, self._entry_id, field, code, why, **facts)

    def given(self, field: str, text: str, advice: str) -> None:
        self.that(bool(text.strip()), field, "empty", f"is empty: {advice}")

    def id(self, field: str, entry_id: str) -> None:
        self.that(_ID.fullmatch(entry_id) is not None, field, "no_id", f"{entry_id!r} is no id: use no spaces")

    def listed(self, field: str, value: str, known: tuple[str, ...]) -> None:
        self.that(value in known, field, "not_listed", f"{value!r} is none of {', '.join(known)}", value=value)

    def person(self, field: str, person: str) -> None:
        known = PERSON.fullmatch(person) is not None
        self.that(known, field, "no_person", f"{person!r} is no person: write user:ID or contact:ID", value=person)

    def channel(self, field: str, channel: str) -> None:
        said = f"{channel!r} is no channel: use small letters, digits and _"
        self.that(_CHANNEL.fullmatch(channel) is not None, field, "no_channel", said, value=channel)

    def within(self, field: str, value: float, least: float, most: float, unit: str = "") -> None:
        said = f"{value:g}{unit} is not within {least:g} to {most:g}{unit}"
        self.that(least <= value <= most, field, "out_of_range", said, least=f"{least:g}", most=f"{most:g}")

    def moment(self, field: str, at: datetime) -> None:
        self.that(at.tzinfo is not None, field, "no_time_zone", f"{at} has no time zone")

    def local_time(self, field: str, at: time) -> None:
        local = at.tzinfo is None and not at.microsecond
        said = f"{at} must be a local time in whole seconds, without a time zone"
        self.that(local, field, "no_local_time", said)

    def span(self, prefix: str, begins_at: datetime, ends_at: datetime) -> None:
        self.moment(f"{prefix}begins_at", begins_at)
        self.moment(f"{prefix}ends_at", ends_at)
        said = f"{ends_at} is not after the begin, {begins_at}"
        self.that(begins_at < ends_at, f"{prefix}ends_at", "ends_early", said)
