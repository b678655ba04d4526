"""The parts of one gateway, put together from its directory."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Mapping
from pathlib import Path

import msgspec

from alarms.core.profiles import Profiles
from gateway.adapters.families import Families
from gateway.commands import Commands
from gateway.config_file import ConfigFile
from gateway.credentials import Credentials
from gateway.delivery import Delivery
from gateway.devices import Devices
from gateway.downlink import Downlink
from gateway.feedback import Feedback
from gateway.gateway import Gateway
from gateway.intake import Intake
from gateway.judge import Judge
from gateway.lamps import NativeLamps
from gateway.on_the_spot import OnTheSpot
from gateway.outputs import Outputs
from gateway.planned import Planned
from gateway.settings import GatewaySettings
from gateway.siren import CommandSiren, FileSiren, Siren, Sounding
from gateway.spool import Spool
from gateway.states import States
from gateway.uplink import Uplink
from gateway.verification import Verification
from ingest.account import Account
from ingest.clock import ClockWatch, SystemClock, decode_anchor
from ingest.health import FILE as HEALTH
from ingest.health import Health
from ingest.log import Log
from ingest.mqtt import Session, Will
from ingest.settings import ConnectionSettings
from ingest.wire import status, topics

SPOOL = "spool.sqlite"
CONFIG = "site_config.json"
SIREN = "siren"


def run_gateway(
    directory: Path,
    credentials: Credentials,
    connection: ConnectionSettings,
    settings: GatewaySettings,
    profiles: Profiles,
    stop: threading.Event,
    wake: threading.Event,
    log: Log,
) -> None:
    """Run the gateway whose directory this is until ``stop``; ``wake`` makes it look at once."""
    with contextlib.ExitStack() as closing:
        spool = Spool.open(directory / SPOOL, max_bytes=settings.spool_max_mb * 1_000_000, log=log)
        closing.callback(spool.close)
        gateway, sessions = _build(directory, credentials, connection, settings, profiles, wake, log, spool, closing)
        for session in sessions:
            closing.callback(session.stop)
            session.start()
        log.info("gateway.started", gateway_id=credentials.gateway_id, boot=spool.boot)
        gateway.run(stop)
    log.info("gateway.stopped", gateway_id=credentials.gateway_id)


def _build(
    directory: Path,
    credentials: Credentials,
    connection: ConnectionSettings,
    settings: GatewaySettings,
    profiles: Profiles,
    wake: threading.Event,
    log: Log,
    spool: Spool,
    closing: contextlib.ExitStack,
) -> tuple[Gateway, tuple[Session, Session]]:
    gateway_id, shard, started_s = credentials.gateway_id, credentials.shard, time.time()
    platform = _platform_session(credentials, connection, spool.boot, started_s, wake)
    native, native_prefix = _native_session(credentials, connection, settings, wake)
    config = ConfigFile(directory / CONFIG, gateway_id, credentials.config_key)
    if config.problem is not None:
        log.error("config.file", gateway_id=gateway_id, error=config.problem)
    judge = Judge(profiles, config.config, log)
    states = States(spool.load_state("states"))
    commands = Commands(spool.load_state("commands"))
    sounding = Sounding(_siren(directory, settings, log, closing), spool.load_state("siren"))
    verification = Verification(profiles, config.config, spool.load_state("verification"))
    planned = Planned(profiles, config.config, spool.load_state("planned"))
    feedback = Feedback(config.config, spool.load_state("feedback"))
    on_the_spot = OnTheSpot(judge, sounding, states, verification, planned)

    clock_watch = ClockWatch(SystemClock(), decode_anchor(spool.load_state("clock")))

    def kept() -> Mapping[str, bytes]:
        return {
            "judge": judge.state(),
            "states": states.encode(),
            "commands": commands.encode(),
            "siren": sounding.encode(),
            "verification": verification.encode(),
            "planned": planned.encode(),
            "feedback": feedback.encode(),
            "clock": msgspec.json.encode(clock_watch.anchor()),
        }

    uplink = Uplink(platform, shard, gateway_id, started_s, time.time, log)
    uplink.attach(spool)
    delivery = Delivery(directory / SPOOL, settings.spool_max_mb * 1_000_000, uplink, spool, kept, log)
    closing.callback(delivery.close)
    gateway = Gateway(
        gateway_id=gateway_id,
        native_prefix=native_prefix,
        settings=settings,
        platform=platform,
        native=native,
        wake=wake,
        intake=Intake(Families(settings.zigbee2mqtt_bases), Devices(config.config), states),
        judge=judge,
        on_the_spot=on_the_spot,
        feedback=feedback,
        uplink=uplink,
        delivery=delivery,
        clock_watch=clock_watch,
        health=Health(directory / HEALTH, interval_s=2.0),
        log=log,
    )
    gateway.obey(
        Downlink(
            gateway_id=gateway_id,
            shard=shard,
            uplink=uplink,
            commands=commands,
            config=config,
            on_the_spot=on_the_spot,
            lamps=NativeLamps(native.publish, native_prefix, settings.zigbee2mqtt_bases[0]),
            outputs=Outputs(native.publish, native_prefix, settings.zigbee2mqtt_bases[0], config.config),
            feedback=feedback,
            on_config=gateway.configure,
            on_record=gateway.add,
            log=log,
        )
    )
    look = clock_watch.look()
    saved = spool.load_state("judge")
    if saved is not None:
        gateway.judged(lambda: judge.restore(saved, time.time(), set_by_s=look.set_by_s))
    verification.clock_set(look.set_by_s)
    clock_watch.accept(look)
    return gateway, (platform, native)


def _platform_session(
    credentials: Credentials, connection: ConnectionSettings, boot: str, started_s: float, wake: threading.Event
) -> Session:
    shard, gateway_id = credentials.shard, credentials.gateway_id
    prefix = topics.gateway_prefix(shard, gateway_id)
    return Session(
        connection.account(credentials.username, credentials.password),
        gateway_id,
        subscriptions=(f"{prefix}/down/ack/+", f"{prefix}/down/cmd", f"{prefix}/down/config"),
        will=Will(topics.status(shard, gateway_id), status.encode("offline", boot, started_s)),
        notify=wake.set,
    )


def _native_session(
    credentials: Credentials, connection: ConnectionSettings, settings: GatewaySettings, wake: threading.Event
) -> tuple[Session, str]:
    """The session with the devices, and what stands before their own topics."""
    client_id = f"{credentials.gateway_id}-native"
    if settings.native_host:
        account = Account(
            host=settings.native_host,
            port=settings.native_port,
            username=settings.native_username,
            password=settings.native_password.get_secret_value(),
        )
        return Session(account, client_id, subscriptions=("#",), notify=wake.set), ""
    account = connection.account(credentials.username, credentials.password)
    prefix = f"{topics.native(credentials.gateway_id)}/"
    return Session(account, client_id, subscriptions=(f"{prefix}#",), notify=wake.set), prefix


def _siren(directory: Path, settings: GatewaySettings, log: Log, closing: contextlib.ExitStack) -> Siren:
    siren = FileSiren(directory / SIREN, log)
    if not settings.siren_command:
        return siren
    command = CommandSiren(settings.siren_command, siren, log)
    closing.callback(command.finish)
    return command
