"""The stream of MQTT packets is read the same however it is cut into pieces."""

from __future__ import annotations

import socket
import time

from hypothesis import given
from hypothesis import strategies as st
from paho.mqtt.client import _ConnectionState
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode

from ingest.quick_client import Arrived, QuickClient

topics = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=12)
messages = st.builds(
    lambda topic, payload, retained, qos, mid: (topic, payload, retained, qos, mid if qos else 0),
    topics,
    st.one_of(st.binary(max_size=20), st.integers(100, 40_000).map(bytes)),
    st.booleans(),
    st.integers(0, 1),
    st.integers(1, 65_535),
)


def packet(message: Arrived) -> bytes:
    topic, payload, retained, qos, mid = message
    name = topic.encode()
    body = len(name).to_bytes(2, "big") + name + (mid.to_bytes(2, "big") if qos else b"") + payload
    return bytes([0x30 | qos << 1 | retained]) + length(len(body)) + body


def length(value: int) -> bytes:
    out = b""
    while True:
        value, low = divmod(value, 128)
        out += bytes([low | (128 if value else 0)])
        if not value:
            return out


def client(arrived: list[Arrived]) -> QuickClient:
    return QuickClient(CallbackAPIVersion.VERSION2, on_arrived=arrived.extend)


@given(st.lists(messages, max_size=8), st.lists(st.integers(0, 300), max_size=20))
def test_messages_come_out_whole_and_in_order(sent: list[Arrived], cuts: list[int]) -> None:
    arrived: list[Arrived] = []
    reader = client(arrived)
    stream = b"".join(map(packet, sent))
    while stream:
        size = cuts.pop() if cuts else len(stream)
        piece, stream = stream[:size], stream[size:]
        assert reader._handle_packets(reader._rest + piece) == MQTTErrorCode.MQTT_ERR_SUCCESS
    assert arrived == sent
    assert reader._rest == b""


@given(st.sampled_from([0x30, 0x31, 0x32, 0x33, 0x34, 0x36]), st.binary(max_size=60))
def test_a_broken_message_ends_the_connection_and_nothing_else(command: int, body: bytes) -> None:
    arrived: list[Arrived] = []
    code = client(arrived)._handle_packets(bytes([command]) + length(len(body)) + body)
    assert code in (MQTTErrorCode.MQTT_ERR_SUCCESS, MQTTErrorCode.MQTT_ERR_PROTOCOL)
    assert bool(arrived) == (code == MQTTErrorCode.MQTT_ERR_SUCCESS)


def test_a_message_with_qos_2_or_a_length_of_five_bytes_is_refused() -> None:
    for stream in (bytes([0x34, 6]) + b"\0\1t\0\1x", bytes([0x30, 255, 255, 255, 255, 1])):
        assert client([])._handle_packets(stream) == MQTTErrorCode.MQTT_ERR_PROTOCOL


def test_a_reader_without_room_leaves_the_rest_to_the_broker_and_keeps_the_connection_alive() -> None:
    """A broker hangs up on a client that does not ping, and delivers everything again: that must not come of it."""
    arrived: list[Arrived] = []
    room = False
    reader = QuickClient(CallbackAPIVersion.VERSION2, on_arrived=arrived.extend, has_room=lambda: room)
    reader._sock, broker = socket.socketpair()
    reader._state = _ConnectionState.MQTT_CS_CONNECTED
    reader._keepalive = 7
    broker.setblocking(False)
    broker.send(packet(("t", b"x", False, 1, 1)))
    for _ in range(5):  # keep-alive after keep-alive passes
        reader._last_msg_in = reader._last_msg_out = time.monotonic() - 8
        assert reader.loop_read() == MQTTErrorCode.MQTT_ERR_SUCCESS
        assert reader.loop_misc() == MQTTErrorCode.MQTT_ERR_SUCCESS
        reader.loop_write()
        assert broker.recv(10) == b"\xc0\x00", "a ping"
        assert arrived == []
        reader._ping_t -= 8
    room = True
    broker.send(b"\xd0\x00" * 5)
    assert reader.loop_read() == MQTTErrorCode.MQTT_ERR_SUCCESS
    assert reader.loop_misc() == MQTTErrorCode.MQTT_ERR_SUCCESS
    assert [message[1] for message in arrived] == [b"x"]
    broker.close()
    reader._sock.close()
