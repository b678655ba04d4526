"""Gateways: the box that speaks for a site's devices, and how it is let in at the broker."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated

from fastapi import Form as Body
from starlette.requests import Request
from starlette.responses import Response

from console.auth.permissions import Permission
from console.cli.embedded.accounts import is_reserved
from console.errors import NoAnswerError, ProblemError
from console.language import N_
from console.parts import Parts
from console.routes import Routes
from console.setup.field import Field
from console.setup.form import Form
from console.setup.kind import Kind, Writing
from console.setup.pages import KindPages, attempt
from console.setup.place import Place, place_of
from console.words import GATEWAY_STATES
from ingest.registry import edit, removing
from ingest.registry.errors import ConflictingEntryError
from ingest.registry.model import Gateway
from ingest.store.connection import Connection
from ingest.wire import topics

Id = Annotated[str, Body(max_length=200)]


class Gateways(Kind[Gateway]):
    """The boxes that speak for devices."""

    what = "gateway"
    path = "gateways"
    permission = Permission.EDIT_SITES
    title = N_("Gateways")
    adding = N_("Add a gateway")
    why = N_("The box at the site through which its devices speak. Without one no call arrives.")
    type = Gateway
    template = "setup_gateway.html"
    writing = Writing(add=edit.add_gateway, remove=removing.remove_gateway)

    def entries(self, place: Place) -> Sequence[Gateway]:
        own = (one for one in place.registry.gateways if one.site_id == place.site.site_id)
        return sorted(own, key=lambda one: (one.revoked, one.gateway_id))

    def cells(self, place: Place, entry: Gateway) -> Sequence[tuple[str, str]]:
        devices = [one for one in place.registry.devices if one.gateway_id == entry.gateway_id]
        return [
            (N_("Id"), entry.gateway_id),
            (N_("State"), place.text(GATEWAY_STATES[_state(place, entry)])),
            (N_("Devices"), str(len(devices))),
        ]

    def form(self, place: Place, entry: Gateway | None) -> Form:
        return Form(
            [
                Field(
                    name="gateway_id",
                    label=N_("Id"),
                    required=True,
                    longest=64,
                    fixed=True,
                    help=N_("Its name at the broker, like xingfuli-1: letters, digits and -. It never changes."),
                ),
                Field(name="name", label=N_("Name"), help=N_("Where it hangs: cabinet on floor 3.")),
            ],
            zone=place.zone,
        )

    def save(self, connection: Connection, place: Place, entry: Gateway) -> None:
        if is_reserved(entry.gateway_id):
            raise ConflictingEntryError(f"{entry.gateway_id} is reserved", "reserved_account", "gateway_id")
        edit.add_gateway(connection, entry)

    def aside(self, place: Place, entry: Gateway | None) -> Mapping[str, object]:
        return {"possible": place.parts.admission.possible}

    async def saved(self, place: Place, entry: Gateway, *, is_new: bool) -> Response | None:
        return await let_in(place, entry) if is_new else None


async def let_in(place: Place, gateway: Gateway) -> Response:
    """Give it a new password, which is shown once; or say how a person does it on the server."""
    admission, password, fault = place.parts.admission, "", ""
    if admission.possible:
        try:
            password = await admission.let_in(gateway.gateway_id, place.site.shard)
        except NoAnswerError:
            fault = place.text(N_("The broker did not let it in. Press “New password” on its page to try again."))
    return place.parts.renderer.page(
        place.request,
        "setup_let_in.html",
        place=place,
        kind=Gateways(),
        gateway=gateway,
        password=password,
        fault=fault,
        host=f"{place.request.url.hostname}:{admission.port}",
        config_key=admission.config_key() if password else "",
        topic=topics.gateway_prefix(place.site.shard, gateway.gateway_id),
    )


def add_gateway_pages(routes: Routes, parts: Parts, pages: KindPages) -> None:
    """A new password, and the end of a gateway; the rest is as for every kind."""

    async def new_password(request: Request, site_id: str, id: Id) -> Response:  # noqa: A002 - the form's name
        place = place_of(parts, request, site_id)
        gateway = pages.find(place, id)
        if gateway.revoked or not parts.admission.possible:
            raise ProblemError(409, "invalid")
        return await let_in(place, gateway)

    async def revoke(request: Request, site_id: str, id: Id) -> Response:  # noqa: A002 - the form's name
        """The broker first: what it has shut out cannot speak, whatever becomes of the rest."""
        place = place_of(parts, request, site_id)
        gateway = pages.find(place, id)
        form = pages.filled(place, gateway)
        if parts.admission.possible:
            try:
                await parts.admission.shut_out(gateway.gateway_id)
            except NoAnswerError:
                form.refuse("", "broker_away")
                return pages.entry(place, gateway, form, 503)
        refused = await attempt(place, form, lambda connection: edit.revoke_gateway(connection, id))
        return pages.entry(place, gateway, form, refused) if refused else pages.back(place, "saved")

    path = "/setup/sites/{site_id}/gateways"
    routes.post(f"{path}/password", new_password, Permission.EDIT_SITES)
    routes.post(f"{path}/revoke", revoke, Permission.EDIT_SITES)


def _state(place: Place, gateway: Gateway) -> str:
    if gateway.revoked:
        return "revoked"
    known = place.parts.live.gateways.get(gateway.gateway_id)
    return "never" if known is None else "online" if known.state == "online" else "offline"
