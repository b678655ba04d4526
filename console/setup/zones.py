"""Floors and wards of a site."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from console.auth.permissions import Permission
from console.language import N_
from console.plans.floors import Floor, floors_of, plan_of
from console.setup.field import Field
from console.setup.form import Form
from console.setup.kind import Kind, Writing
from console.setup.place import Place
from ingest.registry import edit, removing
from ingest.registry.model import Zone


class Zones(Kind[Zone]):
    """Floors and wards."""

    what = "zone"
    path = "floors"
    permission = Permission.EDIT_SITES
    title = N_("Floors")
    adding = N_("Add a floor")
    why = N_("A floor or a ward stands in every message beside the room, so that people run the right way.")
    type = Zone
    template = "setup_floors.html"
    writing = Writing(add=edit.add_zone, remove=removing.remove_zone)

    def entries(self, place: Place) -> Sequence[Zone]:
        return sorted((z for z in place.registry.zones if z.site_id == place.site.site_id), key=lambda one: one.name)

    def cells(self, place: Place, entry: Zone) -> Sequence[tuple[str, str]]:
        rooms = [room.name for room in place.registry.rooms if room.zone_id == entry.zone_id]
        return [(N_("Rooms"), str(len(rooms)))]

    def form(self, place: Place, entry: Zone | None) -> Form:
        return Form([Field(name="name", label=N_("Name"), required=True)], zone=place.zone)

    def aside(self, place: Place, entry: Zone | None) -> Mapping[str, object]:
        floors = floors_of(place.registry, [place.site])
        shown = [one for one in floors if entry is None or one.zone_id == entry.zone_id]
        plans = [(one, plan_of(place.registry, one)[0] if _has_plan(place, one) else None) for one in shown]
        doors = sum(one.site_id == place.site.site_id for one in place.registry.doorways)
        return {"floors": plans, "doors": doors}


def _has_plan(place: Place, floor: Floor) -> bool:
    return floor.floor_id in place.registry.plan
