"""Sites: name, kind, address, time zone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from starlette.responses import RedirectResponse, Response

from alarms.core.profiles import Profiles
from console import fire_waits
from console.auth.permissions import Permission
from console.errors import ProblemError
from console.language import N_
from console.setup import choices
from console.setup.field import Ask, Choice, Field
from console.setup.form import Form, plain
from console.setup.kind import Kind, Values, Writing
from console.setup.place import Place
from console.words import SITE_KINDS
from ingest.registry import edit, removing
from ingest.registry.model import Site
from ingest.wire import topics

_ZONES = ("Asia/Shanghai", "Asia/Urumqi", "Asia/Hong_Kong", "Asia/Singapore", "Europe/Berlin", "Europe/London", "UTC")


class Sites(Kind[Site]):
    """Places under one roof."""

    what = "site"
    path = "site"
    permission = Permission.EDIT_SITES
    title = N_("Sites")
    adding = N_("Add a site")
    why = N_("A site is a place under one roof: a nursing home or a private home.")
    type = Site
    writing = Writing(add=edit.add_site, remove=removing.remove_site)

    def __init__(self, profiles: Profiles) -> None:
        self._profiles = profiles

    def entries(self, place: Place) -> Sequence[Site]:
        return sorted((s for s in place.registry.sites if place.visitor.sees(s.site_id)), key=lambda one: one.name)

    def cells(self, place: Place, entry: Site) -> Sequence[tuple[str, str]]:
        return [(N_("Kind"), place.text(SITE_KINDS.get(entry.kind, ""))), (N_("Address"), entry.address)]

    def form(self, place: Place, entry: Site | None) -> Form:
        zones = dict.fromkeys([*_ZONES, *([entry.timezone] if entry is not None else [])])
        return Form(
            [
                Field(
                    name="name", label=N_("Name"), required=True, help=N_("As people call it: Xingfuli nursing home.")
                ),
                Field(
                    name="site_id",
                    label=N_("Short id"),
                    required=True,
                    longest=64,
                    fixed=True,
                    help=N_("Letters, digits and -, like xingfuli. It stands in every message and never changes."),
                ),
                Field(
                    name="kind",
                    label=N_("Kind"),
                    ask=Ask.SELECT,
                    required=True,
                    choices=choices.words(place, SITE_KINDS),
                ),
                Field(name="address", label=N_("Address"), help=N_("Read out to the ambulance and the fire service.")),
                Field(
                    name="timezone",
                    label=N_("Time zone"),
                    ask=Ask.SELECT,
                    required=True,
                    choices=[Choice(value=zone, label=zone) for zone in zones],
                ),
                *([] if entry is None else fire_waits.fields(self._profiles)),
            ],
            zone=place.zone,
        )

    def initial(self, place: Place) -> Values:
        return {"kind": "nursing_home", "timezone": "Asia/Shanghai"}

    def shown(self, place: Place, entry: Site) -> Values:
        return {**plain(entry), **fire_waits.shown(self._profiles, entry)}

    def adjust(self, place: Place, values: Values, entry: Site | None) -> Values:
        if entry is not None:
            return fire_waits.adjusted(self._profiles, values, entry)
        if place.visitor.user.site_ids:
            raise ProblemError(403, "forbidden")  # who may see some sites only cannot make another one
        used = Counter(site.shard for site in place.registry.sites)
        return {**values, "shard": min(range(topics.SHARDS), key=lambda shard: used[shard])}

    async def saved(self, place: Place, entry: Site, *, is_new: bool) -> Response | None:
        return RedirectResponse(f"/setup/sites/{entry.site_id}", 303)
