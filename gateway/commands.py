"""``down/cmd``: what the platform asks of the gateway; an expired or repeated command is refused."""

from __future__ import annotations

import msgspec

_LONGEST_VALID_S = 24 * 3600.0
_MOST = 10_000
_Saved = dict[str, float]


class Command(msgspec.Struct, frozen=True):
    """One command; which fields it has depends on ``cmd``: ``lamp``, ``siren``, ``output`` or ``test``."""

    cmd: str
    expires_at: float
    nonce: str
    device_id: str | None = None
    lamp: str | None = None
    alarm: str | None = None
    on: bool | None = None
    output_id: str | None = None
    does: str | None = None


_COMMAND = msgspec.json.Decoder(Command)


class Commands:
    """Reads commands and remembers the nonces of those that are still valid."""

    def __init__(self, saved: bytes | None = None) -> None:
        self._seen: _Saved = {}
        if saved is not None:
            try:
                self._seen = msgspec.json.decode(saved, type=_Saved)
            except msgspec.MsgspecError:
                self._seen = {}  # a repeat of the last minutes may get through once

    def accept(self, payload: bytes, *, retained: bool, now_s: float) -> Command | str:
        """The command, or why it is refused."""
        try:
            command = _COMMAND.decode(payload)
        except (msgspec.MsgspecError, UnicodeDecodeError):
            return "unreadable"
        if retained:
            return "retained"
        if command.expires_at < now_s:
            return "expired"
        if command.expires_at > now_s + _LONGEST_VALID_S:
            return "valid_too_long"
        if not 0 < len(command.nonce) <= 200:
            return "bad_nonce"
        if command.nonce in self._seen:
            return "repeated"
        self._seen = {nonce: until for nonce, until in self._seen.items() if until >= now_s}
        if len(self._seen) >= _MOST:
            return "too_many"
        self._seen[command.nonce] = command.expires_at
        return command

    def encode(self) -> bytes:
        """For ``save_state``."""
        return msgspec.json.encode(self._seen)
