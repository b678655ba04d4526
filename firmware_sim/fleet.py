"""``python -m firmware_sim.fleet``: hundreds of light gateways in one process, for load and chaos tests.

Killed at any moment and started again with the same directory, it goes on where it was: same boots, same sequences.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

import msgspec
import numpy as np

from firmware_sim.errors import SimulatorError
from firmware_sim.fleet_load import FleetLoad, FleetMember, LoadShape
from firmware_sim.fleet_spool import FleetSpool, SpooledPack, SpooledPress
from firmware_sim.fleet_wire import Down, FleetWire, Heard, Peer, Up, WireEvent
from firmware_sim.gateway_model import GatewayModel
from firmware_sim.report import say
from ingest.wire import topics
from ingest.wire.topics import Lane
from ingest.wire.window import CONSUMERS

TICK_S = 0.02
TELL_S = 10.0


@dataclass(slots=True, kw_only=True)
class FleetCounts:
    """What the fleet did since it was started."""

    packs: int = 0
    presses: int = 0
    sent: int = 0
    resent_windows: int = 0
    shed: int = 0
    connects: int = 0
    cpu_s: float = field(default_factory=time.process_time)


class Fleet:
    """Gateways, their spool and their wire; one thread calls ``tick``."""

    def __init__(
        self,
        directory: Path,
        members: dict[str, FleetMember],
        host: str,
        port: int,
        shape: LoadShape,
        *,
        seed: int = 1,
        data_consumers: tuple[str, ...] = CONSUMERS[Lane.DATA],
        keep_data: int = 5000,
    ) -> None:
        self.counts = FleetCounts()
        self.spool = FleetSpool(directory)
        self._keep_data = keep_data
        consumers = {Lane.ALARM: CONSUMERS[Lane.ALARM], Lane.DATA: data_consumers}
        self.gateways = {
            name: GatewayModel(
                name,
                member.shard,
                self.spool.boot(name),
                {lane: self.spool.lane(name, lane) for lane in consumers},
                consumers,
            )
            for name, member in members.items()
        }
        self._load = FleetLoad(members=members, shape=shape, rng=np.random.default_rng(seed), started_at=time.time())
        self._topics = {
            (name, lane): topics.up(member.shard, name, lane) for name, member in members.items() for lane in consumers
        }
        self.wire = FleetWire(host, port, [self._peer(name, m) for name, m in members.items()], seed)
        self._released: set[tuple[str, Lane]] = set()

    @property
    def connected(self) -> int:
        """How many gateways are connected now."""
        return sum(gateway.connected for gateway in self.gateways.values())

    def tick(self, *, generating: bool = True) -> None:
        """One turn: acknowledgements in, new packs to disk with one flush, then out."""
        now = time.time()
        self._listen(now)
        packs, presses = self._make(now) if generating else ([], [])
        if packs or self._released:
            released = [(name, lane, self.gateways[name].lanes[lane].floor) for name, lane in self._released]
            self.spool.write(packs, presses, released)
            self._released.clear()
        self.counts.packs += len(packs)
        self.counts.presses += len(presses)
        self._send(now, {(pack.gateway_id, pack.lane, pack.seq): pack.body for pack in packs})

    def close(self) -> None:
        """End the connections and the spool."""
        self.wire.stop()
        self.spool.close()

    def _peer(self, name: str, member: FleetMember) -> Peer:
        gateway = self.gateways[name]
        return Peer(
            name=name,
            username=name,
            password=member.password,
            status_topic=topics.status(member.shard, name),
            subscription=topics.ack(member.shard, name, "+"),
            birth=lambda at: gateway.status("online", at),
            will=lambda at: gateway.status("offline", at),
        )

    def _listen(self, now: float) -> None:
        events = self.wire.events
        while events:
            event: WireEvent = events.popleft()
            gateway = self.gateways[event.name]
            if isinstance(event, Up):
                self.counts.connects += 1
                gateway.connect(now)
            elif isinstance(event, Down):
                gateway.connected = False
            elif isinstance(event, Heard):
                consumer = event.topic.rpartition("/")[2]
                self._released.update((event.name, lane) for lane in gateway.hear(consumer, event.payload, now))

    def _make(self, now: float) -> tuple[list[SpooledPack], list[SpooledPress]]:
        packs, presses = [], []
        for name, device_id, body, at in self._load.presses(now):
            gateway = self.gateways[name]
            seq = gateway.lanes[Lane.ALARM].make()
            packs.append(SpooledPack(name, Lane.ALARM, seq, body))
            presses.append(SpooledPress(gateway_id=name, boot=gateway.boot, seq=seq, at_s=at, device_id=device_id))
        for name, body in self._load.packs(now):
            lane = self.gateways[name].lanes[Lane.DATA]
            packs.append(SpooledPack(name, Lane.DATA, lane.make(), body))
            if lane.shed(self._keep_data):
                self.counts.shed += 1
                self._released.add((name, Lane.DATA))
        return packs, presses

    def _send(self, now: float, fresh: dict[tuple[str, Lane, int], bytes]) -> None:
        sent = 0
        for lane in (Lane.ALARM, Lane.DATA):
            for name, gateway in self.gateways.items():
                if gateway.connected:
                    sent += self._send_lane(gateway, name, lane, now, fresh)
        if sent:
            self.counts.sent += sent
            self.wire.flush()

    def _send_lane(
        self, gateway: GatewayModel, name: str, lane: Lane, now: float, fresh: dict[tuple[str, Lane, int], bytes]
    ) -> int:
        model, sent = gateway.lanes[lane], 0
        self.counts.resent_windows += len(model.window.check_stall(now))
        for _ in range(len(model.window.consumers) + 1):  # what each of them missed, then what is new
            after, count = model.portion(now)
            if not count:
                break
            body = fresh.get((name, lane, after + 1)) if count == 1 else None
            found = [(after + 1, body)] if body is not None else self.spool.packs(name, lane, after + 1, count)
            for seq, kept in found:
                self.wire.send(name, self._topics[name, lane], gateway.compose(lane, seq, kept, now))
                model.window.sent(seq, now)
            sent += len(found)
        return sent


def read_credentials(path: Path, gateways: int) -> dict[str, FleetMember]:
    """The first ``gateways`` entries of the file, by id.

    Raises
    ------
    SimulatorError
        The file is missing, is not such a file or has too few entries.
    """
    try:
        members = msgspec.json.decode(path.read_bytes(), type=dict[str, FleetMember])
    except (OSError, msgspec.MsgspecError) as error:
        raise SimulatorError(f"{path} is no credentials file: {error}") from error
    if len(members) < gateways:
        raise SimulatorError(f"{path} has {len(members)} gateways, {gateways} are asked for")
    return {name: members[name] for name in sorted(members)[:gateways]}


def run_fleet(fleet: Fleet, *, duration_s: float, drain_s: float, stop: threading.Event) -> FleetCounts:
    """Until ``stop`` or the end of ``duration_s`` (0: none), then until all is released or ``drain_s`` is over."""
    fleet.wire.start()
    begun = told = time.monotonic()
    while not stop.is_set() and (duration_s <= 0 or time.monotonic() - begun < duration_s):
        fleet.tick()
        if time.monotonic() - told > TELL_S:
            told = time.monotonic()
            say(f"fleet: {fleet.connected} connected, {fleet.counts.presses} presses, {fleet.counts.packs} packs")
        stop.wait(TICK_S)
    end = time.monotonic() + drain_s
    while time.monotonic() < end and fleet.spool.held() > 0:
        fleet.tick(generating=False)
        time.sleep(TICK_S)
    return fleet.counts


def main(arguments: list[str] | None = None) -> int:
    """Run a fleet until SIGTERM or the end of its time; a JSON summary is the last line."""
    options = _options().parse_args(arguments)
    stop = threading.Event()
    for wanted in (signal.SIGTERM, signal.SIGINT):
        signal.signal(wanted, lambda *_: stop.set())
    try:
        members = read_credentials(options.credentials, options.gateways)
    except SimulatorError as error:
        say(str(error))
        return 2
    shape = LoadShape(
        readings_per_s=options.readings, presses_per_s=options.presses, fresh_buttons=options.fresh_buttons
    )
    fleet = Fleet(
        options.dir,
        members,
        options.host,
        options.port,
        shape,
        seed=options.seed if options.seed is not None else int.from_bytes(os.urandom(4), "little"),
        data_consumers=tuple(options.data_consumers.split(",")),
        keep_data=options.keep_data,
    )
    counts = run_fleet(fleet, duration_s=options.duration, drain_s=options.drain, stop=stop)
    held = fleet.spool.held()
    fleet.close()
    summary = {
        "packs": counts.packs,
        "presses": counts.presses,
        "sent": counts.sent,
        "resent_windows": counts.resent_windows,
        "shed": counts.shed,
        "connects": counts.connects,
        "held": held,
        "cpu_s": round(time.process_time() - counts.cpu_s, 3),
        "refused": fleet.wire.refused,
    }
    sys.stdout.write(msgspec.json.encode(summary).decode() + "\n")
    return 0


def _options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m firmware_sim.fleet", description="Many light gateways.")
    parser.add_argument("--dir", type=Path, required=True, help="where the spool is; the same one again resumes")
    parser.add_argument("--credentials", type=Path, required=True, help="JSON: gateway_id -> password, shard, ...")
    parser.add_argument("--gateways", type=int, default=200)
    parser.add_argument("--readings", type=float, default=5000.0, help="readings per second of the whole fleet")
    parser.add_argument("--presses", type=float, default=5.0, help="presses per second of the whole fleet")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=1883)
    parser.add_argument("--duration", type=float, default=0.0, help="seconds; 0: until SIGTERM")
    parser.add_argument("--drain", type=float, default=10.0, help="seconds to wait for acknowledgements at the end")
    parser.add_argument("--data-consumers", default=",".join(CONSUMERS[Lane.DATA]))
    parser.add_argument("--keep-data", type=int, default=5000, help="telemetry packs kept per gateway; older are shed")
    parser.add_argument("--fresh-buttons", action="store_true", help="every press from a button never heard before")
    parser.add_argument("--seed", type=int, default=None)
    return parser


if __name__ == "__main__":
    sys.exit(main())
