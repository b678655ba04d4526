"""The load generator: gateways as raw sockets with ready-made packets, in a process of its own.

Each gateway keeps a window of packs that ingest has not acknowledged on ``down/ack/ingest``, as a real one does, so the
measured rate is that of durable storage. ``python -m tests.bench.flood`` reads its orders as JSON from standard input.
"""

from __future__ import annotations

import json
import resource
import selectors
import socket
import sys
import time
from dataclasses import dataclass, field

import msgspec
import numpy as np
from numpy.typing import NDArray

from ingest.wire import topics

FIRST_SEQ = 100_000_000  # every sequence number has the same number of digits, so every packet the same length
SIGNALS = ("power_w", "voltage_v", "current_a", "energy_kwh", "power_factor")
_CONNACK_OK = bytes([0x20, 2, 0, 0])
_SLICE = 64
_PAUSE_S = 0.002  # between rounds: one read finds many acknowledgements
_LONGEST_ACK = 200  # bytes of a packet on down/ack, at most


class Orders(msgspec.Struct, frozen=True, kw_only=True):
    """What to send."""

    host: str
    port: int
    shape: str
    gateways: list[tuple[str, int, str]]  # id, shard, password
    packs: int  # of each gateway, at most
    seconds: float
    window: int
    start_s: float
    step_s: float
    boot: str = "b"  # of the spools, with the gateway's number behind it: another one for another flood
    rate: float = 0.0  # packs a second of all gateways together; 0: as many as are acknowledged


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What was sent and stored."""

    packs: int
    seconds: float
    cpu_s: float
    missing: int


def devices_of(gateway: int, shape: str) -> list[str]:
    """The meters behind a gateway."""
    return [f"meter-{gateway:03d}-{meter}" for meter in range(2 if shape == "pack10" else 10)]


def readings_in(shape: str) -> int:
    """Readings of one pack."""
    return {"pack50": 50, "pack10": 10, "single": 1}[shape]


def template(gateway: int, shape: str, boot: str = "b") -> bytes:
    """A pack whose numbers have fixed places: SEQ (9 digits), TIME (10.6 digits)."""
    devices = devices_of(gateway, shape)
    head = f'{{"boot":"{boot}{gateway:03d}","seq":SSSSSSSSS,"floor":{FIRST_SEQ},"sent_at":TTTTTTTTTT.TTTTTT,'
    if shape == "single":
        body = f'"records":[{{"n":"{devices[0]}/power_w","v":1234.5,"t":TTTTTTTTTT.TTTTTT}}]}}'
    else:
        names, ids = (json.dumps(words, separators=(",", ":")) for words in (SIGNALS, devices))
        rows = ",".join(["[1234.5,230.1,5.36,12345.678,0.98]"] * len(devices))
        body = f'"tables":[{{"d":{ids},"n":{names},"v":[{rows}],"bt":TTTTTTTTTT.TTTTTT}}]}}'
    return (head + body).encode()


def packets(gateway: int, gateway_id: str, shard: int, orders: Orders) -> NDArray[np.uint8]:
    """All packets of one gateway, one per row."""
    payload = template(gateway, orders.shape, orders.boot)
    topic = topics.up(shard, gateway_id, topics.Lane.DATA).encode()
    body = len(topic).to_bytes(2, "big") + topic + b"\0\0" + payload
    packet = bytes([0x32]) + _length(len(body)) + body
    rows = np.tile(np.frombuffer(packet, np.uint8), (orders.packs, 1))
    number = np.arange(orders.packs, dtype=np.int64)
    place = len(packet) - len(payload)
    mid = number % 65_535 + 1
    rows[:, place - 2] = mid >> 8
    rows[:, place - 1] = mid & 0xFF
    _write_digits(rows, packet.index(b"SSSSSSSSS"), 9, FIRST_SEQ + number)
    at_us = np.rint((orders.start_s + number * orders.step_s) * 1e6).astype(np.int64)
    found = packet.find(b"TTTTTTTTTT.TTTTTT")
    while found >= 0:
        _write_digits(rows, found, 10, at_us // 1_000_000)
        _write_digits(rows, found + 11, 6, at_us % 1_000_000)
        found = packet.find(b"TTTTTTTTTT.TTTTTT", found + 1)
    return rows


def run(orders: Orders) -> Outcome:
    """Send for ``seconds``, then wait until everything is acknowledged."""
    lines = [
        _Line(_connect(orders, gateway_id, shard, password), packets(i, gateway_id, shard, orders))
        for i, (gateway_id, shard, password) in enumerate(orders.gateways)
    ]
    with selectors.DefaultSelector() as selector:
        for line in lines:
            line.socket.setblocking(False)
            selector.register(line.socket, selectors.EVENT_READ, line)
        before = resource.getrusage(resource.RUSAGE_SELF)
        started = time.monotonic()
        stop_at, give_up_at = started + orders.seconds, started + orders.seconds + 60
        ended = started
        while time.monotonic() < give_up_at:
            sending = time.monotonic() < stop_at
            paced = (time.monotonic() - started) * orders.rate / len(lines) if orders.rate else orders.packs
            for line in lines:
                if sending:
                    line.send(orders.window, int(paced))
            if not sending and all(line.done == line.sent for line in lines):
                break
            time.sleep(_PAUSE_S)
            for key, _ in selector.select(0):
                if key.data.receive():
                    ended = time.monotonic()
        after = resource.getrusage(resource.RUSAGE_SELF)
    return Outcome(
        packs=sum(line.done for line in lines),
        seconds=ended - started,
        cpu_s=(after.ru_utime + after.ru_stime) - (before.ru_utime + before.ru_stime),
        missing=sum(line.sent - line.done for line in lines),
    )


@dataclass(slots=True)
class _Line:
    """One gateway's connection."""

    socket: socket.socket
    packets: NDArray[np.uint8]
    sent: int = 0
    done: int = 0
    _rest: memoryview = field(default_factory=lambda: memoryview(b""))
    _inbox: bytes = b""

    def send(self, window: int, paced: int) -> None:
        """As much as the window, the pace and the socket take."""
        try:
            while True:
                if not self._rest:
                    end = min(self.done + window, self.sent + _SLICE, paced, len(self.packets))
                    if end <= self.sent:
                        return
                    self._rest = memoryview(self.packets[self.sent : end].tobytes())
                    self.sent = end
                self._rest = self._rest[self.socket.send(self._rest) :]
        except BlockingIOError:
            return

    def receive(self) -> bool:
        """True when something was acknowledged as stored; PUBACKs are passed over."""
        inbox = self._inbox + self.socket.recv(1 << 16)
        end = inbox.rfind(b"}")
        place = inbox.rfind(b'"data":', 0, end + 1)
        self._inbox = inbox[end + 1 :][-_LONGEST_ACK:]
        if place < 0:
            return False
        self.done = int(inbox[place + 7 : end]) - FIRST_SEQ + 1
        return True


