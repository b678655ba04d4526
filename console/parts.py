"""What the application is built from, made once in ``wiring.py`` and passed in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from alarms.core.profiles import Profiles
from console.answers.parts import AnswerParts
from console.auth.guard import Guard
from console.auth.passwords import PasswordCheck
from console.auth.proof import Proof
from console.auth.second import SecondFactor
from console.auth.sessions import Sessions
from console.auth.store import AuthStore
from console.broker import Broker
from console.database import Database
from console.live import Live
from console.metrics import Metrics
from console.names import name_of
from console.plans.pictures import Pictures
from console.render import Renderer
from console.settings import ConsoleSettings
from console.setup.admission import Admission
from ingest.clock import Clock
from ingest.registry.model import Registry


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """The console's parts; ``registry`` gives the newest known registry."""

    settings: ConsoleSettings
    clock: Clock
    registry: Callable[[], Registry]
    profiles: Profiles
    live: Live
    broker: Broker
    metrics: Metrics
    database: Database
    store: AuthStore
    sessions: Sessions
    second: SecondFactor
    passwords: PasswordCheck
    proof: Proof
    guard: Guard
    renderer: Renderer
    answers: AnswerParts
    admission: Admission
    pictures: Pictures

    def name_of(self, by: str) -> str:
        """The name of who did something, see ``names.py``."""
        return name_of(self.registry(), by)
