"""What a fire switches at a site: sirens, doors, valves, power."""

from __future__ import annotations

from collections.abc import Sequence

from console.auth.permissions import Permission
from console.language import N_
from console.setup import choices
from console.setup.field import Ask, Field
from console.setup.form import Form
from console.setup.kind import Kind, Values, Writing
from console.setup.place import Place
from console.words import OUTPUT_DOES
from ingest.registry import edit
from ingest.registry.checks_home import LONGEST_FEEDBACK_S
from ingest.registry.model import Output


class Outputs(Kind[Output]):
    """Relays and devices that do something."""

    what = "output"
    path = "outputs"
    permission = Permission.EDIT_SITES
    title = N_("Fire linkage")
    adding = N_("Add an output")
    why = N_("What a fire switches once two detectors or a person confirm it: sirens, doors, gas valves, power.")
    type = Output
    writing = Writing(add=edit.add_output, remove=edit.remove_output)

    def entries(self, place: Place) -> Sequence[Output]:
        return sorted((o for o in place.registry.outputs if o.site_id == place.site.site_id), key=lambda one: one.name)

    def cells(self, place: Place, entry: Output) -> Sequence[tuple[str, str]]:
        room, zone = place.registry.room.get(entry.room_id or ""), place.registry.zone.get(entry.zone_id or "")
        where = room.name if room is not None else zone.name if zone is not None else place.text(N_("The whole site"))
        teller = place.registry.device.get(entry.feedback_device_id or "")
        does = place.text(OUTPUT_DOES[entry.does]) if entry.does in OUTPUT_DOES else entry.does
        return [
            (N_("Does"), does),
            (N_("Where"), where),
            (N_("Never while it feeds"), entry.feeds),
            (N_("Who says that it has moved"), teller.name or teller.device_id if teller is not None else ""),
        ]

    def form(self, place: Place, entry: Output | None) -> Form:
        return Form(
            [
                Field(name="name", label=N_("Name"), required=True),
                Field(
                    name="does",
                    label=N_("Does"),
                    ask=Ask.SELECT,
                    required=True,
                    choices=choices.words(place, OUTPUT_DOES),
                    help=N_("Water is shut by people only. Nothing is undone by the platform: doors stay released."),
                ),
                Field(
                    name="gateway_id",
                    label=N_("Gateway"),
                    ask=Ask.SELECT,
                    required=True,
                    choices=choices.gateways(place),
                ),
                Field(
                    name="native",
                    label=N_("Name at the adapter"),
                    required=True,
                    help=N_("Family and name of the relay, like zigbee2mqtt:Door relay 2F."),
                ),
                Field(name="zone_id", label=N_("Floor"), ask=Ask.SELECT, choices=choices.zones(place)),
                Field(
                    name="room_id",
                    label=N_("Room"),
                    ask=Ask.SELECT,
                    choices=choices.rooms(place),
                    help=N_("Neither floor nor room: it is for every fire of the site."),
                ),
                Field(
                    name="feeds",
                    label=N_("Never while it feeds"),
                    help=N_("A lift, an oxygen concentrator, a ventilator: then the power is never cut."),
                ),
                Field(
                    name="feedback_device_id",
                    label=N_("Who says that it has moved"),
                    ask=Ask.SELECT,
                    choices=choices.devices(place),
                    help=N_("A device behind the same gateway: a door contact, a valve, the relay itself."),
                ),
                Field(
                    name="feedback_signal",
                    label=N_("By which signal"),
                    ask=Ask.SELECT,
                    choices=choices.states(place),
                ),
                Field(
                    name="feedback_on",
                    label=N_("Moved when it is on"),
                    ask=Ask.CHECK,
                    help=N_("On, open, running. Off for a valve that is to be shut, or power that is to be cut."),
                ),
                Field(
                    name="feedback_s",
                    label=N_("Within (s)"),
                    ask=Ask.SECONDS,
                    least=1,
                    most=LONGEST_FEEDBACK_S,
                    help=N_("Left empty: 15 seconds. What has not moved by then is told at once."),
                ),
            ],
            zone=place.zone,
        )

    def initial(self, place: Place) -> Values:
        return {"feedback_on": True}

    def adjust(self, place: Place, values: Values, entry: Output | None) -> Values:
        plain = {**values, "feedback_signal": values.get("feedback_signal") or ""}
        if plain.get("feedback_s") is None:
            del plain["feedback_s"]
        return super().adjust(place, plain, entry)