def _connect(orders: Orders, gateway_id: str, shard: int, password: str) -> socket.socket:
    wire = socket.create_connection((orders.host, orders.port), 10)
    wire.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    words = [gateway_id, gateway_id, password]
    body = b"\0\4MQTT\4\xc2\0\0" + b"".join(len(w).to_bytes(2, "big") + w.encode() for w in words)
    wire.sendall(bytes([0x10]) + _length(len(body)) + body)
    if _exactly(wire, 4) != _CONNACK_OK:
        raise RuntimeError(f"{gateway_id} is not let in")
    heard = topics.ack(shard, gateway_id, "ingest").encode()
    body = b"\0\1" + len(heard).to_bytes(2, "big") + heard + b"\0"
    wire.sendall(bytes([0x82]) + _length(len(body)) + body)
    if _exactly(wire, 5)[-1] == 0x80:
        raise RuntimeError(f"{gateway_id} may not listen")
    return wire


def _exactly(wire: socket.socket, count: int) -> bytes:
    got = b""
    while len(got) < count:
        part = wire.recv(count - len(got))
        if not part:
            raise RuntimeError("the broker has hung up")
        got += part
    return got


def _length(value: int) -> bytes:
    out = bytearray()
    while True:
        value, low = divmod(value, 128)
        out.append(low | (128 if value else 0))
        if not value:
            return bytes(out)


def _write_digits(rows: NDArray[np.uint8], place: int, width: int, values: NDArray[np.int64]) -> None:
    for digit in range(width):
        rows[:, place + width - 1 - digit] = values // 10**digit % 10 + ord("0")


if __name__ == "__main__":
    print(msgspec.json.encode(run(msgspec.json.decode(sys.stdin.buffer.read(), type=Orders))).decode())
