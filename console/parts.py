"""What the application is built from, made once in ``wiring.py`` and passed in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from console.auth.guard import Guard
from console.auth.passwords import PasswordCheck
from console.auth.sessions import Sessions
from console.auth.store import AuthStore
from console.auth.throttle import Throttle
from console.broker import Broker
from console.database import Database
from console.live import Live
from console.metrics import Metrics
from console.render import Renderer
from console.settings import ConsoleSettings
from ingest.clock import Clock
from ingest.registry.model import Registry


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """The console's parts; ``registry`` gives the newest known registry."""

    settings: ConsoleSettings
    clock: Clock
    registry: Callable[[], Registry]
    live: Live
    broker: Broker
    metrics: Metrics
    database: Database
    store: AuthStore
    sessions: Sessions
    throttle: Throttle
    passwords: PasswordCheck
    guard: Guard
    renderer: Renderer

    def name_of(self, user_id: str) -> str:
        """The account's name, or its id."""
        user = self.registry().user.get(user_id)
        return user.name if user is not None else user_id
