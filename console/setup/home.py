"""The first pages: which sites there are, and how far one of them is."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from console.auth.permissions import Permission
from console.parts import Parts
from console.routes import Routes
from console.setup.access import add_account_access
from console.setup.accounts import Accounts, add_account_links
from console.setup.badges import Badges
from console.setup.changes import last_changes
from console.setup.checklist import Step, steps
from console.setup.contacts import Contacts
from console.setup.devices import Devices, add_device_swap
from console.setup.doorways import Doorways
from console.setup.gateways import Gateways, add_gateway_pages
from console.setup.outputs import Outputs
from console.setup.pages import KindPages, add_kind_pages
from console.setup.place import Place, place_of
from console.setup.plans import add_plan_setup
from console.setup.policies import Policies
from console.setup.residents import Residents
from console.setup.rooms import RoomPages, Rooms
from console.setup.rotas import Rotas
from console.setup.sharing import add_sharing_pages
from console.setup.sites import Sites
from console.setup.windows import Windows
from console.setup.zones import Zones


def add_setup_pages(routes: Routes, parts: Parts) -> None:
    sites, gateways = KindPages(parts, Sites(parts.profiles)), KindPages(parts, Gateways())
    devices, accounts = KindPages(parts, Devices(parts.profiles)), KindPages(parts, Accounts())
    contacts = KindPages(parts, Contacts())
    rest = [
        KindPages(parts, kind()) for kind in (Zones, Doorways, Residents, Badges, Outputs, Policies, Rotas, Windows)
    ]
    every = [sites, RoomPages(parts, Rooms()), gateways, devices, accounts, contacts, *rest]

    async def show(request: Request) -> Response:
        place = place_of(parts, request)
        shows_changes = place.visitor.may(Permission.EDIT_ACCOUNTS)
        changes, away = await last_changes(place, visible(place)) if shows_changes else ([], False)
        return parts.renderer.page(
            request,
            "setup.html",
            place=place,
            kind=None,
            sites=[(site, _steps(place, site.site_id)) for site in sites.kind.entries(place)],
            form=sites.blank(place),
            base="/setup/site",
            entry=None,
            changes=changes,
            away=away,
        )

    async def show_site(request: Request, site_id: str) -> Response:
        place = place_of(parts, request, site_id)
        changes, away = await last_changes(place, visible(place))
        return parts.renderer.page(
            request,
            "setup_site.html",
            place=place,
            kind=None,
            steps=_steps(place, site_id),
            changes=changes,
            away=away,
        )

    def visible(place: Place) -> list[str]:
        """The kinds whose changes the visitor may see: those that the visitor may make."""
        own = [pages.kind.what for pages in every if place.visitor.may(pages.kind.permission)]
        plans = ["plan"] if place.visitor.may(Permission.EDIT_SITES) else []
        reaches = ["reach"] if place.visitor.may(Permission.EDIT_PEOPLE) else []
        return [*own, *plans, *reaches]

    routes.get("/setup", show, Permission.SEE_SETUP)
    routes.get("/setup/sites/{site_id}", show_site, Permission.SEE_SETUP)
    for pages in every:
        add_kind_pages(routes, parts, pages)
    add_gateway_pages(routes, parts, gateways)
    add_device_swap(routes, parts, devices)
    add_account_links(routes, parts, accounts)
    add_sharing_pages(routes, parts, contacts)
    add_plan_setup(routes, parts)
    add_account_access(routes, parts, accounts)


def _steps(place: Place, site_id: str) -> list[Step]:
    return steps(place.registry, place.registry.site[site_id], place.parts.live.gateways.keys(), place.now)
