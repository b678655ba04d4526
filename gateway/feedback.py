"""Whether an output that was asked for has moved, as a device here says: a valve, a door contact, the relay itself."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence

import msgspec

from alarms.lifecycle.linkage import MOVED
from gateway.judge import Heard
from gateway.packing import Datum
from ingest.wire.signals import JUDGEMENT_PREFIX
from ingest.wire.site_config import ConfiguredOutput, SiteConfig

WATCHED_S = 3600.0
"""So long after it was asked for a move is still told: late is better than never."""


class _Saved(msgspec.Struct):
    asked: dict[str, float] = {}
    said: dict[str, bool] = {}


_SAVED = msgspec.json.Decoder(_Saved)


class Feedback:
    """Knows of every output that names a feedback what that said last; moments are wall seconds."""

    def __init__(self, config: SiteConfig | None, saved: bytes | None = None) -> None:
        self._state = _Saved()
        if saved is not None:
            with contextlib.suppress(msgspec.MsgspecError):  # without its memory it waits for the next word
                self._state = _SAVED.decode(saved)
        self._outputs: dict[str, ConfiguredOutput] = {}
        if config is not None:
            self.configure(config)

    def configure(self, config: SiteConfig) -> None:
        """Know the outputs of another configuration."""
        self._outputs = {one.output_id: one for one in config.outputs if one.feedback_device_id is not None}
        self._state.asked = {key: at_s for key, at_s in self._state.asked.items() if key in self._outputs}
        self._state.said = {key: on for key, on in self._state.said.items() if key in self._outputs}

    def asked(self, output_id: str, now_s: float) -> list[Datum]:
        """An output is asked for; the record that it has moved, where it stands there already."""
        output = self._outputs.get(output_id)
        if output is None:
            return []
        self._state.asked[output_id] = now_s
        return self._moved(output, now_s) if self._state.said.get(output_id) is output.feedback_on else []

    def heard(self, heard: Sequence[Heard], now_s: float) -> list[Datum]:
        """The records of outputs that have moved, out of what devices say."""
        found = []
        for known, datum, _ in heard if self._outputs else ():
            for output in self._outputs.values():
                if (output.feedback_device_id, output.feedback_signal) == (known.device_id, datum.name):
                    self._state.said[output.output_id] = bool(datum.value)
                    if bool(datum.value) is output.feedback_on and output.output_id in self._state.asked:
                        found += self._moved(output, now_s, datum.at_s)
        return found

    def encode(self) -> bytes:
        """For ``save_state``."""
        return msgspec.json.encode(self._state)

    def _moved(self, output: ConfiguredOutput, now_s: float, at_s: float | None = None) -> list[Datum]:
        asked_s = self._state.asked.pop(output.output_id)
        if now_s - asked_s > WATCHED_S:
            return []
        return [
            Datum(
                device_id=output.feedback_device_id or "",
                signal=f"{JUDGEMENT_PREFIX}{MOVED}",
                value=True,
                at_s=round(now_s if at_s is None else at_s, 3),
                evidence={"output_id": output.output_id},
            )
        ]
