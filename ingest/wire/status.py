"""What a gateway says of its connection, and what the broker says in its name when the connection dies."""

from __future__ import annotations

import msgspec


class Status(msgspec.Struct, frozen=True):
    """The retained message on ``status``; ``at`` is the start of the session, also in its last will."""

    state: str
    boot: str = ""
    at: float = 0.0

    @property
    def online(self) -> bool:
        """Whether a connection stands."""
        return self.state == "online"

    def is_news(self, known_at: float) -> bool:
        """False for the last will of an older session than the one that is known."""
        return self.online or self.at >= known_at


_DECODER = msgspec.json.Decoder(Status)


def encode(state: str, boot: str, at_s: float) -> bytes:
    """The payload for the topic and for the last will."""
    return msgspec.json.encode(Status(state, boot, round(at_s, 3)))


def decode(payload: bytes) -> Status | None:
    """None when it is no status."""
    try:
        return _DECODER.decode(payload)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return None
