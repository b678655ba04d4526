"""The MQTT session of the programs: paho in a thread of its own, manual acknowledgement, a bounded inbox."""

from __future__ import annotations

import contextlib
import random
import socket
import ssl
import threading
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import msgspec
import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode
from paho.mqtt.reasoncodes import ReasonCode

from ingest.account import Account
from ingest.clock import ClockWatch, SteadyClock, SystemClock
from ingest.log import Log
from ingest.quick_client import Arrived, QuickClient

_LOOK_S = 0.2


@dataclass(frozen=True, slots=True)
class Will:
    """What the broker publishes when this session dies."""

    topic: str
    payload: bytes
    retain: bool = True


@dataclass(frozen=True, slots=True)
class Connected:
    """A connection stands and its subscriptions are asked for; ``resumed`` when the broker kept the session."""

    connection: int
    resumed: bool


@dataclass(frozen=True, slots=True)
class Disconnected:
    """The connection is gone; the session tries again by itself."""

    connection: int


class Message(msgspec.Struct, frozen=True, gc=False):
    """One message as it came; ``mid`` and ``connection`` say what to acknowledge.

    ``received_s`` is on the wall clock as it stood when the message was taken, whatever was set in between.
    """

    topic: str
    payload: bytes
    retained: bool
    received_s: float
    qos: int
    mid: int
    connection: int

    @property
    def received_at(self) -> datetime:
        """``received_s`` as an aware moment, UTC."""
        return datetime.fromtimestamp(self.received_s, UTC)


@dataclass(frozen=True, slots=True)
class Posted:
    """Something the program put into its own inbox with ``post``, in order with the messages."""

    body: object


Item = Message | Connected | Disconnected | Posted
"""What ``Session.take`` gives."""


def moved(item: Item, by_s: float) -> Item:
    """An item that waited while the wall clock was set by ``by_s``."""
    if by_s and isinstance(item, Message):
        return msgspec.structs.replace(item, received_s=item.received_s + by_s)
    return item


