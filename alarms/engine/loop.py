"""The one loop of ``alarms``: take, change the journal, commit, then send."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Mapping
from datetime import datetime, timedelta

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from alarms.engine import site_configs
from alarms.engine.answers import NO_LINKS, Links
from alarms.engine.channel_tests import ChannelTests
from alarms.engine.engine import Engine
from alarms.engine.family_letters import BegunNotes, FamilyLetters
from alarms.engine.gateways import GatewayWatch
from alarms.engine.inbox import Early, Inbox
from alarms.engine.memory import MemoryPath, obeyed
from alarms.engine.notices import Notices
from alarms.engine.outbox import Outbox
from alarms.engine.outcomes import outcome_to_sent
from alarms.engine.phones import Phones
from alarms.errors import JournalFullError
from alarms.journal.journal import Journal
from alarms.journal.records import Send
from alarms.lifecycle.alarm import Alarm
from alarms.notify.dispatcher import Dispatcher, Outcome, Task
from alarms.notify.voice import CallReport
from ingest.clock import ClockWatch, Look, SteadyClock
from ingest.log import Log
from ingest.mqtt import Connected, Disconnected, Item, Message, Posted, Session, moved
from ingest.registry.model import Registry
from ingest.wire import topics
from ingest.wire.topics import Lane

CONSUMER = "alarms"
SUBSCRIPTIONS = (
    topics.every_gateway(f"up/{Lane.ALARM}"),
    topics.every_gateway("status"),
    topics.EVERY_ALARM,
    topics.EVERY_ALARM_DO,
    topics.EVERY_SITE_DO,
    topics.EVERY_PERSON_DO,
    topics.EVERY_PRESENCE,
)
_TURN = 50
"""Items of one transaction: an emergency waits for one such turn at most, then its own is the next."""
_LOOK_AHEAD = 10_000
_IDLE_S = 1.0
_LOOK_S = 0.25
_FORGET_EVERY_S = 3600.0
_FORGET_AFTER = timedelta(days=30)
_FULL_S = 0.25
"""While the disk takes nothing: until it is asked again, unless something comes."""
_MOST_HELD = 20_000
_ENCODE = msgspec.json.Encoder().encode


class Loop:
    """Ties the engine to the session, the channels and the clock."""

    def __init__(
        self,
        *,
        journal: Journal,
        engine: Engine,
        gateways: GatewayWatch,
        session: Session,
        dispatcher: Dispatcher,
        clock: SteadyClock,
        config_key: Ed25519PrivateKey,
        broker_grace_s: float,
        memory: MemoryPath,
        links: Links = NO_LINKS,
        notes: BegunNotes = lambda *_: (),
    ) -> None:
        self._journal = journal
        self._engine = engine
        self._gateways = gateways
        self._session = session
        self._dispatcher = dispatcher
        self._clock = clock
        self._clock_watch = ClockWatch(clock, journal.clock_anchor())
        self._is_anchored = False
        self._config_key = config_key
        self._broker_grace_s = broker_grace_s
        self._memory = memory
        self._phones = Phones(engine, links.key)
        self._channel_tests = ChannelTests(journal, links)
        self._letters = FamilyLetters(journal, engine, notes)
        self._notices = Notices(self._letters, links)
        self._inbox = Inbox(engine.glance)
        self._held: list[tuple[float, Item]] = []  # with the steady clock's time at which memory took it
        self._moved_s = 0.0
        self._full = False
        self._disconnected_s: float | None = clock.steady_s()
        self._look_again_s = self._forget_again_s = 0.0  # of the steady clock
        self._published: Mapping[str, bytes] = {}
        self._log = Log("alarms")
        self.turns = 0

    def run(self, stopping: threading.Event) -> None:
        """Turn until ``stopping`` is set."""
        self._resume()
        while not stopping.is_set():
            self.turn(self._session.take(_LOOK_AHEAD - len(self._inbox), 0.0 if self._inbox else self._wait_s()))

    def turn(self, arrived: list[Item]) -> None:
        """One transaction over what has come, emergencies first, and what is due; then its consequences."""
        out = Outbox()
        look = self._clock_watch.look()
        now = look.now
        set_by_s, self._moved_s = look.set_by_s - self._moved_s, look.set_by_s
        if set_by_s:
            self._inbox.clock_set(set_by_s)
        held = [(taken_s, moved(item, set_by_s)) for taken_s, item in self._held]
        self._inbox.add(arrived)
        fresh = self._inbox.take(_TURN)
        try:
            with self._journal.transaction():
                self._anchor(look, out)
                self._catch_up(held, now, out)
                for item in fresh:
                    self._take_safely(item, now, out)
                self._due(now, out)
        except JournalFullError as error:
            if not self._full:
                self._log.error("journal.full", error=error)
            self._full = True
            told = self._tell_from_memory(fresh, now, look.set_by_s)
            self._held = [*held, *((self._clock.steady_s(), item) for item in told)][-_MOST_HELD:]
            return
        self._clock_watch.accept(look)
        self._is_anchored = True
        if self._full:
            self._log.info("journal.back", held=len(held))
        self._full = False
        self._held, self._moved_s = [], 0.0
        items = [*(item for _, item in held), *fresh]
        self._take_back(self._memory.forget())
        self._done(fresh)
        self._carry_out(out)
        self._session.acknowledge(item for item in items if isinstance(item, Message))
        self._settle(items, now)
        self.turns += 1

    def _catch_up(self, held: list[tuple[float, Item]], now: datetime, out: Outbox) -> None:
        """What memory took while the disk was full, as of then, and before each what had fallen due by then."""
        steady_s = self._clock.steady_s()
        for taken_s, item in held:
            at = now - timedelta(seconds=steady_s - taken_s)
            self._fall_due(at, out)
            self._take_safely(item, at, out)

    def _tell_from_memory(self, items: list[Item], now: datetime, set_by_s: float) -> list[Item]:
        """The disk takes nothing: people are told all the same. ``items`` as the journal is to take them later."""
        out = self._memory.turn(items, now, set_by_s, self._journal, self._engine.registry)
        self._done(items)
        for alarm in out.alarms.values():
            self._publish_alarm(alarm)
        for topic, payload, retain in out.messages:
            self._session.publish(topic, payload, retain=retain)
        for send in out.sends:
            if not self._dispatcher.is_under_way(send.send_key):
                self._submit(send, self._memory.alarm(send.alarm_id))
        return obeyed(items, out)

    def _done(self, items: list[Item]) -> None:
        """These outcomes are noted: what is due again may be started again."""
        for item in items:
            if isinstance(item, Posted) and isinstance(item.body, Outcome):
                self._dispatcher.done(item.body.task.notice.key)

    def _take_back(self, told: list[Alarm]) -> None:
        """What was told from memory counted its versions by itself: the journal's word takes its place."""
        for alarm in told:
            known = self._journal.alarm(alarm.alarm_id)
            if known is not None and known.is_open:
                self._publish_alarm(known)
            else:
                self._session.publish(topics.alarm(alarm.identity.site_id, alarm.alarm_id), b"", retain=True)

    def _anchor(self, look: Look, out: Outbox) -> None:
        """After a start, and whenever the wall clock was set: move what waits, and note how the clocks stand."""
        if look.set_by_s:
            self._engine.clock_set(look.set_by_s, look.now, out)
        if look.set_by_s or not self._is_anchored:
            self._journal.write_clock_anchor(self._clock_watch.anchor(look))

    def _take_safely(self, item: Item, now: datetime, out: Outbox) -> None:
        """One item that breaks the engine undoes only itself, and an alarm pack that does so is told as unreadable."""
        for take in (self._take, self._take_unreadable):
            own = Outbox()
            try:
                with self._journal.savepoint():
                    take(item, now, own)
            except sqlite3.OperationalError:
                raise  # the disk, not the item
            except Exception:  # noqa: BLE001 - whatever an item does to us, the others go on
                self._log.exception("item.broke")
            else:
                out.add(own)
                return

    def _take_unreadable(self, item: Item, now: datetime, out: Outbox) -> None:
        gateway = topics.parse_gateway(item.topic) if isinstance(item, Message) else None
        if isinstance(item, Message) and gateway is not None and gateway.lane is Lane.ALARM:
            self._engine.unreadable(gateway, item.payload, now, out, early=isinstance(item, Early))

    def _take(self, item: Item, now: datetime, out: Outbox) -> None:
        match item:
            case Message():
                self._message(item, now, out)
            case Connected():
                self._disconnected_s = None
                self._gateways.broker_back(now, out)
            case Disconnected():
                self._disconnected_s = self._clock.steady_s()
            case Posted(body=CallReport() as report):
                self._engine.called(report, now, out)
                self._channel_tests.called(report, out)
            case Posted(body=Outcome() as outcome):
                sent = outcome_to_sent(outcome, now)
                self._engine.sent(sent, out)
                self._channel_tests.sent(sent, now, out)
            case Posted(body=Registry() as registry):
                self._engine.registry = registry

    def _message(self, message: Message, now: datetime, out: Outbox) -> None:
        """What a pack or a command says counts from when it came, also when the disk was full until now."""
        gateway = topics.parse_gateway(message.topic)
        if gateway is not None and gateway.lane is Lane.ALARM:
            self._engine.pack(gateway, message.payload, message.received_at, out, early=isinstance(message, Early))
        elif gateway is not None and gateway.leaf == "status":
            self._gateways.status(gateway.gateway_id, message.payload, now, out)
        elif (alarm := topics.parse_alarm(message.topic)) is not None:
            if alarm.is_command:
                self._phones.command(alarm.alarm_id, message.payload, message.received_at, out)
            elif message.retained and message.payload:
                self._sweep(message.topic, alarm.alarm_id, out)
        elif (site_id := topics.parse_site_do(message.topic)) is not None:
            self._engine.site_command(site_id, message.payload, message.received_at, out)
        elif (person := topics.parse_person_do(message.topic)) is not None:
            self._channel_tests.ask(person, message.payload, self._engine.registry, now, out)
        elif (room := topics.parse_presence(message.topic)) is not None and message.retained and message.payload:
            self._engine.staff.sweep(*room, now, out)

    def _sweep(self, topic: str, alarm_id: str, out: Outbox) -> None:
        """Clear a retained alarm that the journal does not know as open."""
        known = self._journal.alarm(alarm_id)
        if known is None or not known.is_open:
            out.messages.append((topic, b"", True))

    def _due(self, now: datetime, out: Outbox) -> None:
        steady_s = self._clock.steady_s()
        if self._disconnected_s is not None and steady_s - self._disconnected_s >= self._broker_grace_s:
            self._gateways.broker_lost(now, out)
            self._disconnected_s = None
        self._fall_due(now, out)
        self._engine.look_after_channels(now, out)
        self._write_letters(now, out)
        if steady_s >= self._forget_again_s:
            self._forget_again_s = steady_s + _FORGET_EVERY_S
            self._journal.forget(now - _FORGET_AFTER)

    def _write_letters(self, now: datetime, out: Outbox) -> None:
        """Whatever goes wrong with news, alarms go on."""
        own = Outbox()
        try:
            with self._journal.savepoint():
                self._letters.due(now, own)
        except sqlite3.OperationalError:
            raise  # the disk, not the letter
        except Exception:  # noqa: BLE001 - alarms go on
            self._log.exception("letters.broke")
        else:
            out.add(own)

    def _fall_due(self, at: datetime, out: Outbox) -> None:
        deadline_s = self._journal.next_deadline_s(at)
        if deadline_s is not None and deadline_s <= at.timestamp():
            self._gateways.due(at, out)
            self._engine.due(at, out)

    def _carry_out(self, out: Outbox) -> None:
        for alarm in out.alarms.values():
            self._publish_alarm(alarm)
        for (shard, gateway_id, boot), position in out.acks.items():
            self._session.publish(
                topics.ack(shard, gateway_id, CONSUMER), _ENCODE({"boot": boot, Lane.ALARM: position})
            )
        for topic, payload, retain in out.messages:
            self._session.publish(topic, payload, retain=retain)
        for send in out.leaving:
            self._submit(send, out.alarms.get(send.alarm_id))
        for task in out.tasks:
            self._dispatcher.submit(task)

    def _settle(self, items: list[Item], now: datetime) -> None:
        """After the commit: what must follow from connections and registries, and what is due again."""
        for item in items:
            match item:
                case Connected():
                    self._resume()
                case Posted(body=Registry()):
                    self._publish_configs(everything=False)
        steady_s = self._clock.steady_s()
        if steady_s >= self._look_again_s:
            self._look_again_s = steady_s + _LOOK_S
            for send in self._journal.sends_due(now):
                if not self._dispatcher.is_under_way(send.send_key):
                    self._submit(send, None)

    def _resume(self) -> None:
        """Say again everything that a new connection, or a new start, must know."""
        for alarm in self._journal.open_alarms():
            self._publish_alarm(alarm)
        for topic, payload in self._engine.staff.messages(self._clock.now()):
            self._session.publish(topic, payload, retain=True)
        self._publish_configs(everything=True)

    def _publish_alarm(self, alarm: Alarm) -> None:
        topic = topics.alarm(alarm.identity.site_id, alarm.alarm_id)
        self._session.publish(topic, _ENCODE(alarm), retain=alarm.is_open)
        if not alarm.is_open:
            self._session.publish(topic, b"", retain=True)

    def _publish_configs(self, *, everything: bool) -> None:
        messages = dict(site_configs.messages(self._engine.registry, self._config_key))
        for topic, payload in messages.items():
            if everything or self._published.get(topic) != payload:
                self._session.publish(topic, payload, retain=True)
        self._published = messages

    def _submit(self, send: Send, alarm: Alarm | None) -> None:
        alarm = alarm or self._journal.alarm(send.alarm_id)
        text = self._notices.of(send, alarm, self._engine.registry, self._engine.people.families)
        if text is None:
            return
        task = Task(
            notice=text, channel=send.channel, address=send.address, urgent=send.urgent, attempt=send.attempts + 1
        )
        self._dispatcher.submit(task)

    def _wait_s(self) -> float:
        if self._full:
            return _FULL_S
        deadline = self._journal.next_deadline_s(self._clock.now())
        if deadline is None:
            return _IDLE_S
        return min(max(deadline - self._clock.now().timestamp(), 0.0), _IDLE_S)
