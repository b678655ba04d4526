"""Builds ``alarms`` from its settings."""

from __future__ import annotations

from dataclasses import dataclass

from alarms.core.profiles import load_profiles
from alarms.engine.answers import load_links
from alarms.engine.engine import Engine
from alarms.engine.gateways import GatewayWatch
from alarms.engine.intake import Intake
from alarms.engine.loop import SUBSCRIPTIONS, Loop
from alarms.engine.memory import MemoryPath
from alarms.engine.site_configs import load_or_create_key
from alarms.journal.journal import Journal
from alarms.notify import channels
from alarms.notify.channels import Channels
from alarms.notify.dispatcher import Dispatcher
from alarms.notify.settings import NotifySettings
from alarms.projection.projector import Projector
from alarms.projection.supervision import supervision_rows
from alarms.routine.reader import NotesReader
from alarms.settings import AlarmsSettings
from ingest.clock import SystemClock
from ingest.mqtt import Session
from ingest.registry.follower import RegistryFollower
from ingest.settings import ConnectionSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """The parts of ``alarms``, ready to start."""

    loop: Loop
    session: Session
    dispatcher: Dispatcher
    follower: RegistryFollower
    projector: Projector
    notes: NotesReader
    journal: Journal
    channels: Channels


def build(connection: ConnectionSettings, settings: AlarmsSettings) -> Program:
    """Everything that ``alarms`` is made of.

    Raises
    ------
    JournalError
        The journal's file cannot be used.
    """
    folder = connection.data / "alarms"
    journal = Journal(folder / "journal.sqlite")
    profiles = load_profiles()
    intake = Intake(profiles, settings.late_after_s)
    duty = [str(url) for url in settings.duty_webhooks]

    def engine_over(other: Journal) -> Engine:
        limits = settings.test_limit_s, settings.presence_limit_s, settings.fall_window_s
        return Engine(other, intake, duty, *limits)

    account = connection.account(settings.username, settings.password.get_secret_value())
    session = Session(account, "anxin-alarms", subscriptions=SUBSCRIPTIONS)
    notify = NotifySettings.load()
    built = channels.build(
        notify, notify.keys(connection.data), publish=session.publish, heard=session.post, trusted=duty
    )
    dispatcher = Dispatcher(
        built.by_name,
        session.post,
        notify.emergency_workers,
        ordinary=notify.ordinary_workers,
    )
    follower = RegistryFollower(connection.database, folder / "registry.json", "alarms")
    follower.subscribe(session.post)
    links = load_links(notify.keys(connection.data), str(notify.public_url or ""))
    notes = NotesReader(connection.database)
    engine = engine_over(journal)
    engine.registry = follower.current
    loop = Loop(
        journal=journal,
        engine=engine,
        gateways=GatewayWatch(journal, engine, settings.gateway_grace_s, settings.gateway_return_s),
        session=session,
        dispatcher=dispatcher,
        clock=SystemClock(),
        config_key=load_or_create_key(connection.data / "secrets" / "config_key"),
        broker_grace_s=settings.broker_grace_s,
        memory=MemoryPath(engine_over, links.key),
        links=links,
        notes=notes.begun,
    )
    return Program(
        loop=loop,
        session=session,
        dispatcher=dispatcher,
        follower=follower,
        projector=Projector(connection.database, folder / "journal.sqlite", supervision_rows(profiles)),
        notes=notes,
        journal=journal,
        channels=built,
    )
