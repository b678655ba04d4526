"""The last known alarm-class states: only what changes goes out on the alarm lane."""

from __future__ import annotations

import msgspec

from gateway.packing import Datum

_MOST = 20_000
_Saved = dict[str, bool | float | str]
_DECODER = msgspec.json.Decoder(_Saved)


class States:
    """What was said last of every (device, signal); a new spool knows nothing, so everything is told once."""

    def __init__(self, saved: bytes | None) -> None:
        self._known: _Saved = {}
        if saved is not None:
            try:
                self._known = _DECODER.decode(saved)
            except msgspec.MsgspecError:
                self._known = {}  # everything is told once more

    def is_change(self, datum: Datum) -> bool:
        """Take note of a state; True when it is not the one that is known."""
        key = f"{datum.device_id}/{datum.name}"
        if key in self._known and self._known[key] == datum.value:
            return False
        self._known.pop(key, None)
        self._known[key] = datum.value
        if len(self._known) > _MOST:
            del self._known[next(iter(self._known))]
        return True

    def is_on(self, device_id: str, signal: str) -> bool:
        """True when the state was last told to be on."""
        return self._known.get(f"{device_id}/{signal}") is True

    def encode(self) -> bytes:
        """For ``save_state``."""
        return msgspec.json.encode(self._known)
