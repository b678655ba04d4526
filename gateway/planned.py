"""Announced work at the site: the siren is silent for it, and sounds at its end for what still stands."""

from __future__ import annotations

import contextlib

import msgspec

from alarms.core.profiles import Profiles
from alarms.core.rules import Rule
from alarms.lifecycle.guards import PERSONAL
from gateway.packing import Datum
from gateway.siren import Reason
from ingest.wire.site_config import ConfiguredWindow, SiteConfig


class Held(msgspec.Struct, frozen=True, kw_only=True):
    """What does not sound because of announced work."""

    rule: str
    device_id: str
    at_s: float


_HELD = msgspec.json.Decoder(list[Held])


class Planned:
    """The planned windows of the configuration, by the wall clock, and what they hold back."""

    def __init__(self, profiles: Profiles, config: SiteConfig | None, saved: bytes | None = None) -> None:
        self._profiles = profiles
        self._held: dict[Reason, Held] = {}
        self._windows: tuple[ConfiguredWindow, ...] = ()
        self._room_of: dict[str, str | None] = {}
        if saved is not None:
            with contextlib.suppress(msgspec.MsgspecError):
                self._held = {Reason(one.rule, one.device_id): one for one in _HELD.decode(saved)}
        if config is not None:
            self.configure(config)

    def configure(self, config: SiteConfig) -> None:
        """Know the windows of another configuration."""
        self._windows = config.windows
        self._room_of = {one.device_id: one.room_id for one in config.devices}

    def holds(self, rule: Rule, datum: Datum, now_s: float) -> bool:
        """Whether announced work holds this back; it is remembered until it is cleared or the work is over."""
        if not self._covers(rule, datum.device_id, now_s):
            return False
        held = Held(rule=rule.rule, device_id=datum.device_id, at_s=datum.at_s)
        self._held[Reason(rule.rule, datum.device_id)] = held
        return True

    def cleared(self, rule: str | None = None, device_id: str | None = None) -> None:
        """Devices, or people, take back what fits; None fits all."""
        self._held = {reason: held for reason, held in self._held.items() if not reason.fits(rule, device_id)}

    def over(self, now_s: float) -> list[tuple[Rule, Datum]]:
        """What still stands and no work covers any more."""
        found = []
        for reason, held in list(self._held.items()):
            rule = self._profiles.rule(held.rule)
            if rule is None or not self._covers(rule, held.device_id, now_s):
                del self._held[reason]
                if rule is not None:
                    datum = Datum(device_id=held.device_id, signal=rule.signal, value=True, at_s=held.at_s)
                    found.append((rule, datum))
        return found

    def encode(self) -> bytes:
        """For ``save_state``."""
        return msgspec.json.encode(list(self._held.values()))

    def _covers(self, rule: Rule, device_id: str, now_s: float) -> bool:
        about_room = device_id.removeprefix("room:") if device_id.startswith("room:") else None
        room_id = self._room_of.get(device_id, about_room)
        return any(
            window.begins_s <= now_s < window.ends_s
            and window.room_id in (None, room_id)
            and window.device_id in (None, device_id)
            and (rule.kind in window.kinds or (not window.kinds and rule.kind not in PERSONAL))
            for window in self._windows
        )
