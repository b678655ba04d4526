"""What a consumer says on ``down/ack/{consumer}``."""

from __future__ import annotations

import msgspec

from ingest.wire.topics import Lane


class Ack(msgspec.Struct, frozen=True, omit_defaults=True):
    """Durable up to here, by lane; ``lacks`` names lanes in which packs came that are no use without those before."""

    boot: str
    alarm: int | None = None
    data: int | None = None
    motion: int | None = None
    lacks: list[str] = []

    def positions(self) -> list[tuple[Lane, int, bool]]:
        """Lane, position and whether it lacks packs behind it."""
        told = ((Lane.ALARM, self.alarm), (Lane.DATA, self.data), (Lane.MOTION, self.motion))
        return [(lane, seq, lane.value in self.lacks) for lane, seq in told if seq is not None]


_DECODER = msgspec.json.Decoder(Ack)


def decode(payload: bytes) -> Ack | None:
    """None when it cannot be read."""
    try:
        return _DECODER.decode(payload)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return None