class Session:
    """A connection that heals itself. One consumer thread calls ``take`` and later ``acknowledge``.

    A full inbox stops the reading of the socket, but not the pings: the broker and the spools hold the rest.
    ``publish`` never blocks; without a connection it refuses, because whoever publishes keeps the durable copy and
    publishes again when ``Connected`` comes out of ``take``. ``notify`` is called (in the session's thread) when
    something can be taken: for a consumer that waits for several sessions at once. ``pause_s`` lets messages gather
    between reads, for throughput. A broker gives a silent client 1.5 ``keepalive_s``, and Mosquitto looks every 5 s:
    with 7 s and the grace of 3 s a gateway that hangs is told as lost within 20 s.
    """

    def __init__(
        self,
        account: Account,
        client_id: str,
        *,
        subscriptions: Sequence[str] = (),
        clean: bool = False,
        will: Will | None = None,
        capacity: int = 10_000,
        keepalive_s: int = 7,
        notify: Callable[[], None] | None = None,
        pause_s: float = 0.0,
        clock: SteadyClock | None = None,
    ) -> None:
        self._account = account
        self._clock = clock or SystemClock()
        self._clock_watch = ClockWatch(self._clock)
        self._subscriptions = list(subscriptions)
        self._capacity = capacity
        self._keepalive_s = keepalive_s
        self._notify = notify
        self._inbox: deque[Item] = deque()
        self._changed = threading.Condition()
        self._connection = 0
        self._connected = False
        self._subscribed = False
        self._stopping = False
        self._log = Log("mqtt")
        self._client_id = client_id
        self._client = self._build(client_id, will, clean=clean, pause_s=pause_s)
        self._thread = threading.Thread(target=self._run, name=f"mqtt-{client_id}", daemon=True)

    @property
    def connected(self) -> bool:
        """True while a connection stands."""
        return self._connected

    @property
    def subscribed(self) -> bool:
        """True when the broker has answered this connection's first subscription: nothing is missed from here on."""
        return self._connected and self._subscribed

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Say goodbye (no last will is sent) and end the thread."""
        with self._changed:
            self._stopping = True
            self._changed.notify_all()
        self._client.disconnect()
        if self._thread.ident is not None:
            self._thread.join(5)

    def take(self, limit: int, timeout_s: float) -> list[Item]:
        """Up to ``limit`` items, waiting at most ``timeout_s`` for the first."""
        with self._changed:
            if not self._inbox:
                self._changed.wait_for(lambda: self._inbox or self._stopping, timeout_s)
            self._look_at_clock()
            taken = [self._inbox.popleft() for _ in range(min(limit, len(self._inbox)))]
            if taken:
                self._changed.notify_all()
            return taken

    def post(self, body: object) -> None:
        """Put ``body`` into the inbox, so that the consumer's one loop sees it."""
        self._put(Posted(body))

    def acknowledge(self, messages: Iterable[Message]) -> None:
        """PUBACK what is durable now; messages of an older connection come again by themselves."""
        connection = self._connection
        self._client.acknowledge(
            message.mid for message in messages if message.qos > 0 and message.connection == connection
        )

    def publish(self, topic: str, payload: bytes, *, qos: int = 1, retain: bool = False) -> bool:
        """Hand a message to the connection; False when there is none."""
        if not self._connected:
            return False
        return self._client.publish(topic, payload, qos, retain).rc == MQTTErrorCode.MQTT_ERR_SUCCESS

    def subscribe(self, topic_filter: str) -> None:
        """Add a subscription, now and for every later connection."""
        self._subscriptions.append(topic_filter)
        if self._connected:
            self._client.subscribe(topic_filter, 1)

    def _build(self, client_id: str, will: Will | None, *, clean: bool, pause_s: float) -> QuickClient:
        client = QuickClient(
            CallbackAPIVersion.VERSION2,
            on_arrived=self._on_arrived,
            has_room=self._has_room,
            pause_s=pause_s,
            client_id=client_id,
            clean_session=clean,
            manual_ack=True,
            protocol=paho.MQTTv311,
            transport="tcp" if self._account.socket is None else "unix",
        )
        client.username_pw_set(self._account.username, self._account.password)
        if self._account.ca is not None and self._account.socket is None:
            client.tls_set_context(ssl.create_default_context(cafile=str(self._account.ca)))
        if will is not None:
            client.will_set(will.topic, will.payload, 1, will.retain)
        client.max_inflight_messages_set(1000)
        # a jittered first delay keeps a thousand gateways from coming back in one moment
        client.reconnect_delay_set(0.1 + 0.4 * random.random(), 5)  # type: ignore[arg-type]  # noqa: S311 - paho takes floats
        client.on_socket_open = _send_at_once
        client.on_connect = self._on_connect
        client.on_disconnect = self._on_disconnect
        client.on_subscribe = self._on_subscribe
        return client

    def _run(self) -> None:
        place = str(self._account.socket or self._account.host)
        while not self._stopping:
            try:
                self._client.connect(place, self._account.port, self._keepalive_s)
                break
            except (OSError, ValueError) as error:
                self._log.warning("broker.unreachable", client=self._client_id, error=error)
                with self._changed:
                    self._changed.wait_for(lambda: self._stopping, 0.3 + 0.4 * random.random())  # noqa: S311 - jitter
        if not self._stopping:
            with contextlib.suppress(OSError):
                self._client.loop_forever(retry_first_connection=True)

    def _on_connect(
        self, client: paho.Client, _userdata: Any, flags: paho.ConnectFlags, reason: ReasonCode, _properties: Any
    ) -> None:  # Any: paho's signature
        if reason.is_failure:
            self._log.error("broker.refused", client=self._client_id, reason=reason)
            return
        self._connection += 1
        self._subscribed = False
        if self._subscriptions:
            client.subscribe([(topic_filter, 1) for topic_filter in self._subscriptions])
        self._connected = True
        self._put(Connected(self._connection, flags.session_present))

    def _on_disconnect(
        self, _client: paho.Client, _userdata: Any, _flags: Any, reason: ReasonCode, _properties: Any
    ) -> None:  # Any: paho's signature
        if self._connected:
            self._connected = False
            if not self._stopping:
                self._log.warning("broker.lost", client=self._client_id, reason=reason)
            self._put(Disconnected(self._connection))

    def _on_arrived(self, arrived: list[Arrived]) -> None:
        received_s, connection = self._clock.now().timestamp(), self._connection
        messages = [
            Message(topic, payload, retained, received_s, qos, mid, connection)
            for topic, payload, retained, qos, mid in arrived
        ]
        with self._changed:
            self._look_at_clock()
            self._inbox.extend(messages)
            self._changed.notify_all()
        if self._notify is not None:
            self._notify()

    def _has_room(self) -> bool:
        with self._changed:
            return self._changed.wait_for(lambda: len(self._inbox) < self._capacity or self._stopping, _LOOK_S)

    def _look_at_clock(self) -> None:
        """When the wall clock was set what waits here is as old as before."""
        look = self._clock_watch.look()
        if look.set_by_s:
            self._clock_watch.accept(look)
            self._inbox = deque(moved(item, look.set_by_s) for item in self._inbox)

    def _on_subscribe(
        self, _client: paho.Client, _userdata: Any, _mid: int, reasons: list[ReasonCode], _properties: Any
    ) -> None:  # Any: paho's signature
        self._subscribed = True
        if any(reason.is_failure for reason in reasons):
            self._log.error("broker.subscription_refused", client=self._client_id, reasons=[str(r) for r in reasons])

    def _put(self, item: Item) -> None:
        with self._changed:
            self._inbox.append(item)
            self._changed.notify_all()
        if self._notify is not None:
            self._notify()


def _send_at_once(_client: paho.Client, _userdata: Any, connection: Any) -> None:  # Any: paho's signature
    """Without this a small message waits up to 40 ms for the acknowledgement of the one before it."""
    if connection.family != socket.AF_UNIX:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
