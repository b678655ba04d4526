"""The uplink: packs from the spools to the broker, acknowledgements back, and the gateway's status."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from gateway import packing
from gateway.errors import SpoolError
from gateway.spool import Spool
from ingest.log import Log
from ingest.wire import acks, status, topics
from ingest.wire.topics import Lane
from ingest.wire.window import LaneWindow

URGENT_FIRST = (Lane.ALARM, Lane.DATA, Lane.MOTION)


class Publisher(Protocol):
    """The session to the broker."""

    def publish(self, topic: str, payload: bytes, *, qos: int = 1, retain: bool = False) -> bool:
        """Hand a message to the connection; False when there is none."""
        ...


class Uplink:
    """Sends what the spools hold, alarms first, as far as the windows allow.

    There is one spool on disk, and one in memory while the disk does not take more. ``wall`` tells the time that goes
    into ``sent_at``; ``now_s`` arguments are of a clock that never goes back.
    """

    def __init__(
        self, publisher: Publisher, shard: int, gateway_id: str, started_s: float, wall: Callable[[], float], log: Log
    ) -> None:
        self._publisher = publisher
        self._shard = shard
        self._gateway_id = gateway_id
        self._started_s = started_s
        self._wall = wall
        self._log = log
        self._spools: list[tuple[Spool, dict[Lane, LaneWindow]]] = []
        self.sent = dict.fromkeys(Lane, 0)

    def attach(self, spool: Spool) -> None:
        """Send from this spool too; the boot of the first one is the gateway's."""
        self._spools.append((spool, {lane: LaneWindow(lane) for lane in Lane}))

    def replace(self, spool: Spool) -> None:
        """The first spool was damaged and set aside: this one takes its place."""
        self._spools[:1] = [(spool, {lane: LaneWindow(lane) for lane in Lane})]
        self.tell_status("online")

    def connected(self, now_s: float) -> None:
        """A new connection stands: say that we are there, and send again what is not acknowledged."""
        self.tell_status("online")
        for _, windows in self._spools:
            for window in windows.values():
                window.restart(now_s)

    def tell_status(self, state: str) -> None:
        """Publish the retained status."""
        self._publisher.publish(
            topics.status(self._shard, self._gateway_id),
            status.encode(state, self._spools[0][0].boot, self._started_s),
            retain=True,
        )

    def acknowledged(self, consumer: str, payload: bytes, now_s: float) -> None:
        """A message on ``down/ack/{consumer}``."""
        ack = acks.decode(payload)
        if ack is None:
            self._log.warning("ack.unreadable", gateway_id=self._gateway_id, consumer=consumer)
            return
        for spool, windows in self._spools:
            if spool.boot != ack.boot:
                continue
            if any(seq >= spool.next_seq(lane) for lane, seq, _ in ack.positions()):
                self._renew(spool, windows)
                return
            for lane, seq, lacks in ack.positions():
                if windows[lane].acknowledge(consumer, seq, now_s, lacks=lacks):
                    spool.acknowledge(lane, windows[lane].released)

    def send(self, now_s: float) -> None:
        """Send what may be sent."""
        for spool, windows in self._spools:
            for window in windows.values():
                for consumer in window.check_stall(now_s):
                    self._log.info(
                        "uplink.stalled",
                        gateway_id=self._gateway_id,
                        lane=window.lane,
                        consumer=consumer,
                        held=spool.count(window.lane),
                        wait_s=window.consumers[consumer].wait_s,
                    )
        for lane in URGENT_FIRST:
            for spool, windows in self._spools:
                if not self._send_lane(spool, windows[lane], now_s):
                    return

    def due_s(self) -> float | None:
        """When ``send`` wants to be called again if nothing comes."""
        due = [window.due_s for _, windows in self._spools for window in windows.values()]
        return min((moment for moment in due if moment is not None), default=None)

    def _renew(self, spool: Spool, windows: dict[Lane, LaneWindow]) -> None:
        """A consumer has had packs of this spool that the spool never gave: it was put back from an older copy.

        Under its old boot everything new would be taken for repeats.
        """
        try:
            spool.renew()
        except SpoolError as error:
            self._log.error("spool.not_renewed", gateway_id=self._gateway_id, error=error)
            return
        windows.update({lane: LaneWindow(lane) for lane in Lane})
        self._log.warning("spool.renewed", gateway_id=self._gateway_id, boot=spool.boot)
        self.tell_status("online")

    def _send_lane(self, spool: Spool, window: LaneWindow, now_s: float) -> bool:
        lane = window.lane
        window.keep(spool.floor(lane))
        topic = topics.up(self._shard, self._gateway_id, lane)
        for _ in range(len(window.consumers) + 1):  # what each of them missed, then what is new
            after, count = window.portion(spool.next_seq(lane), now_s)
            for seq, body in spool.pending(lane, after, count) if count else ():
                payload = packing.message(
                    lane, body, boot=spool.boot, seq=seq, floor=spool.floor(lane), sent_at=self._wall()
                )
                if not self._publisher.publish(topic, payload):
                    return False
                window.sent(seq, now_s)
                self.sent[lane] += 1
        return True
