"""One gateway: native messages to records, spooled, judged, sent, acknowledged. One thread runs it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence

from gateway import packing
from gateway.delivery import Body, Delivery
from gateway.devices import Devices, Known
from gateway.downlink import Downlink
from gateway.feedback import Feedback
from gateway.intake import Found, Intake
from gateway.judge import Judge
from gateway.on_the_spot import OnTheSpot
from gateway.packing import Datum
from gateway.settings import GatewaySettings
from gateway.uplink import Uplink
from ingest.clock import ClockWatch
from ingest.health import Health
from ingest.log import Log
from ingest.mqtt import Connected, Item, Message, Session
from ingest.wire.site_config import SiteConfig
from ingest.wire.topics import Lane

_TICK_S = 1.0
_TAKEN_AT_ONCE = 500
_HELD_NATIVE = 16
"""Unacknowledged native messages after which a pack is closed: a broker may have no more than 20 on their way."""
_REPORT_EVERY_S = 60.0


class Gateway:
    """The loop of one gateway.

    A native message is acknowledged to its broker when what came of it is durable. Alarm-class records are committed
    and sent at once, telemetry is gathered for a moment.
    """

    def __init__(
        self,
        *,
        gateway_id: str,
        native_prefix: str,
        settings: GatewaySettings,
        platform: Session,
        native: Session,
        wake: threading.Event,
        intake: Intake,
        judge: Judge,
        on_the_spot: OnTheSpot,
        feedback: Feedback,
        uplink: Uplink,
        delivery: Delivery,
        clock_watch: ClockWatch,
        health: Health,
        log: Log,
    ) -> None:
        self._id = gateway_id
        self._native_prefix = native_prefix
        self._settings = settings
        self._platform = platform
        self._native = native
        self._wake = wake
        self._intake = intake
        self._judge = judge
        self._on_the_spot = on_the_spot
        self._feedback = feedback
        self._uplink = uplink
        self._delivery = delivery
        self._clock_watch = clock_watch
        self._health = health
        self._log = log
        self._found = Found()
        self._unacknowledged: list[Message] = []
        self._gather_until: float | None = None
        self._tick_at = 0.0
        self._report_at = 0.0
        self._reported: tuple[int, ...] = ()
        self._downlink: Downlink | None = None

    def obey(self, downlink: Downlink) -> None:
        """Let ``downlink`` handle what the platform says."""
        self._downlink = downlink

    def run(self, stop: threading.Event) -> None:
        """Work until ``stop``; then leave everything durable and say goodbye."""
        while not stop.is_set():
            self._wake.wait(self._wait_s())
            self._wake.clear()
            self.step()
        self._commit()
        self._uplink.send(time.monotonic())
        self._uplink.tell_status("offline")

    def step(self) -> None:
        """One round: what came, what is due, what goes out."""
        now = time.monotonic()
        self._from_platform(now)
        items = self._native.take(_TAKEN_AT_ONCE, 0)
        self._look_at_clock()
        self._from_devices(items)
        if now >= self._tick_at:
            self._tick_at = now + _TICK_S
            self._tick(now)
        if self._is_due(now):
            self._commit()
        self._uplink.send(time.monotonic())

    def add(self, datum: Datum) -> None:
        """Send a record in the alarm lane that is not from a device."""
        self._found.alarms.append((Known(datum.device_id), datum))

    def configure(self, config: SiteConfig) -> None:
        """Work with another configuration from now on."""
        self._intake.devices = Devices(config)
        self._on_the_spot.configure(config)
        self.judged(lambda: self._judge.configure(config, time.time()))

    def judged(self, judge: Callable[[], list[Datum]]) -> None:
        """Send what the judge finds."""
        try:
            judgements = judge()
        except Exception:  # noqa: BLE001 - a detector's fault must not hold up the records themselves
            self._log.exception("judge.failed", gateway_id=self._id)
            return
        for judgement in judgements:
            self.add(judgement)

    def _look_at_clock(self) -> None:
        """When the wall clock was set no wait becomes longer or shorter."""
        look = self._clock_watch.look()
        if look.set_by_s:
            self._judge.clock_set(look.set_by_s)
            self._intake.clock_set(look.set_by_s)
            self._on_the_spot.clock_set(look.set_by_s)
            self._clock_watch.accept(look)
            self._log.warning("clock.set", gateway_id=self._id, by_s=round(look.set_by_s, 3))

    def _wait_s(self) -> float:
        due = [self._tick_at, self._uplink.due_s(), self._gather_until]
        return max(0.0, min(moment for moment in due if moment is not None) - time.monotonic())

    def _from_platform(self, now: float) -> None:
        items = self._platform.take(_TAKEN_AT_ONCE, 0)
        if len(items) == _TAKEN_AT_ONCE:
            self._wake.set()
        for item in items:
            if self._downlink is not None:
                self._downlink.handle(item, now)
        self._platform.acknowledge(item for item in items if isinstance(item, Message))

    def _from_devices(self, items: Sequence[Item]) -> None:
        if len(items) == _TAKEN_AT_ONCE:
            self._wake.set()
        for item in items:
            if isinstance(item, Connected):
                self._log.info("native.listening", gateway_id=self._id)
            if not isinstance(item, Message):
                continue
            self._unacknowledged.append(item)
            topic = item.topic.removeprefix(self._native_prefix)
            try:
                self._intake.read(
                    topic, item.payload, retained=item.retained, received_s=item.received_s, into=self._found
                )
            except Exception:  # noqa: BLE001 - one bad message never stops the stream
                self._log.exception("native.failed", gateway_id=self._id, bytes=len(item.payload))
        if self._found.heard:
            heard, self._found.heard = self._found.heard, []
            for moved in self._feedback.heard(heard, time.time()):
                self.add(moved)
            self.judged(lambda: self._judge.update(heard, time.time()))

    def _tick(self, now: float) -> None:
        self.judged(lambda: self._judge.tick(time.time()))
        self._intake.forget(time.time())
        has_begun = self._on_the_spot.tick(time.time())
        if has_begun or (self._downlink is not None and self._downlink.has_news):
            if self._downlink is not None:
                self._downlink.has_news = False
            self._delivery.save()
        else:
            self._delivery.tidy()
        if self._health.due():
            spool = self._delivery.spool
            held = {str(lane): spool.count(lane) for lane in Lane}
            self._health.report(broker=self._platform.connected, spool=held)
        if now >= self._report_at:
            self._report_at = now + _REPORT_EVERY_S
            self._report()

    def _is_due(self, now: float) -> bool:
        found, settings = self._found, self._settings
        if self._gather_until is None and (found.telemetry or self._unacknowledged):
            self._gather_until = now + settings.gather_s
        if found.alarms or found.windows or len(found.telemetry) >= settings.gather_readings:
            return True
        held = sum(1 for message in self._unacknowledged if message.qos > 0)
        return held >= _HELD_NATIVE or (self._gather_until is not None and now >= self._gather_until)

    def _commit(self) -> None:
        """Make what was found durable, sound what must sound, then let the native broker forget it."""
        found, self._found, self._gather_until = self._found, Found(), None
        for known, datum in found.alarms:
            self._on_the_spot.act(known, datum, time.time())
        alarms = (self._judge.drawn(known, datum) for known, datum in found.alarms)
        bodies: list[Body] = [(Lane.ALARM, body) for body in packing.alarm_bodies(alarms)]
        bodies += [(Lane.DATA, body) for body in packing.data_bodies(found.telemetry)]
        bodies += [(Lane.MOTION, body) for body in found.windows]
        if bodies:
            self._delivery.deliver(bodies)
        taken, self._unacknowledged = self._unacknowledged, []
        self._native.acknowledge(taken)

    def _report(self) -> None:
        intake, spool = self._intake, self._delivery.spool
        refused, dropped = sum(intake.refused.values()), sum(intake.dropped.values())
        facts = (refused, dropped, sum(spool.dropped(lane) for lane in Lane), self._delivery.lost_packs)
        if facts != self._reported and any(facts):
            reasons = ",".join(f"{reason}:{count}" for reason, count in intake.refused.most_common(5))
            self._log.warning(
                "gateway.counts",
                gateway_id=self._id,
                refused=refused,
                reasons=reasons or "-",
                dropped_fields=dropped,
                dropped_packs=facts[2],
                lost_packs=facts[3],
            )
        self._reported = facts
