"""Which fire alarms of this site wait before the siren sounds: the platform's own rules, over what devices here say."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable
from dataclasses import replace

import msgspec

from alarms.core.profiles import Profiles
from alarms.core.rules import Rule
from alarms.core.thresholds import parameters_of
from alarms.lifecycle import verification
from alarms.lifecycle.rooms import Rooms
from alarms.lifecycle.verification import Sign
from gateway.packing import Datum
from gateway.siren import Reason
from ingest.wire.site_config import ConfiguredDevice, SiteConfig

_MOST = 10_000
_SIGNS = msgspec.json.Decoder(list[Sign])


class Verification:
    """The signs of fire that stand here, each with the end of its wait if it has one; moments are wall seconds."""

    def __init__(self, profiles: Profiles, config: SiteConfig | None, saved: bytes | None = None) -> None:
        self._rule = profiles.rule(verification.RULE)
        self._signs: dict[Reason, Sign] = {}
        if saved is not None:
            with contextlib.suppress(msgspec.MsgspecError):  # without its memory it sounds at once
                self._signs = {Reason(sign.rule, sign.device_id): sign for sign in _SIGNS.decode(saved)}
        self._know(config)

    @property
    def waiting(self) -> frozenset[Reason]:
        """What does not sound yet."""
        return frozenset(reason for reason, sign in self._signs.items() if sign.until_s is not None)

    def configure(self, config: SiteConfig) -> None:
        """Judge by another configuration; what waits goes on waiting, and a device that is gone stands for nothing."""
        self._know(config)
        self._signs = {
            reason: sign
            for reason, sign in self._signs.items()
            if sign.until_s is not None or sign.room_id is None or reason.device_id in self._devices
        }

    def raised(self, rule: Rule, datum: Datum, now_s: float) -> list[Reason]:
        """A rule that sounds the siren is raised: what is to sound now because of it."""
        reason = Reason(rule.rule, datum.device_id)
        if not verification.speaks_of_fire(rule.kind, rule.priority):
            return [reason]
        known = self._signs.get(reason)
        if known is not None and known.until_s is not None:
            return []
        sign = self._sign(rule, datum)
        sign = replace(sign, until_s=verification.waits_until(sign, self._signs.values(), now_s, self._rooms))
        ended = [other for other, one in self._signs.items() if verification.ends_wait(sign, one, self._rooms)]
        self._signs[reason] = sign
        if len(self._signs) > _MOST:
            del self._signs[next(iter(self._signs))]
        return [*self._verified(ended), *([reason] if sign.until_s is None else [])]

    def cleared(self, rule: str | None = None, device_id: str | None = None) -> None:
        """Devices, or people, take back what fits; None fits all."""
        self._signs = {reason: sign for reason, sign in self._signs.items() if not reason.fits(rule, device_id)}

    def silenced(self, rule: str | None = None, device_id: str | None = None) -> None:
        """A person wants no sound of what fits: it does not begin to sound by itself, and stands for others."""
        self._verified(reason for reason in self._signs if reason.fits(rule, device_id))

    def due(self, now_s: float) -> list[Reason]:
        """What has waited long enough."""
        over = verification.over(self._signs.values(), now_s)
        return self._verified([Reason(sign.rule, sign.device_id) for sign in over])

    def clock_set(self, by_s: float) -> None:
        """The wall clock was set: every wait stays as long."""
        self._signs = {
            reason: replace(sign, until_s=sign.until_s + by_s) if sign.until_s is not None else sign
            for reason, sign in self._signs.items()
        }

    def encode(self) -> bytes:
        """For ``save_state``."""
        return msgspec.json.encode(list(self._signs.values()))

    def _verified(self, reasons: Iterable[Reason]) -> list[Reason]:
        """Those of ``reasons`` that waited: they wait no more."""
        waited = [reason for reason in reasons if self._signs[reason].until_s is not None]
        for reason in waited:
            self._signs[reason] = replace(self._signs[reason], until_s=None)
        return waited

    def _know(self, config: SiteConfig | None) -> None:
        self._devices = {one.device_id: one for one in config.devices} if config is not None else {}
        self._timezone = config.timezone if config is not None else ""
        zone_of = {one.room_id: one.zone_id for one in self._devices.values() if one.room_id is not None}
        self._rooms = Rooms(zone_of, config.doorways if config is not None else ())

    def _sign(self, rule: Rule, datum: Datum) -> Sign:
        device = self._devices.get(datum.device_id)
        return Sign(
            rule=rule.rule,
            device_id=datum.device_id,
            room_id=device.room_id if device is not None else None,
            at_s=datum.at_s,
            wait_s=self._wait_s(device, datum) if rule.verify and device is not None else 0.0,
        )

    def _wait_s(self, device: ConfiguredDevice, datum: Datum) -> float:
        if self._rule is None or "device_clock" in (datum.evidence or {}):
            return 0.0
        parameters, _ = parameters_of(self._rule, device.thresholds, device.device_id)
        return verification.wait_s(parameters, device.use, self._timezone, datum.at_s)
