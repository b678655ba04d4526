"""A plain MQTT client for tests: it says what it may and may not do at a broker."""

from __future__ import annotations

import threading
import time
from types import TracebackType
from typing import Self

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion

_WAIT_S = 10


class Person:
    """One connection; ``heard`` is every message as (topic, payload, retained)."""

    def __init__(
        self,
        port: int,
        username: str | None = None,
        password: str | None = None,
        *,
        client_id: str = "",
        clean: bool = True,
        will: tuple[str, bytes] | None = None,
    ) -> None:
        self.heard: list[tuple[str, bytes, bool]] = []
        self.refused: str | None = None
        self._changed = threading.Condition()
        self._connected = False
        self._resumed = False
        self._granted: dict[int, bool] = {}
        self._acked: set[int] = set()
        self._client = paho.Client(
            CallbackAPIVersion.VERSION2, client_id=client_id, clean_session=clean, reconnect_on_failure=False
        )
        if username is not None:
            self._client.username_pw_set(username, password)
        if will is not None:
            self._client.will_set(*will, qos=1, retain=True)
        self._client.on_connect = self._on_connect
        self._client.on_disconnect = self._on_disconnect
        self._client.on_subscribe = self._on_subscribe
        self._client.on_publish = self._on_publish
        self._client.on_message = self._on_message
        self._client.connect("127.0.0.1", port, keepalive=60)
        self._client.loop_start()
        self.wait(lambda: self._connected or self.refused is not None, "an answer to the login")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.leave()

    @property
    def is_in(self) -> bool:
        return self._connected

    @property
    def resumed(self) -> bool:
        """The broker kept the session."""
        return self._resumed

    def may_subscribe(self, topic: str) -> bool:
        """Subscribe; False when the broker says no, or ends the connection."""
        with self._changed:
            _, mid = self._client.subscribe(topic, qos=1)
        self.wait(lambda: mid in self._granted or not self._connected, f"an answer to subscribing {topic}")
        return self._granted.get(mid, False)

    def say(self, topic: str, payload: bytes = b"x", *, retain: bool = False) -> None:
        """Publish at QoS 1 and wait until the broker has it (or has thrown us out)."""
        sent = self._client.publish(topic, payload, qos=1, retain=retain)
        self.wait(lambda: sent.mid in self._acked or not self._connected, f"the broker takes {topic}")

    def topics(self) -> set[str]:
        return {topic for topic, _, _ in self.heard}

    def leave(self) -> None:
        """Say goodbye: no last will."""
        self._client.disconnect()
        self._client.loop_stop()

    def vanish(self) -> None:
        """Lose the connection without a goodbye."""
        socket = self._client.socket()
        assert socket is not None
        socket.shutdown(2)
        self.wait(lambda: not self._connected, "the connection ends")
        self._client.loop_stop()

    def wait(self, holds: object, what: str) -> None:
        assert callable(holds)
        end = time.monotonic() + _WAIT_S
        with self._changed:
            while not holds():
                assert self._changed.wait(end - time.monotonic()), f"not within {_WAIT_S} s: {what}"

    def _on_connect(self, client: object, userdata: object, flags: paho.ConnectFlags, code: object, _: object) -> None:
        with self._changed:
            if getattr(code, "is_failure", True):
                self.refused = str(code)
            else:
                self._connected, self._resumed = True, flags.session_present
            self._changed.notify_all()

    def _on_disconnect(self, client: object, userdata: object, flags: object, code: object, _: object) -> None:
        with self._changed:
            self._connected = False
            self._changed.notify_all()

    def _on_subscribe(self, client: object, userdata: object, mid: int, codes: list[object], _: object) -> None:
        with self._changed:
            self._granted[mid] = not getattr(codes[0], "is_failure", True)
            self._changed.notify_all()

    def _on_publish(self, client: object, userdata: object, mid: int, code: object, _: object) -> None:
        with self._changed:
            self._acked.add(mid)
            self._changed.notify_all()

    def _on_message(self, client: object, userdata: object, message: paho.MQTTMessage) -> None:
        with self._changed:
            self.heard.append((message.topic, message.payload, message.retain))
            self._changed.notify_all()
