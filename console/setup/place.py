"""Where somebody sets something up: the site, who asks, and what is known at this moment."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from datetime import datetime, tzinfo

from starlette.requests import Request

from console.auth.guard import visitor_of
from console.auth.visitor import Visitor
from console.errors import ProblemError
from console.language import zone_of
from console.parts import Parts
from console.setup.checklist import Lack
from console.setup.field import Fault
from console.setup.words import REFUSALS, SHORT_DAYS, WHATS
from ingest.registry.model import Registry, Site

_NO_SITE = Site(site_id="", name="", shard=0)
_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """``site`` has an empty id where none is meant: for sites themselves and for accounts."""

    parts: Parts
    request: Request
    visitor: Visitor
    site: Site
    registry: Registry
    now: datetime

    @property
    def zone(self) -> tzinfo:
        return zone_of(self.site.timezone)

    def text(self, message: str, **facts: object) -> str:
        return self.parts.renderer.text(self.request, message, **facts)

    def say(self, fault: Fault) -> str:
        """What is wrong, in the visitor's language."""
        facts = {
            name: self.text(WHATS[str(value)]) if name in ("what", "attached", "by") and value in WHATS else value
            for name, value in fault.facts.items()
        }
        return self.text(REFUSALS.get(fault.code, REFUSALS["conflict"]), **facts)

    def when(self, at: datetime) -> str:
        """Day and time on the site's clock."""
        local = at.astimezone(self.zone)
        return f"{self.text(SHORT_DAYS[local.weekday()])} {local:%m-%d %H:%M}"

    def lack(self, lack: Lack) -> str:
        """What is missing, in the visitor's language."""
        facts = {name: self.when(fact) if isinstance(fact, datetime) else fact for name, fact in lack.facts.items()}
        return self.text(lack.text, **facts)

    def new_id(self, what: str, name: str) -> str:
        """An id for an entry of the site that is given none: made of its name, where that can be one and is free."""
        prefix = self.site.site_id[:32]
        own = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:24] if name.isascii() else ""
        first = f"{prefix}:{own}"
        if own and first not in getattr(self.registry, what):
            return first
        return f"{prefix}:{own + '-' if own else ''}{''.join(secrets.choice(_ALPHABET) for _ in range(6))}"


def place_of(parts: Parts, request: Request, site_id: str = "") -> Place:
    """The place that a path names.

    Raises
    ------
    ProblemError
        404: no such site, or not one of the visitor's.
    """
    visitor, registry = visitor_of(request), parts.registry()
    site = registry.site.get(site_id) if site_id else _NO_SITE
    if site is None or (site_id and not visitor.sees(site_id)):
        raise ProblemError(404, "unknown_site")
    return Place(parts=parts, request=request, visitor=visitor, site=site, registry=registry, now=parts.clock.now())
