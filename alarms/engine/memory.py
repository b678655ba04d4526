"""With the journal's disk full everything goes on in memory: told, repeated and answered, flagged as not journaled."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime

import msgspec

from alarms.engine import commands
from alarms.engine.answers import AnswerKey
from alarms.engine.engine import Engine
from alarms.engine.inbox import Early
from alarms.engine.outbox import Outbox
from alarms.engine.outcomes import outcome_to_sent
from alarms.engine.phones import Phones
from alarms.journal.journal import Journal
from alarms.lifecycle.alarm import Alarm, Flag
from alarms.notify.dispatcher import Outcome
from alarms.notify.voice import CallReport
from ingest.log import Log
from ingest.mqtt import Item, Message, Posted
from ingest.registry.model import Registry
from ingest.wire import topics
from ingest.wire.topics import Lane

_JSON = msgspec.json.Decoder(dict[str, object])


class MemoryPath:
    """The same engine over a journal in memory that goes on from what is under way in the real one.

    Nothing is acknowledged: the spools send it all again later, and the real journal then catches up with what was held
    for it. A command that was obeyed here is held without the version that the person saw, which the real journal never
    knew.
    """

    def __init__(self, build: Callable[[Journal], Engine], key: AnswerKey | None = None) -> None:
        self._build = build
        self._key = key
        self._journal: Journal | None = None
        self._told: dict[str, Alarm] = {}
        self._set_by_s = 0.0
        self._log = Log("alarms")

    def turn(
        self, items: Iterable[Item], now: datetime, set_by_s: float, journal: Journal, registry: Registry
    ) -> Outbox:
        """What is to be said about ``items`` and about everything that is due; of ``messages`` only answers to people.

        ``set_by_s``: by how much the wall clock was set since the real journal last took a write.
        """
        if self._journal is None:
            self._begin(journal)
        assert self._journal is not None
        if self._engine.registry is not registry:
            self._engine.registry = registry
        out = Outbox()
        with self._journal.transaction():
            if set_by_s != self._set_by_s:
                self._engine.clock_set(set_by_s - self._set_by_s, now, out)
                self._set_by_s = set_by_s
            for item in items:
                own = Outbox()
                try:
                    with self._journal.savepoint():
                        self._take(item, now, own)
                except Exception:  # noqa: BLE001 - whatever an item does to us, the others go on
                    self._log.exception("item.broke")
                else:
                    out.add(own)
            self._engine.due(now, out)
        out.alarms = {alarm_id: _flagged(alarm) for alarm_id, alarm in out.alarms.items()}
        out.messages = [message for message in out.messages if commands.as_reply_topic(message[0])]
        out.sends = [*out.leaving, *self._journal.sends_due(now)]
        self._told |= out.alarms
        return out

    def alarm(self, alarm_id: str) -> Alarm | None:
        """An alarm as it is in memory."""
        known = self._journal.alarm(alarm_id) if self._journal is not None else None
        return None if known is None else _flagged(known)

    def forget(self) -> list[Alarm]:
        """The journal takes writes again; what was told meanwhile, and may be another alarm there."""
        if self._journal is not None:
            self._journal.close()
        self._journal, self._set_by_s = None, 0.0
        told, self._told = list(self._told.values()), {}
        return told

    def _begin(self, journal: Journal) -> None:
        self._journal = Journal(None)
        with self._journal.transaction():
            self._journal.go_on_from(journal)
        self._engine = self._build(self._journal)
        self._phones = Phones(self._engine, self._key)

    def _take(self, item: Item, now: datetime, out: Outbox) -> None:
        match item:
            case Message():
                gateway = topics.parse_gateway(item.topic)
                alarm = topics.parse_alarm(item.topic)
                if gateway is not None and gateway.lane is Lane.ALARM:
                    self._engine.pack(gateway, item.payload, item.received_at, out, early=isinstance(item, Early))
                elif alarm is not None and alarm.is_command:
                    self._phones.command(alarm.alarm_id, item.payload, item.received_at, out)
            case Posted(body=CallReport() as report):
                self._engine.called(report, now, out)
            case Posted(body=Outcome() as outcome):
                self._engine.sent(outcome_to_sent(outcome, now), out)


def obeyed(items: Iterable[Item], out: Outbox) -> list[Item]:
    """``items`` as the real journal is to take them later: what was obeyed in memory stands without its version."""
    replies = [_JSON.decode(payload) for _, payload, _ in out.messages]
    done = {reply.get("id") for reply in replies if reply.get("ok")}
    return [_without_version(item, done) if isinstance(item, Message) else item for item in items]


def _without_version(message: Message, done: set[object]) -> Message:
    alarm = topics.parse_alarm(message.topic)
    if alarm is None or not alarm.is_command:
        return message
    try:
        command = _JSON.decode(message.payload)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return message
    if command.get("id") not in done or command.pop("version", None) is None:
        return message
    return msgspec.structs.replace(message, payload=msgspec.json.encode(command))


def _flagged(alarm: Alarm) -> Alarm:
    return replace(alarm, flags=(*alarm.flags, Flag.NOT_JOURNALED))
