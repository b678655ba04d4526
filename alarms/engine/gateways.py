"""Gateways that fall silent: one fault per gateway, and one for the broker instead of one per gateway."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from alarms.engine.engine import Engine
from alarms.engine.identity import DETECT, PLATFORM, identify
from alarms.engine.outbox import Outbox
from alarms.journal.journal import Journal
from alarms.journal.records import GatewayState
from alarms.lifecycle.alarm import AlarmKind, Flag, Identity, Priority
from alarms.lifecycle.events import Onset
from ingest.wire import status

GATEWAY_LOST = "gateway_lost"
BROKER_LOST = "broker_lost"


class GatewayWatch:
    """Judges gateways by their status topic; its deadlines stand in the journal."""

    def __init__(self, journal: Journal, engine: Engine, grace_s: float, return_s: float) -> None:
        self._journal = journal
        self._engine = engine
        self._grace_s = grace_s
        self._return_s = return_s

    def status(self, gateway_id: str, payload: bytes, now: datetime, out: Outbox) -> None:
        """A gateway's status or its last will; a will from an older connection than the known one is ignored."""
        told = status.decode(payload)
        if told is None:
            return
        known = self._journal.gateway(gateway_id)
        if told.online:
            self._journal.write_gateway(
                GatewayState(gateway_id=gateway_id, boot=told.boot, state="online", at_s=told.at)
            )
            self._engine.over(GATEWAY_LOST, f"gateway:{gateway_id}", now, out)
        elif known is None or (known.state == "online" and told.is_news(known.at_s)):
            self._journal.write_gateway(
                GatewayState(
                    gateway_id=gateway_id,
                    boot=told.boot,
                    state="offline",
                    at_s=told.at,
                    lost_s=now.timestamp() + self._grace_s,
                )
            )

    def broker_lost(self, now: datetime, out: Outbox) -> None:
        """The broker has been away too long: one fault of the platform."""
        onset = Onset(
            rule=BROKER_LOST,
            subject="site:platform",
            kind=AlarmKind.FAULT,
            priority=Priority.HIGH,
            latching=False,
            momentary=False,
            identity=Identity(site_id=PLATFORM, site_name="Anxin"),
            record=f"{BROKER_LOST}/{now.timestamp()}",
            raised_at=now,
            received_at=now,
        )
        self._engine.raised(onset, now, out)

    def broker_back(self, now: datetime, out: Outbox) -> None:
        """A connection stands again: every gateway that was online has a while to say so."""
        self._engine.over(BROKER_LOST, "site:platform", now, out)
        for state in self._journal.gateways():
            if state.state == "online":
                self._journal.write_gateway(replace(state, lost_s=now.timestamp() + self._return_s))

    def due(self, now: datetime, out: Outbox) -> None:
        """Raise the faults of gateways whose grace is over."""
        for state in self._journal.gateways_lost(now):
            self._journal.write_gateway(
                GatewayState(gateway_id=state.gateway_id, boot=state.boot, state="offline", at_s=state.at_s)
            )
            gateway = self._engine.registry.gateway.get(state.gateway_id)
            flags: tuple[Flag, ...] = ()
            if state.gateway_id == DETECT:  # the platform's own detectors: life safety at the gateways goes on
                identity = Identity(site_id=PLATFORM, site_name="Anxin", gateway_id=DETECT)
            elif gateway is None or gateway.revoked:
                continue
            else:
                identity, flags = identify(self._engine.registry, state.gateway_id, None)
            onset = Onset(
                rule=GATEWAY_LOST,
                subject=f"gateway:{state.gateway_id}",
                kind=AlarmKind.FAULT,
                priority=Priority.HIGH,
                latching=False,
                momentary=False,
                identity=identity,
                record=f"{GATEWAY_LOST}/{state.gateway_id}/{state.boot}/{state.at_s}/{now.timestamp()}",
                raised_at=now,
                received_at=now,
                flags=flags,
            )
            self._engine.raised(onset, now, out)
