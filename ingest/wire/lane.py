"""Where a consumer stands in one lane of one gateway: what is new, what may be acknowledged."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(slots=True)
class LanePosition:
    """The durable position of a consumer in one (gateway, boot, lane).

    ``position`` is cumulative: every pack up to it is done. Packs that came before a gap was filled stand in
    ``ahead``. A pack is used at once, gap or not: an alarm never waits for a lost neighbour. Only the
    acknowledgement waits, so that the gateway sends the missing pack again.
    """

    position: int = -1
    ahead: set[int] = field(default_factory=set)

    def accept(self, seq: int, floor: int) -> bool:
        """Take note of pack ``seq``; True when it is new, False when it is a repeat.

        ``floor`` is the lowest seq that the gateway still holds: nothing below it will ever come again.
        """
        if seq == self.position + 1 and floor <= seq and not self.ahead:  # nearly always
            self.position = seq
            return True
        self._raise_to(min(floor, seq) - 1)
        if seq <= self.position or seq in self.ahead:
            return False
        self.ahead.add(seq)
        self._raise_to(self.position)
        return True

    def _raise_to(self, position: int) -> None:
        if position > self.position:
            self.position = position
            self.ahead = {seq for seq in self.ahead if seq > position}
        while self.position + 1 in self.ahead:
            self.position += 1
            self.ahead.discard(self.position)
