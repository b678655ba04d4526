"""The person behind a request: an account of the registry and a session."""

from __future__ import annotations

from dataclasses import dataclass

from console.auth.permissions import Permission, allows
from ingest.registry.model import Registry, Site, User
from ingest.wire.topics import CANARY


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitor:
    """A logged-in person. ``csrf`` must come back with every change; ``session`` is the session's hash.

    ``second`` says that the login proved a second factor.
    """

    user: User
    session: str
    csrf: str
    second: bool = False

    def may(self, permission: Permission) -> bool:
        return allows(self.user.role, permission)

    def sees(self, site_id: str) -> bool:
        """True for a site of the account; an account without a list sees every site. Nobody sees the canary's."""
        return site_id != CANARY and (not self.user.site_ids or site_id in self.user.site_ids)

    def sites_in(self, registry: Registry) -> list[Site]:
        """The sites that the account sees, in the registry's order."""
        return [site for site in registry.sites if self.sees(site.site_id)]
