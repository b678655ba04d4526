"""Builds the console's parts."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from alarms.core.profiles import load_profiles
from alarms.notify.settings import NotifySettings
from console.answers.parts import build_answer_parts
from console.auth.guard import Guard
from console.auth.passwords import PasswordCheck
from console.auth.proof import Proof
from console.auth.seal import Seal
from console.auth.second import SecondFactor
from console.auth.sessions import Sessions
from console.auth.store import AuthStore
from console.auth.throttle import Throttle
from console.auth.tokens import seal_path, store_path
from console.broker import Broker
from console.database import Database
from console.live import Live
from console.metrics import Metrics
from console.names import name_of
from console.parts import Parts
from console.plans.pictures import Pictures
from console.render import Renderer
from console.settings import ConsoleSettings
from console.setup.admission import Admission
from ingest.clock import Clock
from ingest.registry.model import Registry
from ingest.settings import ConnectionSettings


def build_parts(
    settings: ConsoleSettings, connection: ConnectionSettings, registry: Callable[[], Registry], clock: Clock
) -> Parts:
    """The parts; nothing runs yet."""

    def site_of_gateway(gateway_id: str) -> str | None:
        gateway = registry().gateway.get(gateway_id)
        return gateway.site_id if gateway is not None and not gateway.revoked else None

    live = Live(
        clock=clock, name_of=lambda by: name_of(registry(), by), site_of_gateway=site_of_gateway, ring=settings.ring
    )
    metrics = Metrics()
    metrics.watch(live)
    account = connection.account(settings.username, settings.password.get_secret_value())
    store = AuthStore(store_path(connection.data))
    throttle = Throttle(store)
    seal = Seal(seal_path(connection.data))
    second = SecondFactor(store, seal, throttle, clock, required=settings.second_factor == "required")
    sessions = Sessions(
        store,
        registry,
        clock,
        life_s=settings.session_days * 86_400,
        idle_s=settings.session_idle_hours * 3_600,
        needs_second=second.needed,
    )
    passwords = PasswordCheck()
    database = Database(connection.database, limit_s=settings.database_s)
    return Parts(
        settings=settings,
        clock=clock,
        registry=registry,
        profiles=load_profiles(),
        live=live,
        broker=Broker(account, live, metrics, reply_s=settings.reply_s),
        metrics=metrics,
        database=database,
        store=store,
        sessions=sessions,
        second=second,
        passwords=passwords,
        proof=Proof(registry, throttle, passwords, clock),
        guard=Guard(sessions, settings),
        renderer=Renderer(clock, registry, settings.language),
        answers=build_answer_parts(connection, NotifySettings.load(), registry, database_s=settings.database_s),
        admission=Admission(account, connection.data, settings.admin_password.get_secret_value()),
        pictures=Pictures(connection.data / "console" / "plans", database, registry),
    )


def close_parts(parts: Parts) -> None:
    """Close what holds threads or files."""
    parts.passwords.close()
    parts.database.close()
    parts.answers.edits.close()
    parts.store.close()


def registry_copy(data: Path) -> Path:
    """Where the console keeps its copy of the registry."""
    return data / "console" / "registry.json"
