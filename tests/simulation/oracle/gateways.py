"""A gateway that is gone is a fault, one that is there is none; the same for the broker."""

from __future__ import annotations

from typing import TYPE_CHECKING

from alarms.journal.records import Entry
from alarms.lifecycle.alarm import Alarm
from tests.simulation.oracle.oracle import Oracle
from tests.simulation.oracle.rule import Rule

if TYPE_CHECKING:
    from tests.simulation.gateway import SimGateway

_SHOWN_S = 8.0
"""From the moment at which the broker notices, with the grace and everything on the way."""


class Gateways(Rule):
    """``watched`` are the gateways of the home."""

    promise = "a lost gateway is one fault, and mends itself"
    watched: dict[str, SimGateway]

    def __init__(self, oracle: Oracle) -> None:
        super().__init__(oracle)
        self._look_s = 0.0
        self._shown_s: dict[str, float] = {}

    def entry(self, entry: Entry, before: Alarm | None) -> None:
        if entry.state is not None and entry.state.rule == "gateway_lost" and entry.state.is_open:
            self._shown_s[entry.state.subject] = self.oracle.timeline.now_s

    def looked(self, now_s: float) -> None:
        if now_s < self._look_s:
            return
        self._look_s = now_s + 10.0
        subject = self.oracle.subject
        if not (subject.running and subject.writable and subject.connected_since_s is not None):
            return
        for gateway in self.watched.values():
            if gateway.offline_since_s is None:
                continue
            since_s = max(gateway.offline_since_s, subject.alive_since_s, subject.writable_since_s)
            # after a new connection of the program, gateways have a while to report
            since_s = max(since_s, subject.connected_since_s + 15.0)
            shown_s = self._shown_s.get(f"gateway:{gateway.gateway_id}", -1.0)
            if (
                now_s > since_s + _SHOWN_S
                and shown_s < gateway.offline_since_s
                and not self._is_lost(gateway.gateway_id)
            ):
                self.fail(f"{gateway.gateway_id} has been gone for {now_s - gateway.offline_since_s:.0f} s")

    def quiet(self) -> None:
        for gateway in self.watched.values():
            if gateway.connected and self._is_lost(gateway.gateway_id):
                self.fail(f"{gateway.gateway_id} is there and said to be lost")
        if any(alarm.rule == "broker_lost" for alarm in self.oracle.open_alarms):
            self.fail("the broker is there and said to be lost")

    def _is_lost(self, gateway_id: str) -> bool:
        subject = f"gateway:{gateway_id}"
        return any(alarm.rule == "gateway_lost" and alarm.subject == subject for alarm in self.oracle.open_alarms)
