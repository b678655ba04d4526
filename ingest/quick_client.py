"""paho with one read for many packets and one write for many acknowledgements: half its cost for each message.

It reaches into paho's own parts, so it belongs to the exact version that is pinned; the tests of the session hold it.
"""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterable
from typing import Any

import paho.mqtt.client as paho
from paho.mqtt.enums import MQTTErrorCode

_READ_BYTES = 1 << 18
_PUBLISH = 0x30
_MAX_TOPICS = 100_000

Arrived = tuple[str, bytes, bool, int, int]
"""Topic, payload, retained, qos and packet identifier of a message."""


class QuickClient(paho.Client):
    """A client of MQTT 3.1.1 that gives messages in bulk to ``on_arrived`` instead of one by one to ``on_message``.

    ``pause_s``: sleep this long after each read, so that the next one finds more: for a lane where throughput counts
    more than a few milliseconds. ``has_room`` says, within a fraction of a second, whether more may be read: while it
    may not, the socket and the broker hold the rest, and the connection stays alive.
    """

    def __init__(
        self,
        *args: Any,  # Any: paho's own arguments
        on_arrived: Callable[[list[Arrived]], None],
        has_room: Callable[[], bool] = lambda: True,
        pause_s: float = 0.0,
        **kwargs: Any,  # Any: as above
    ):
        super().__init__(*args, **kwargs)
        self._on_arrived = on_arrived
        self._has_room = has_room
        self._pause_s = pause_s
        self._rest = b""  # the beginning of a packet whose end has not come yet
        self._topics: dict[bytes, str] = {}

    def loop_forever(self, timeout: float = 1.0, retry_first_connection: bool = False) -> MQTTErrorCode:
        """Run the connection in this thread; other threads may publish and acknowledge meanwhile.

        Left to itself paho takes this for a program of one thread: whoever publishes would write to the socket too,
        and packets of two threads could mix.
        """
        self._sockpairR, self._sockpairW = socket.socketpair()
        self._sockpairR.setblocking(False)
        self._sockpairW.setblocking(False)
        self._thread = threading.current_thread()
        try:
            return super().loop_forever(timeout, retry_first_connection)
        finally:
            self._reset_sockets(sockpair_only=True)

    def reconnect(self) -> MQTTErrorCode:
        """Connect again; what was half read of the old connection is gone."""
        self._rest = b""
        return super().reconnect()

    def loop_read(self, max_packets: int = 1) -> MQTTErrorCode:
        """Read what has come and handle every whole packet of it."""
        del max_packets  # paho counts by its own windows; a read is bounded by its bytes
        if self.is_connected() and not self._has_room():
            self._ping_t = 0.0  # the answer to a ping waits unread: it is not missing, and the next ping may go
            return MQTTErrorCode.MQTT_ERR_SUCCESS
        try:
            data = self._sock_recv(_READ_BYTES)
        except BlockingIOError:
            return MQTTErrorCode.MQTT_ERR_SUCCESS
        except OSError:
            return self._loop_rc_handle(MQTTErrorCode.MQTT_ERR_CONN_LOST)
        if not data:
            return self._loop_rc_handle(MQTTErrorCode.MQTT_ERR_CONN_LOST)
        with self._msgtime_mutex:
            self._last_msg_in = time.monotonic()
        code = self._handle_packets(self._rest + data)
        if code != MQTTErrorCode.MQTT_ERR_SUCCESS:
            return self._loop_rc_handle(code)
        if self._pause_s and len(data) < _READ_BYTES:
            time.sleep(self._pause_s)
        return MQTTErrorCode.MQTT_ERR_SUCCESS

    def acknowledge(self, mids: Iterable[int]) -> None:
        """PUBACK many messages with one write, in the order given."""
        packet = b"".join([b"\x40\x02" + mid.to_bytes(2, "big") for mid in mids])
        if packet:
            self._packet_queue(paho.PUBACK, packet, 0, 0)

    def _handle_packets(self, data: bytes) -> MQTTErrorCode:
        place, end = 0, len(data)
        arrived: list[Arrived] = []
        code = MQTTErrorCode.MQTT_ERR_SUCCESS
        while place + 2 <= end:
            command, start, length = data[place], place + 2, data[place + 1]
            if length >= 0x80:
                start, length = _long_length(data, place + 1)
                if length < 0:
                    # four bytes are the most that a length may have
                    code = MQTTErrorCode.MQTT_ERR_PROTOCOL if start == place + 5 else code
                    break
            stop = start + length
            if stop > end:
                break
            if command & 0xF0 == _PUBLISH:
                message = self._parse_publish(command, data, start, stop)
                if message is None:
                    code = MQTTErrorCode.MQTT_ERR_PROTOCOL
                    break
                arrived.append(message)
            else:
                if arrived:
                    self._on_arrived(arrived)
                    arrived = []
                code = self._handle_other(command, data[start:stop])
                if code != MQTTErrorCode.MQTT_ERR_SUCCESS or self._sock is None:
                    break
            place = stop
        self._rest = data[place:]
        if arrived:
            self._on_arrived(arrived)
        return code

    def _parse_publish(self, command: int, data: bytes, start: int, stop: int) -> Arrived | None:
        """None when it is no message that we may get: we subscribe with QoS 0 or 1."""
        qos = command >> 1 & 3
        after = start + 2 + (data[start] << 8 | data[start + 1]) if stop - start >= 2 else stop + 1
        body = after + 2 if qos else after
        if body > stop or qos > 1:
            return None
        name = data[start + 2 : after]
        topic = self._topics.get(name)
        if topic is None:
            if len(self._topics) >= _MAX_TOPICS:
                self._topics.clear()
            topic = self._topics[name] = name.decode("utf-8", "replace")
        mid = data[after] << 8 | data[after + 1] if qos else 0
        return topic, data[body:stop], bool(command & 1), qos, mid

    def _handle_other(self, command: int, packet: bytes) -> MQTTErrorCode:
        self._in_packet = {
            "command": command,
            "have_remaining": 1,
            "remaining_count": [],
            "remaining_mult": 1,
            "remaining_length": len(packet),
            "packet": bytearray(packet),
            "to_process": 0,
            "pos": 0,
        }
        return self._packet_handle()


def _long_length(data: bytes, place: int) -> tuple[int, int]:
    """Where the packet's body begins and how long it is; a length of -1 when it is not all there, or too long."""
    length = shift = 0
    last = min(place + 4, len(data))
    for index in range(place, last):
        byte = data[index]
        length |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            return index + 1, length
    return last, -1
