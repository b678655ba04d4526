"""Devices: what hangs where, worn by whom, seen through which gateway; one that takes another's place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated

from fastapi import Form as Body
from starlette.requests import Request
from starlette.responses import Response

from alarms.core.profiles import Profiles
from console.auth.permissions import Permission
from console.language import N_
from console.parts import Parts
from console.routes import Routes
from console.setup import choices, device_choices
from console.setup.field import Ask, Field
from console.setup.form import Form, plain
from console.setup.kind import Kind, Values, Writing
from console.setup.pages import KindPages, attempt
from console.setup.place import Place, place_of
from ingest.registry import edit, removing
from ingest.registry.changing import require_unchanged
from ingest.registry.model import Device
from ingest.store.connection import Connection

Text = Annotated[str, Body(max_length=200)]


class Devices(Kind[Device]):
    """Buttons, detectors and sensors."""

    what = "device"
    path = "devices"
    permission = Permission.EDIT_SITES
    title = N_("Devices")
    adding = N_("Add a device")
    why = N_("Buttons, detectors and sensors. The profile says what each may report and when its silence is a fault.")
    type = Device
    template = "setup_device.html"
    writing = Writing(add=edit.add_device, remove=removing.remove_device)

    def __init__(self, profiles: Profiles) -> None:
        self._profiles = profiles

    def entries(self, place: Place) -> Sequence[Device]:
        rooms = place.registry.room
        own = (one for one in place.registry.devices if one.site_id == place.site.site_id)
        return sorted(own, key=lambda one: (rooms[one.room_id].name if one.room_id else "", one.device_id))

    def cells(self, place: Place, entry: Device) -> Sequence[tuple[str, str]]:
        room = place.registry.room.get(entry.room_id or "")
        resident = place.registry.resident.get(entry.resident_id or "")
        resting = place.text(N_("Out of service")) if entry.out_of_service else ""
        return [
            (N_("Id"), entry.device_id),
            (N_("Profile"), choices.label(choices.profiles(place, self._profiles), entry.profile)),
            (N_("Room"), room.name if room is not None else ""),
            (N_("Resident"), resident.name if resident is not None else ""),
            (N_("State"), resting),
        ]

    def form(self, place: Place, entry: Device | None) -> Form:
        return Form(
            [
                Field(
                    name="device_id",
                    label=N_("Id"),
                    required=True,
                    longest=64,
                    fixed=True,
                    help=N_("As it is printed on the device, or a name like sos-203. It never changes."),
                ),
                Field(
                    name="profile",
                    label=N_("Profile"),
                    ask=Ask.SELECT,
                    required=True,
                    choices=choices.profiles(place, self._profiles),
                ),
                Field(name="name", label=N_("Name"), help=N_("Beside the bed, bathroom …")),
                Field(
                    name="gateway_id",
                    label=N_("Gateway"),
                    ask=Ask.SELECT,
                    required=True,
                    choices=choices.gateways(place),
                ),
                Field(name="room_id", label=N_("Room"), ask=Ask.SELECT, choices=choices.rooms(place)),
                Field(
                    name="resident_id",
                    label=N_("Resident"),
                    ask=Ask.SELECT,
                    choices=choices.residents(place),
                    help=N_("For what somebody wears, or what belongs to one person of a room."),
                ),
                Field(
                    name="native",
                    label=N_("Name at the adapter"),
                    help=N_("Family and name, like zigbee2mqtt:SOS bedroom. Empty for our own firmware."),
                ),
                Field(
                    name="out_of_service",
                    label=N_("Out of service"),
                    ask=Ask.CHECK,
                    help=N_("Under repair: its faults tell nobody. Calls and fire are still heard."),
                ),
                *([] if entry is None else device_choices.fields(self._profiles, place, entry)),
            ],
            zone=place.zone,
        )

    def initial(self, place: Place) -> Values:
        gateways = choices.gateways(place)
        return {"profile": "sos_button", "gateway_id": gateways[0].value if len(gateways) == 1 else ""}

    def shown(self, place: Place, entry: Device) -> Values:
        return {**plain(entry), **device_choices.shown(self._profiles, place, entry)}

    def adjust(self, place: Place, values: Values, entry: Device | None) -> Values:
        profile = self._profiles.profile(values["profile"])
        assert profile is not None  # one of the choices
        own = {**values, "kind": profile.kind}
        if entry is None:
            return {"number": 0, "thresholds": {}, **own}
        return device_choices.taken(self._profiles, place, own, entry)

    def aside(self, place: Place, entry: Device | None) -> Mapping[str, object]:
        return {"no_gateway": not choices.gateways(place)}


def add_device_swap(routes: Routes, parts: Parts, pages: KindPages) -> None:
    """A new device in the place of a broken one."""

    async def swap(request: Request, site_id: str, id: Text, new_id: Text = "", native: Text = "") -> Response:  # noqa: A002 - the form's name
        place = place_of(parts, request, site_id)
        old = pages.find(place, id)
        form = pages.filled(place, old)
        new_id = new_id.strip()

        def change(connection: Connection) -> None:
            require_unchanged(connection, "device", id, form.mark)
            if new_id != id:
                require_unchanged(connection, "device", new_id, "")
            edit.swap_device(connection, id, new_id, native.strip())

        refused = await attempt(place, form, change, lambda current: pages.kind.shown(place, current))
        if refused:
            form.faults_of_all += form.faults.values()
            form.faults.clear()
        return pages.entry(place, old, form, refused) if refused else pages.back(place, "saved")

    routes.post("/setup/sites/{site_id}/devices/swap", swap, Permission.EDIT_SITES)
