"""Writes down what an alarm has become, and puts what follows from it into the outbox."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec

from alarms.engine.identity import PLACES
from alarms.engine.outbox import Outbox
from alarms.engine.telling import Telling
from alarms.journal.journal import Journal
from alarms.lifecycle.alarm import Alarm, Flag
from alarms.lifecycle.effects import DoNotNotify, Effect, Lamp, Notify, SirenOff, SirenOn
from alarms.lifecycle.events import Recovered
from ingest.log import Log
from ingest.registry.model import Registry
from ingest.wire import topics

_ENCODE = msgspec.json.Encoder().encode
_VALID_S = 600
"""How long a gateway may still show a lamp or switch its siren."""


class Writing:
    """The journal and the people and gateways of one registry."""

    def __init__(self, journal: Journal, registry: Registry, telling: Telling) -> None:
        self._journal = journal
        self._registry = registry
        self._telling = telling
        self._log = Log("alarms")

    def write(
        self,
        alarm: Alarm,
        effects: Sequence[Effect],
        now: datetime,
        out: Outbox,
        *,
        event: str,
        by: str,
        more: dict[str, Any] | None = None,  # Any: JSON
    ) -> None:
        """A version of an alarm with the event that made it, and all that follows; ``more`` is for the log."""
        detail: dict[str, Any] = {
            "response": alarm.response,
            "condition": alarm.condition,
            "priority": alarm.priority,
            "count": alarm.count,
        }  # Any: JSON
        detail |= more or {}
        self._journal.write(alarm, at=now, event=event, by=by, detail=detail)
        out.alarms[alarm.alarm_id] = alarm
        if alarm.next_step_at is None:
            self._telling.stop(alarm, now, out)
        if not alarm.is_open or event == Recovered.__name__:
            self._telling.all_clear(alarm, now, out)
        for effect in effects:
            self._follow(alarm, effect, now, out)
        if event != "Recurred" and Flag.CANARY not in alarm.flags:
            self._log.info(
                f"alarm.{event.lower()}",
                alarm_id=alarm.alarm_id,
                site_id=alarm.identity.site_id,
                rule=alarm.rule,
                by=by,
            )

    def command(self, alarm: Alarm, gateway_id: str, body: dict[str, Any], name: str, out: Outbox) -> None:  # Any: JSON
        """Tell a gateway of the alarm's site to do something, once for this version; ``name`` tells what."""
        site = self._registry.site.get(alarm.identity.site_id)
        if site is not None and gateway_id:
            nonce = f"{alarm.alarm_id}/{alarm.version}/{name}"
            out.messages.append((topics.command(site.shard, gateway_id), _ENCODE(body | {"nonce": nonce}), False))

    def _follow(self, alarm: Alarm, effect: Effect, now: datetime, out: Outbox) -> None:
        about = alarm.identity.device_id
        match effect:
            case Notify():
                self._telling.notify(alarm, effect, now, out)
            case DoNotNotify() if Flag.CANARY in alarm.flags:
                pass  # no history, see Journal.write
            case DoNotNotify(reason=reason):
                self._journal.log_send(alarm.alarm_id, now.timestamp(), "not_sent", {"reason": reason})
            case Lamp() | SirenOn() | SirenOff() if Flag.DRILL in alarm.flags:
                pass  # an exercise switches nothing: the lamp and the siren may be those of a real alarm
            case Lamp(state=state):
                for gateway_id, device_id in self._lamps(alarm):
                    name = "lamp" if device_id == about else f"lamp-{device_id}"
                    body = {"cmd": "lamp", "device_id": device_id, "lamp": state}
                    self._tell_gateway(alarm, gateway_id, body, name, now, out)
            case SirenOn() | SirenOff():
                on = isinstance(effect, SirenOn)
                command = {"cmd": "siren", "alarm": alarm.rule, "device_id": about, "on": on}
                self._tell_gateway(alarm, alarm.identity.gateway_id, command, "siren", now, out)

    def _lamps(self, alarm: Alarm) -> list[tuple[str, str]]:
        """Whose lamp tells the person, as gateway and device: the one that called, or all that they carry."""
        who = alarm.identity
        if who.device_id.partition(":")[0] not in PLACES:
            return [(who.gateway_id, who.device_id)]
        own = [one for one in self._registry.devices if one.resident_id is not None]
        return [(one.gateway_id, one.device_id) for one in own if one.resident_id == who.resident_id]

    def _tell_gateway(
        self, alarm: Alarm, gateway_id: str, body: dict[str, Any], name: str, now: datetime, out: Outbox
    ) -> None:  # Any: JSON
        self.command(alarm, gateway_id, body | {"expires_at": now.timestamp() + _VALID_S}, name, out)
