"""What becomes durable together: readings, positions in lanes, and telemetry that was set aside."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from ingest.store.frame import Extra, Frame

_MAX_DETAIL = 500


@dataclass(frozen=True, slots=True)
class LaneMove:
    """Where the consumer stands in the lane of one boot of a gateway; ``lacks`` when it refused packs beyond a gap."""

    gateway_id: str
    boot: str
    position: int
    ahead: tuple[int, ...] = ()
    lacks: bool = False


@dataclass(frozen=True, slots=True)
class SetAside:
    """A row for the quarantine table."""

    received_at: datetime
    gateway_id: str
    topic: str
    reason: str
    detail: str
    payload: bytes

    @property
    def plain_detail(self) -> str:
        """The detail as the database takes it: bounded, without NUL and without halves of characters."""
        return self.detail[:_MAX_DETAIL].replace("\0", "�").encode("utf-8", "replace").decode("utf-8")


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """One transaction of the history path."""

    frames: Sequence[Frame] = ()
    extra: Extra
    lanes: Sequence[LaneMove] = ()
    set_aside: Sequence[SetAside] = ()

    @property
    def rows(self) -> int:
        """Rows of the readings' tables."""
        return sum(len(frame) for frame in self.frames) + len(self.extra)
