"""Whose movements a device tells, from the registry."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from math import inf

from alarms.core.home import Home
from ingest.registry.family_model import CheckInWord
from ingest.registry.model import PRIVATE_HOME, Device, Registry, Resident


class Homes:
    """The home of every device.

    A device is about its resident; without one about the only resident of a private home, or of its room. Of several
    it is not known who moves; they are away when all are.
    """

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._at_site: dict[str, list[Resident]] = defaultdict(list)
        self._in_room: dict[str, list[Resident]] = defaultdict(list)
        self._well_at_s = {
            said.resident_id: said.at.timestamp() for said in registry.check_ins if said.word is CheckInWord.FINE
        }
        for resident in registry.residents:
            self._at_site[resident.site_id].append(resident)
            self._in_room[resident.room_id or ""].append(resident)

    def of(self, device: Device) -> Home:
        """The home that the device watches."""
        site = self._registry.site.get(device.site_id)
        private = site is not None and site.kind == PRIVATE_HOME
        people = self.people_of(device)
        home_id = (device.site_id if private else device.room_id) if people else None
        alone = people[0].resident_id if len(people) == 1 else None
        shared = f"{'site' if private else 'room'}:{home_id}" if home_id is not None else None
        return Home(
            resident_id=alone,
            away=bool(people) and all(one.away for one in people),
            away_at_s=max((one.away_at.timestamp() if one.away_at is not None else inf for one in people), default=inf),
            home_id=home_id,
            subject=f"resident:{alone}" if alone is not None else shared,
            well_at_s=max((self._well_at_s.get(one.resident_id, -inf) for one in people), default=-inf),
            timezone=site.timezone if site is not None else Home().timezone,
        )

    def people_of(self, device: Device) -> Sequence[Resident]:
        """Everybody whom the device may be about."""
        own = self._registry.resident.get(device.resident_id or "")
        if own is not None:
            return [own]
        site = self._registry.site.get(device.site_id)
        if site is not None and site.kind == PRIVATE_HOME:
            return self._at_site[device.site_id]
        return self._in_room[device.room_id] if device.room_id is not None else []
