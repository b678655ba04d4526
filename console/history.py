"""What is asked of the history: filters out of a request, and its pages, newest first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import Query

from alarms.lifecycle.alarm import Alarm, AlarmKind, Priority
from console.auth.visitor import Visitor
from console.language import DEFAULT_ZONE, zone_of
from console.parts import Parts
from console.records import read_state, site_filter


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """What the person asked for; an empty text is no filter, a wrong one too."""

    site: str = ""
    kind: str = ""
    priority: str = ""
    since: str = ""
    until: str = ""
    text: str = ""

    def query(self, **more: str) -> str:
        """The filters as a query string."""
        own = {name: getattr(self, name) for name in ("site", "kind", "priority", "since", "until", "text")}
        return urlencode({name: value for name, value in {**own, **more}.items() if value})


def filters_of(
    site: Annotated[str, Query(max_length=64)] = "",
    kind: Annotated[str, Query(max_length=32)] = "",
    priority: Annotated[str, Query(max_length=16)] = "",
    since: Annotated[str, Query(max_length=10)] = "",
    until: Annotated[str, Query(max_length=10)] = "",
    text: Annotated[str, Query(max_length=100)] = "",
) -> Filters:
    """The filters of a request, for FastAPI's ``Depends``."""
    return Filters(site=site, kind=kind, priority=priority, since=since, until=until, text=text.strip())


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a page ends: the next one begins behind it."""

    before: datetime
    before_id: str

    @classmethod
    def read(cls, before: str, before_id: str) -> Place | None:
        """None where it is no place."""
        try:
            moment = datetime.fromisoformat(before)
        except ValueError:
            return None
        return cls(before=moment, before_id=before_id) if moment.tzinfo is not None else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Some alarms, and where it goes on; None: there are no more."""

    alarms: list[Alarm]
    following: Place | None


async def read_page(parts: Parts, visitor: Visitor, filters: Filters, after: Place | None, size: int) -> Page:
    """The next ``size`` alarms that the visitor may see.

    Raises
    ------
    DatabaseAwayError
        The history cannot be asked now.
    """
    rows = await parts.database.fetch("history", _values(parts, visitor, filters, after, size))
    alarms = [alarm for alarm in (read_state(row["state"]) for row in rows[:size]) if alarm is not None]
    end = rows[size - 1] if len(rows) > size else None
    following = None if end is None else Place(before=end["raised_at"], before_id=end["alarm_id"])
    return Page(alarms=alarms, following=following)


async def read_since(parts: Parts, visitor: Visitor, site_id: str, since: datetime, most: int) -> list[Alarm]:
    """The newest ``most`` alarms of a site that were raised since then.

    Raises
    ------
    DatabaseAwayError
        The history cannot be asked now.
    """
    asked = _values(parts, visitor, Filters(site=site_id), None, most) | {"since": since}
    rows = await parts.database.fetch("history", asked)
    return [alarm for alarm in (read_state(row["state"]) for row in rows) if alarm is not None]


def _values(
    parts: Parts, visitor: Visitor, filters: Filters, after: Place | None, size: int
) -> dict[str, Any]:  # Any: a statement's values
    known = parts.registry().site.get(filters.site)
    zone = zone_of(known.timezone if known is not None else DEFAULT_ZONE)
    first, last = _day(filters.since), _day(filters.until)
    return {
        "site_ids": site_filter(visitor),
        "site_id": filters.site or None,
        "kind": filters.kind if filters.kind in set(AlarmKind) else None,
        "priority": filters.priority if filters.priority in set(Priority) else None,
        "since": datetime.combine(first, time(), zone) if first is not None else None,
        "until": datetime.combine(last + timedelta(days=1), time(), zone) if last is not None else None,
        "text": filters.text or None,
        "before": None if after is None else after.before,
        "before_id": "" if after is None else after.before_id,
        "limit": size + 1,
    }


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
