"""Where the program stands in every gateway's data lane: what is new, what may be acknowledged."""

from __future__ import annotations

from collections.abc import Iterable

from ingest.store.batch import LaneMove
from ingest.wire.lane import LanePosition

REACH = 256
"""So many packs behind the last one before a gap are taken; what is further comes again, in its order."""
_MAX_AHEAD = 4096
_MAX_BOOTS = 16


class Lanes:
    """The positions by gateway and boot. They run ahead of the database by the batches that are not stored yet."""

    def __init__(self, stored: Iterable[LaneMove] = (), *, reach: int = REACH) -> None:
        """``reach`` 1 takes packs in their order alone."""
        self._reach = reach
        self._lacking: set[tuple[str, str]] = set()
        self._gateways: dict[str, dict[str, LanePosition]] = {}
        self._moved: set[tuple[str, str]] = set()
        for lane in stored:
            self._gateways.setdefault(lane.gateway_id, {})[lane.boot] = LanePosition(lane.position, set(lane.ahead))

    def accept(self, gateway_id: str, boot: str, seq: int, floor: int) -> bool:
        """Take note of a pack; False when it is not to be used: a repeat, or out of ``REACH``."""
        boots = self._gateways.setdefault(gateway_id, {})
        lane = boots.get(boot)
        if lane is None:
            if len(boots) >= _MAX_BOOTS:
                # a gateway cannot fill the memory with spools; one that returns is absorbed by the tables' keys
                del boots[next(iter(boots))]
            lane = boots[boot] = LanePosition()
        self._moved.add((gateway_id, boot))
        if 0 <= lane.position < seq - self._reach and floor <= seq - self._reach:
            self._lacking.add((gateway_id, boot))
            return False
        new = lane.accept(seq, floor)
        if len(lane.ahead) > _MAX_AHEAD:
            lane.ahead.discard(max(lane.ahead))
        return new

    def take_moves(self) -> list[LaneMove]:
        """The lanes that had a pack since last time, where they stand now."""
        moves = []
        for gateway_id, boot in self._moved:
            lane = self._gateways[gateway_id].get(boot)
            if lane is not None:
                lacks = (gateway_id, boot) in self._lacking
                moves.append(LaneMove(gateway_id, boot, lane.position, tuple(lane.ahead), lacks))
        self._moved, self._lacking = set(), set()
        return moves
