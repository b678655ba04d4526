"""How many packs of a lane may be on their way, and when to send them again. Pure: the time is an argument."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

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
class Consumer:
    """Where one consumer stands: it has acknowledged up to ``position``.

    ``again_to`` is the last seq that was sent again while it stays behind, None while it keeps up; ``asks`` when it has
    said itself that it lacks what was sent. ``timed`` is one seq on its way and when it was first sent: how long it
    takes to be acknowledged is ``delay_s``, smoothed.
    """

    position: int = -1
    again_to: int | None = None
    asks: bool = False
    progress_s: float = 0.0
    wait_s: float = RESEND_AFTER_S
    stalls: int = 0
    timed: tuple[int, float] | None = None
    delay_s: float = 0.0


class LaneWindow:
    """The unacknowledged packs of one lane.

    New packs go out as far as the consumers that keep up allow: nobody waits for one that has said nothing for
    ``RESEND_AFTER_S``, or for twice its usual delay. That one is sent again what it has not acknowledged, each time
    after a longer wait and, on a telemetry lane, in smaller portions: the spool holds its backlog, not the broker. What
    went out only now is on its way still, and is not sent again unless the consumer asks: a slow platform is not kept
    busy with repeats. Once it answers, it gets the backlog as fast as it acknowledges, until it stands where the new
    packs are.
    """

    def __init__(self, lane: Lane, consumers: Sequence[str] | None = None) -> None:
        self.lane = lane
        self.sent_to = -1
        self.consumers = {name: Consumer() for name in (CONSUMERS[lane] if consumers is None else consumers)}
        self._went_out: deque[tuple[float, int]] = deque()  # when, and the first seq that went out then

    @property
    def released(self) -> int:
        """Every pack up to this seq has been acknowledged by all consumers."""
        return min(consumer.position for consumer in self.consumers.values())

    @property
    def due_s(self) -> float | None:
        """When to look for a stall if nothing comes; None while nothing is on its way."""
        behind = [known for known in self.consumers.values() if known.position < self.sent_to]
        return min((known.progress_s + known.wait_s for known in behind), default=None)

    def keep(self, floor: int) -> None:
        """Take note of the lowest seq that the spool still holds: nobody waits for what is below."""
        self.sent_to = max(self.sent_to, floor - 1)
        for consumer in self.consumers.values():
            consumer.position = max(consumer.position, floor - 1)
            self._tell_again(consumer, consumer.position)

    def portion(self, next_seq: int, now_s: float) -> tuple[int, int]:
        """What may be sent now: so many packs behind this seq. ``next_seq`` is the one that the next new pack gets."""
        for consumer in self.consumers.values():
            if consumer.again_to is not None:
                last = min(self._missed_to(consumer, now_s), consumer.position + self._size(consumer))
                if consumer.again_to < last:
                    return consumer.again_to, last - consumer.again_to
        level = [consumer for consumer in self.consumers.values() if consumer.again_to is None]
        up = [consumer.position for consumer in level if not consumer.stalls] or [known.position for known in level]
        last = min(next_seq - 1, min(up) + SIZES[self.lane]) if up else self.sent_to
        return self.sent_to, max(0, last - self.sent_to)

    def sent(self, seq: int, now_s: float) -> None:
        """Take note that ``seq`` went out."""
        if seq > self.sent_to:
            for consumer in self.consumers.values():
                if consumer.position == self.sent_to:
                    consumer.progress_s = now_s
            self._note(seq, now_s)
            self.sent_to = seq
        for consumer in self.consumers.values():
            if consumer.timed is None and seq > consumer.position:
                consumer.timed = seq, now_s
            if consumer.again_to == seq - 1:
                self._tell_again(consumer, seq)

    def acknowledge(self, name: str, seq: int, now_s: float, *, lacks: bool = False) -> bool:
        """Take note of a consumer's word; True when packs can be released.

        ``lacks``: packs came to it that are no use without those behind ``seq``.
        """
        consumer = self.consumers.get(name)
        if consumer is None:
            return False
        before = self.released
        if seq > consumer.position:
            self._advance(consumer, seq, now_s)
        if lacks and not consumer.asks:
            self._begin_again(consumer, now_s, asks=True)
        return self.released > before

    def restart(self, now_s: float) -> None:
        """A new connection: everything unacknowledged goes out again, at once."""
        for consumer in self.consumers.values():
            consumer.timed = None
            self._begin_again(consumer, now_s, asks=True)

    def check_stall(self, now_s: float) -> list[str]:
        """The consumers whose wait is over: everything that they have not acknowledged may go out again."""
        stalled = []
        for name, consumer in self.consumers.items():
            if consumer.position < self.sent_to and now_s >= consumer.progress_s + consumer.wait_s:
                wait_s, stalls = min(2 * consumer.wait_s, LONGEST_WAIT_S[self.lane]), consumer.stalls + 1
                self._begin_again(consumer, now_s)
                consumer.wait_s, consumer.stalls = wait_s, stalls
                stalled.append(name)
        return stalled

    def _advance(self, consumer: Consumer, seq: int, now_s: float) -> None:
        if seq > self.sent_to:  # it knows more of this spool than we do: the others were not sent that much
            for other in self.consumers.values():
                if other.again_to is None:
                    other.again_to, other.asks = self.sent_to, True
            self.sent_to = seq
        if consumer.timed is not None and seq >= consumer.timed[0]:
            took_s = min(now_s - consumer.timed[1], LONGEST_WAIT_S[self.lane] / 4)  # to be away is not to be slow
            consumer.delay_s = (consumer.delay_s + took_s) / 2
            consumer.timed = None
        consumer.position, consumer.progress_s = seq, now_s
        self._forgive(consumer)
        self._tell_again(consumer, seq)

    def _begin_again(self, consumer: Consumer, now_s: float, *, asks: bool = False) -> None:
        consumer.again_to = consumer.position if consumer.position < self.sent_to else None
        consumer.asks = asks
        consumer.progress_s = now_s
        self._forgive(consumer)

    def _forgive(self, consumer: Consumer) -> None:
        consumer.wait_s, consumer.stalls = self._patience_s(consumer), 0

    def _patience_s(self, consumer: Consumer) -> float:
        return max(RESEND_AFTER_S, 2 * consumer.delay_s)

    def _tell_again(self, consumer: Consumer, seq: int) -> None:
        """It has ``seq``, or was sent it again."""
        if consumer.again_to is not None:
            consumer.again_to = max(consumer.again_to, seq)
            if consumer.again_to >= self.sent_to:
                consumer.again_to, consumer.asks = None, False

    def _missed_to(self, consumer: Consumer, now_s: float) -> int:
        """What it should have acknowledged by now, had it come."""
        if not consumer.asks:
            since_s = now_s - self._patience_s(consumer)
            for at_s, first in self._went_out:
                if at_s > since_s:
                    return first - 1
        return self.sent_to

    def _note(self, seq: int, now_s: float) -> None:
        if not self._went_out or now_s - self._went_out[-1][0] >= RESEND_AFTER_S / 4:
            self._went_out.append((now_s, seq))
        while now_s - self._went_out[0][0] > LONGEST_WAIT_S[self.lane]:
            self._went_out.popleft()

    def _size(self, consumer: Consumer) -> int:
        if self.lane is Lane.ALARM:
            return SIZES[self.lane]
        return max(1, SIZES[self.lane] >> min(consumer.stalls, 8))
