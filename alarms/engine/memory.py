"""With the journal's disk full, emergencies still go out: from memory, flagged as not journaled."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, datetime

from alarms.engine.engine import Engine
from alarms.engine.outbox import Outbox
from alarms.journal.journal import Journal
from alarms.journal.records import Send
from alarms.lifecycle.alarm import Alarm, Flag
from ingest.mqtt import Item, Message
from ingest.wire import topics
from ingest.wire.topics import Lane


class MemoryPath:
    """The same engine over a journal in memory. Nothing is acknowledged: the spools send it all again later, and the
    alarms then take their place in the real journal, most of them with the same identity."""

    def __init__(self, build: Callable[[Journal], Engine]) -> None:
        self._build = build
        self._journal: Journal | None = None
        self._engine: Engine | None = None
        self._told: dict[str, Alarm] = {}

    def tell(
        self,
        items: Iterable[Item],
        engine: Engine,
        publish: Callable[[Alarm], None],
        submit: Callable[[Send, Alarm | None], None],
    ) -> None:
        """Tell people about the alarm packs among ``items``."""
        if self._engine is None or self._journal is None:
            self._journal = Journal(None)
            self._engine = self._build(self._journal)
        self._engine.registry = engine.registry
        for item in items:
            gateway = topics.parse_gateway(item.topic) if isinstance(item, Message) else None
            if isinstance(item, Message) and gateway is not None and gateway.lane is Lane.ALARM:
                out = Outbox()
                with self._journal.transaction():
                    self._engine.pack(gateway, item.payload, datetime.fromtimestamp(item.received_s, UTC), out)
                flagged = {key: _flagged(alarm) for key, alarm in out.alarms.items()}
                self._told |= flagged
                for alarm in flagged.values():
                    publish(alarm)
                for send in out.leaving:
                    submit(send, flagged.get(send.alarm_id))

    def forget(self) -> list[Alarm]:
        """The journal takes writes again; what was told meanwhile, and may be another alarm there: a press that counts
        on one that was open, or where staff are."""
        if self._journal is not None:
            self._journal.close()
        self._journal = self._engine = None
        told, self._told = list(self._told.values()), {}
        return told


def _flagged(alarm: Alarm) -> Alarm:
    return replace(alarm, flags=(*alarm.flags, Flag.NOT_JOURNALED))
