"""Many MQTT connections in one thread: a selector over paho clients, with wills, reconnects and jitter."""

from __future__ import annotations

import contextlib
import os
import selectors
import socket
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.reasoncodes import ReasonCode

KEEPALIVE_S = 10
CONNECT_S = 10.0
MISC_S = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Peer:
    """One connection: ``birth`` is published on every connect, ``will`` by the broker when it breaks (both retained).

    Both are asked anew for each connection, with the time at which it was begun.
    """

    name: str
    username: str
    password: str
    status_topic: str
    subscription: str
    birth: Callable[[float], bytes]
    will: Callable[[float], bytes]


@dataclass(frozen=True, slots=True)
class Up:
    """A connection stands and its subscription is granted."""

    name: str


@dataclass(frozen=True, slots=True)
class Down:
    """A connection is gone."""

    name: str


@dataclass(frozen=True, slots=True)
class Heard:
    """A message came."""

    name: str
    topic: str
    payload: bytes


WireEvent = Up | Down | Heard


class FleetWire:
    """Start it, ``send``, take ``events``. Nothing here is durable: that is the spool's."""

    def __init__(self, host: str, port: int, peers: Sequence[Peer], seed: int = 0) -> None:
        self.events: deque[WireEvent] = deque()
        self.refused = ""
        self._host, self._port = host, port
        self._rng = np.random.default_rng(seed)
        self._outbox: deque[tuple[str, str, bytes]] = deque()
        self._links = {peer.name: _PeerLink(peer) for peer in peers}
        self._selector = selectors.DefaultSelector()
        self._wake_read, self._wake_write = os.pipe()
        os.set_blocking(self._wake_read, False)
        self._selector.register(self._wake_read, selectors.EVENT_READ, None)
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name="fleet-wire", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def send(self, name: str, topic: str, payload: bytes) -> None:
        """Publish with QoS 1 when the connection stands; dropped otherwise, the spool sends again."""
        self._outbox.append((name, topic, payload))

    def flush(self) -> None:
        """Wake the thread for what was sent."""
        os.write(self._wake_write, b"x")

    def stop(self) -> None:
        """Say goodbye on every connection: offline, without a will."""
        self._stopping = True
        self.flush()
        self._thread.join(10)
        self._selector.close()
        os.close(self._wake_read)
        os.close(self._wake_write)

    def _run(self) -> None:
        misc_at = 0.0
        while not self._stopping:
            now = time.monotonic()
            self._connect_due(now)
            if now >= misc_at:
                misc_at = now + MISC_S
                self._misc(now)
            for key, mask in self._selector.select(0.1):
                self._serve(key, mask)
            self._send_all()
        for link in self._links.values():
            if link.client is not None and link.up:
                link.client.publish(link.peer.status_topic, link.peer.will(time.time()), 1, retain=True)
                link.client.disconnect()
        self._drain(time.monotonic() + 1.0)

    def _drain(self, until: float) -> None:
        while time.monotonic() < until and any(link.client is not None for link in self._links.values()):
            for key, mask in self._selector.select(0.1):
                self._serve(key, mask)

    def _serve(self, key: selectors.SelectorKey, mask: int) -> None:
        if key.data is None:
            with contextlib.suppress(BlockingIOError):
                os.read(self._wake_read, 4096)
            return
        link: _PeerLink = key.data
        if link.client is None:
            return
        if mask & selectors.EVENT_READ:
            link.client.loop_read()
        if link.client is not None and mask & selectors.EVENT_WRITE:
            link.client.loop_write()

    def _send_all(self) -> None:
        while self._outbox:
            name, topic, payload = self._outbox.popleft()
            link = self._links[name]
            if link.client is not None and link.up:
                link.client.publish(topic, payload, 1)

    def _misc(self, now: float) -> None:
        for link in self._links.values():
            if link.client is None:
                continue
            link.client.loop_misc()
            if link.client is not None and not link.up and now - link.begun_at > CONNECT_S:
                self._lost(link)

    def _connect_due(self, now: float) -> None:
        for link in self._links.values():
            if link.client is None and now >= link.connect_at:
                self._connect(link, now)

    def _connect(self, link: _PeerLink, now: float) -> None:
        peer, at = link.peer, time.time()
        client = paho.Client(CallbackAPIVersion.VERSION2, client_id=peer.name, protocol=paho.MQTTv311, userdata=link)
        client.username_pw_set(peer.username, peer.password)
        client.will_set(peer.status_topic, peer.will(at), qos=1, retain=True)
        client.connect_timeout = 1.0
        client.max_inflight_messages_set(1000)
        client.on_socket_open = self._on_open
        client.on_socket_close = self._on_close
        client.on_socket_register_write = self._on_want_write
        client.on_socket_unregister_write = self._on_written
        client.on_connect = self._on_connect
        client.on_subscribe = self._on_subscribe
        client.on_message = self._on_message
        client.on_disconnect = self._on_disconnect
        link.client, link.begun_at, link.birth = client, now, peer.birth(at)
        try:
            client.connect(self._host, self._port, KEEPALIVE_S)
        except OSError as error:
            self.refused = str(error)
            self._lost(link)

    def _lost(self, link: _PeerLink) -> None:
        client, link.client = link.client, None
        if link.up:
            self.events.append(Down(link.peer.name))
        link.up = False
        link.wait_s = min(link.wait_s * 2, 5.0)
        link.connect_at = time.monotonic() + link.wait_s * float(self._rng.uniform(0.5, 1.0))
        raw = None if client is None else client.socket()
        if isinstance(raw, socket.socket):
            with contextlib.suppress(KeyError, ValueError):
                self._selector.unregister(raw)
            raw.close()

    def _on_open(self, _client: paho.Client, link: _PeerLink, raw: Any) -> None:
        # Any: a socket of one of several kinds
        self._selector.register(raw, selectors.EVENT_READ, link)

    def _on_close(self, _client: paho.Client, _link: _PeerLink, raw: Any) -> None:
        # Any: a socket of one of several kinds
        with contextlib.suppress(KeyError, ValueError):
            self._selector.unregister(raw)

    def _on_want_write(self, _client: paho.Client, link: _PeerLink, raw: Any) -> None:
        # Any: a socket of one of several kinds
        self._selector.modify(raw, selectors.EVENT_READ | selectors.EVENT_WRITE, link)

    def _on_written(self, _client: paho.Client, link: _PeerLink, raw: Any) -> None:
        # Any: a socket of one of several kinds
        with contextlib.suppress(KeyError, ValueError):
            self._selector.modify(raw, selectors.EVENT_READ, link)

    def _on_connect(self, client: paho.Client, link: _PeerLink, _flags: Any, reason: ReasonCode, _more: Any) -> None:
        # Any: the library's signature
        if reason.is_failure:
            self.refused = f"{link.peer.username}: {reason}"
            return
        client.subscribe(link.peer.subscription, qos=1)
        client.publish(link.peer.status_topic, link.birth, 1, retain=True)

    def _on_subscribe(self, client: Any, link: _PeerLink, _mid: int, _reasons: Any, _more: Any) -> None:
        # Any: the library's signature
        if client is link.client:
            link.up, link.wait_s = True, _FIRST_WAIT_S
            self.events.append(Up(link.peer.name))

    def _on_message(self, _client: Any, link: _PeerLink, message: paho.MQTTMessage) -> None:
        # Any: the library's signature
        self.events.append(Heard(link.peer.name, message.topic, message.payload))

    def _on_disconnect(self, client: Any, link: _PeerLink, _flags: Any, _reason: Any, _more: Any) -> None:
        # Any: the library's signature
        if client is link.client:
            self._lost(link)


_FIRST_WAIT_S = 0.25


class _PeerLink:
    """A peer and its present client; None while it waits to connect."""

    def __init__(self, peer: Peer) -> None:
        self.peer = peer
        self.client: paho.Client | None = None
        self.up = False
        self.birth = b""
        self.begun_at = 0.0
        self.connect_at = 0.0
        self.wait_s = _FIRST_WAIT_S
