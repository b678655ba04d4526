"""The console's side of the watcher: the live feed's own code and bytes, for the canary's alarms alone.

Only this machine, or who holds the metrics token, is let in, and it shows nobody's alarm.
"""

from __future__ import annotations

from starlette.responses import Response

from console.auth.permissions import Permission
from console.auth.visitor import Visitor
from console.feed import FeedResponse
from console.parts import Parts
from console.routes import Routes
from ingest.registry.model import User
from ingest.wire.topics import CANARY

PATH = "/watch/feed"


class Watcher(Visitor):
    """Sees what no person sees, and nothing else."""

    def sees(self, site_id: str) -> bool:
        return site_id == CANARY


def add_watch_routes(routes: Routes, parts: Parts) -> None:
    watcher = Watcher(user=User(user_id=CANARY, name=CANARY, role=CANARY), session="", csrf="")

    async def still_there() -> Visitor:
        return watcher

    async def feed() -> Response:
        """The feed as the canary's watcher sees it: ``snapshot``, ``alarm``, ``closed``, ``link``, ``beat``."""
        return FeedResponse(
            live=parts.live,
            metrics=parts.metrics,
            clock=parts.clock,
            visitor=watcher,
            refresh=still_there,
            last_event_id="",
        )

    routes.get(PATH, feed, Permission.LOCAL, response_class=Response)
