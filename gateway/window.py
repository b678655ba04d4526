"""How many packs of a lane may be on their way, and when to send them again. Pure: the time is an argument."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field

from ingest.wire.topics import Lane

CONSUMERS: Mapping[Lane, tuple[str, ...]] = {
    Lane.ALARM: ("alarms",),
    Lane.DATA: ("ingest", "detect"),
    Lane.MOTION: ("detect",),
}
"""Who must have acknowledged a pack before it is released."""

SIZES: Mapping[Lane, int] = {Lane.ALARM: 64, Lane.DATA: 32, Lane.MOTION: 16}
RESEND_AFTER_S = 2.0
LONGEST_WAIT_S: Mapping[Lane, float] = {Lane.ALARM: 10.0, Lane.DATA: 60.0, Lane.MOTION: 60.0}


@dataclass(slots=True)
class LaneWindow:
    """The unacknowledged packs of one lane.

    Without progress everything in the window is sent again, each time after a longer wait. A telemetry lane whose
    consumer is away shrinks its window too: the spool holds the backlog, not the broker. The alarm lane does not.
    """

    lane: Lane
    acked: dict[str, int] = field(default_factory=dict)
    sent_to: int = -1
    in_flight: deque[int] = field(default_factory=deque)
    progress_s: float = 0.0
    wait_s: float = RESEND_AFTER_S
    stalls: int = 0

    @property
    def room(self) -> int:
        """How many more packs may be sent now."""
        size = SIZES[self.lane]
        if self.lane is not Lane.ALARM:
            size = max(1, size >> min(self.stalls, 8))
        return max(0, size - len(self.in_flight))

    @property
    def released(self) -> int:
        """Every pack up to this seq has been acknowledged by all consumers."""
        return min(self.acked.get(consumer, -1) for consumer in CONSUMERS[self.lane])

    @property
    def due_s(self) -> float | None:
        """When to send again if nothing comes; None while nothing is on its way."""
        return self.progress_s + self.wait_s if self.in_flight else None

    def sent(self, seq: int, now_s: float) -> None:
        """Take note that ``seq`` went out."""
        if not self.in_flight:
            self.progress_s = now_s
        self.in_flight.append(seq)
        self.sent_to = seq

    def acknowledge(self, consumer: str, seq: int, now_s: float) -> bool:
        """Take note of a consumer's word; True when packs can be released."""
        if consumer not in CONSUMERS[self.lane] or seq <= self.acked.get(consumer, -1):
            return False
        before = self.released
        self.acked[consumer] = seq
        if self.released <= before:
            return False
        while self.in_flight and self.in_flight[0] <= self.released:
            self.in_flight.popleft()
        self.progress_s, self.wait_s, self.stalls = now_s, RESEND_AFTER_S, 0
        return True

    def restart(self) -> None:
        """A new connection: everything unacknowledged goes out again, at once."""
        self.in_flight.clear()
        self.sent_to = -1
        self.wait_s, self.stalls = RESEND_AFTER_S, 0

    def check_stall(self, now_s: float) -> bool:
        """When the wait is over, let everything unacknowledged go out again."""
        if self.due_s is None or now_s < self.due_s:
            return False
        self.in_flight.clear()
        self.sent_to = -1
        self.progress_s = now_s
        self.wait_s = min(2 * self.wait_s, LONGEST_WAIT_S[self.lane])
        self.stalls += 1
        return True
