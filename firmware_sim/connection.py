"""Thin MQTT connections of the simulator: one paho client each, with a last will and the power to break."""

from __future__ import annotations

import contextlib
import secrets
import socket
import ssl
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.reasoncodes import ReasonCode

from firmware_sim.errors import BrokerError


@dataclass(frozen=True, slots=True, kw_only=True)
class BrokerAddress:
    """Where the broker is and who the simulator is there; ``ca`` given, it is reached by TLS.

    ``passwords`` may hold accounts of gateways for scenarios that play a gateway itself.
    """

    host: str
    port: int
    username: str = "sim"
    password: str = field(default="", repr=False)
    ca: Path | None = None
    passwords: dict[str, str] = field(default_factory=dict, repr=False)

    def as_account(self, username: str) -> BrokerAddress:
        """The same broker with another account, or with our own where its password is not known."""
        if username not in self.passwords:
            return self
        return BrokerAddress(
            host=self.host, port=self.port, username=username, password=self.passwords[username], ca=self.ca
        )


OnMessage = Callable[[str, bytes, bool], None]
"""Called in the connection's thread with topic, payload and whether it was retained."""


class Connection:
    """One MQTT session that reconnects by itself until it is closed or broken."""

    def __init__(
        self,
        address: BrokerAddress,
        name: str,
        *,
        will: tuple[str, bytes] | None = None,
        subscription: str | None = None,
        on_message: OnMessage | None = None,
    ) -> None:
        self._subscription = subscription
        self._on_message_do = on_message
        self._ready = threading.Event()
        self._refused = ""
        self._last: paho.MQTTMessageInfo | None = None
        self._client = paho.Client(
            CallbackAPIVersion.VERSION2,
            client_id=f"sim-{secrets.token_hex(4)}-{name}"[:64],
            protocol=paho.MQTTv311,
        )
        self._client.username_pw_set(address.username, address.password)
        if address.ca is not None:
            self._client.tls_set_context(ssl.create_default_context(cafile=str(address.ca)))
        if will is not None:
            self._client.will_set(will[0], will[1], qos=1, retain=True)
        self._client.reconnect_delay_set(1, 5)
        self._client.max_inflight_messages_set(1000)
        self._client.on_connect = self._on_connect
        self._client.on_subscribe = self._on_subscribe
        self._client.on_message = self._on_message
        self._open(address, name)

    def publish(self, topic: str, payload: bytes, *, qos: int = 1, retain: bool = False) -> None:
        """Queue a message; it goes out when there is a connection."""
        self._last = self._client.publish(topic, payload, qos, retain)

    def flush(self, timeout_s: float) -> bool:
        """True when the broker has taken everything that was queued so far, in time."""
        if self._last is None:
            return True
        with contextlib.suppress(RuntimeError, ValueError):
            self._last.wait_for_publish(timeout_s)
        return self._last.is_published()

    def close(self) -> None:
        """Say goodbye: no last will."""
        self._client.disconnect()
        self._client.loop_stop()

    def break_off(self) -> None:
        """Vanish as a device without power does: the broker tells the last will."""
        self._client.loop_stop()
        raw = self._client.socket()
        if isinstance(raw, socket.socket):
            with contextlib.suppress(OSError):
                raw.shutdown(socket.SHUT_RDWR)

    def _open(self, address: BrokerAddress, name: str) -> None:
        where = f"the broker at {address.host}:{address.port}"
        try:
            self._client.connect(address.host, address.port, keepalive=7)
        except OSError as error:
            raise BrokerError(f"{where} cannot be reached: {error}") from error
        self._client.loop_start()
        if not self._ready.wait(10):
            self._client.loop_stop()
            raise BrokerError(f"{where} refuses {address.username!r} ({name}): {self._refused or 'no answer'}")

    def _on_connect(self, client: paho.Client, _data: Any, _flags: Any, reason: ReasonCode, _more: Any) -> None:
        # Any: the library's signature
        if reason.is_failure:
            self._refused = str(reason)
        elif self._subscription is None:
            self._ready.set()
        else:
            client.subscribe(self._subscription, qos=1)

    def _on_subscribe(self, _client: Any, _data: Any, _mid: int, reasons: list[ReasonCode], _more: Any) -> None:
        # Any: the library's signature
        if any(reason.is_failure for reason in reasons):
            self._refused = f"subscription {self._subscription}: {reasons[0]}"
        else:
            self._ready.set()

    def _on_message(self, _client: Any, _data: Any, message: paho.MQTTMessage) -> None:
        # Any: the library's signature
        if self._on_message_do is not None:
            self._on_message_do(message.topic, message.payload, message.retain)
