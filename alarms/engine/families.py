"""The families of one registry: which targets are relatives with an account, what they see, when it is quiet."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from alarms.engine.family_view import Viewer, viewer_of
from ingest.registry.family_model import FamilyWish
from ingest.registry.model import Registry

_NOT_FOR_NEWS = ("voice",)
"""Nobody is called on the telephone for what only tells."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Relative:
    """Somebody who looks after one resident over a family account; ``zone`` is the resident's."""

    viewer: Viewer
    wish: FamilyWish
    zone: ZoneInfo
    language: str

    @property
    def target(self) -> str:
        return self.viewer.by

    def is_quiet(self, now: datetime) -> bool:
        """Whether nothing that is not urgent is to reach them now."""
        return self.wish.is_quiet(now.astimezone(self.zone).time())


class Families:
    """Looks relatives up by target."""

    def __init__(self, registry: Registry) -> None:
        self._relatives = {relative.target: relative for relative in _relatives(registry)}

    def __iter__(self) -> Iterator[Relative]:
        return iter(self._relatives.values())

    def of(self, target: str) -> Relative | None:
        """The relative with this target; None for staff, and for contacts without an account."""
        return self._relatives.get(target)

    def about(self, resident_id: str) -> list[Relative]:
        """The relatives of one resident."""
        return [one for one in self if one.viewer.resident.resident_id == resident_id]

    def is_quiet(self, target: str, now: datetime) -> bool:
        relative = self.of(target)
        return relative is not None and relative.is_quiet(now)


def may_carry_news(channel: str) -> bool:
    """Whether a channel is fit for what is no alarm."""
    return channel not in _NOT_FOR_NEWS


def _relatives(registry: Registry) -> Iterator[Relative]:
    for contact in registry.contacts:
        user = registry.user.get(contact.user_id or "")
        if user is None or user.disabled:
            continue
        viewer = viewer_of(registry, contact)
        if viewer is None:
            continue
        wish = registry.family_wish.get(user.user_id, FamilyWish(user_id=user.user_id))
        site = registry.site.get(contact.site_id)
        yield Relative(
            viewer=viewer, wish=wish, zone=_zone(site.timezone if site is not None else ""), language=user.language
        )


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ZoneInfo("UTC")
