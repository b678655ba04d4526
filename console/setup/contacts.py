"""Contacts: family and neighbours of a resident, or of the site as a whole."""

from __future__ import annotations

from collections.abc import Sequence

from console.auth.permissions import Permission
from console.language import N_
from console.setup import choices
from console.setup.field import Ask, Field
from console.setup.form import Form
from console.setup.kind import Kind, Values, Writing
from console.setup.place import Place
from ingest.registry import edit, removing
from ingest.registry.model import Contact


class Contacts(Kind[Contact]):
    """Whom to call about a resident."""

    what = "contact"
    path = "contacts"
    permission = Permission.EDIT_RESIDENTS
    title = N_("Contacts")
    adding = N_("Add a contact")
    why = N_("Whom to call about a resident. Without one nobody outside the home hears of it.")
    type = Contact
    template = "setup_contact.html"
    writing = Writing(add=edit.add_contact, remove=removing.remove_contact)

    def entries(self, place: Place) -> Sequence[Contact]:
        own = (one for one in place.registry.contacts if one.site_id == place.site.site_id)
        return sorted(own, key=lambda one: (one.resident_id or "", one.rank, one.name))

    def cells(self, place: Place, entry: Contact) -> Sequence[tuple[str, str]]:
        resident = place.registry.resident.get(entry.resident_id or "")
        whose = resident.name if resident is not None else place.text(N_("the whole site"))
        return [
            (N_("Of"), whose),
            (N_("Relation"), entry.relation),
            (N_("Telephone"), entry.phone),
            (N_("Place in the order"), str(entry.rank)),
        ]

    def form(self, place: Place, entry: Contact | None) -> Form:
        return Form(
            [
                Field(name="name", label=N_("Full name"), required=True),
                Field(
                    name="resident_id",
                    label=N_("Of which resident"),
                    ask=Ask.SELECT,
                    choices=choices.residents(place),
                    help=N_("Left empty: for the whole site, such as a neighbour or the doctor."),
                ),
                Field(name="relation", label=N_("Relation"), help=N_("Daughter, neighbour, doctor …")),
                Field(name="phone", label=N_("Telephone"), longest=40),
                Field(
                    name="rank",
                    label=N_("Place in the order"),
                    ask=Ask.NUMBER,
                    required=True,
                    least=1,
                    most=99,
                    help=N_("1 is called first."),
                ),
                Field(
                    name="webhook",
                    label=N_("Webhook"),
                    longest=2000,
                    help=N_("Only for a service that takes messages at a web address."),
                ),
            ],
            zone=place.zone,
        )

    def initial(self, place: Place) -> Values:
        return {"rank": 1}
