"""Accounts of the console: who may log in, as what, at which sites; a one-time link instead of a first password."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Annotated

from fastapi import Form as Body
from starlette.requests import Request
from starlette.responses import Response

from console.auth.permissions import Permission
from console.auth.tokens import LINK_LIFE_S, new_token, token_hash
from console.errors import ProblemError
from console.language import N_
from console.parts import Parts
from console.routes import Routes
from console.setup import choices
from console.setup.field import Ask, Choice, Field
from console.setup.form import Form
from console.setup.kind import Kind, Values, Writing
from console.setup.pages import KindPages, attempt
from console.setup.place import Place, place_of
from console.words import ROLES
from ingest.registry import accounts, edit
from ingest.registry.model import User
from ingest.store.connection import Connection

Id = Annotated[str, Body(max_length=200)]


class Accounts(Kind[User]):
    """Who may log in."""

    what = "user"
    path = "accounts"
    permission = Permission.EDIT_ACCOUNTS
    title = N_("Accounts")
    adding = N_("Add an account")
    why = N_("Everybody who answers alarms has an account of their own, so that it is known who came.")
    type = User
    template = "setup_account.html"
    writing = Writing(add=edit.add_user, remove=None)

    def entries(self, place: Place) -> Sequence[User]:
        own = place.visitor.user
        seen = (one for one in place.registry.users if accounts.within_sites(one.site_ids, own.site_ids))
        return sorted(seen, key=lambda one: (one.disabled, one.name))

    def cells(self, place: Place, entry: User) -> Sequence[tuple[str, str]]:
        site = place.registry.site
        names = [site[one].name if one in site else one for one in entry.site_ids]
        state = N_("Disabled") if entry.disabled else "" if entry.password_hash else N_("No password yet")
        return [
            (N_("Account"), entry.user_id),
            (N_("Role"), place.text(ROLES[entry.role]) if entry.role in ROLES else entry.role),
            (N_("Sites"), ", ".join(names) or place.text(N_("every site"))),
            (N_("State"), place.text(state)),
        ]

    def form(self, place: Place, entry: User | None) -> Form:
        limited = bool(place.visitor.user.site_ids)
        every = "" if limited else N_("None chosen: every site.")
        return Form(
            [
                Field(name="name", label=N_("Full name"), required=True),
                Field(
                    name="user_id",
                    label=N_("Account"),
                    required=True,
                    longest=64,
                    fixed=True,
                    help=N_("What this person types to log in, like wangli. It never changes."),
                ),
                Field(
                    name="role", label=N_("Role"), ask=Ask.SELECT, required=True, choices=choices.words(place, ROLES)
                ),
                Field(
                    name="site_ids",
                    label=N_("Sites"),
                    ask=Ask.MANY,
                    required=limited,
                    choices=choices.sites(place),
                    help=every,
                ),
                Field(
                    name="language",
                    label=N_("Language"),
                    ask=Ask.SELECT,
                    required=True,
                    choices=[Choice(value="zh", label="中文"), Choice(value="en", label="English")],
                ),
                Field(
                    name="disabled",
                    label=N_("Disabled"),
                    ask=Ask.CHECK,
                    help=N_("Ends every session at once, and lets nobody in."),
                ),
            ],
            zone=place.zone,
        )

    def initial(self, place: Place) -> Values:
        return {"role": "carer", "language": place.parts.renderer.language(place.request)}

    def adjust(self, place: Place, values: Values, entry: User | None) -> Values:
        return {**values, "password_hash": ""}  # the stored one stays

    def save(self, connection: Connection, place: Place, entry: User) -> None:
        accounts.save_account(connection, entry, place.visitor.user)

    def aside(self, place: Place, entry: User | None) -> Mapping[str, object]:
        return {"link_minutes": LINK_LIFE_S // 60}

    async def saved(self, place: Place, entry: User, *, is_new: bool) -> Response | None:
        return await show_link(place, entry) if is_new and not entry.disabled else None


async def show_link(place: Place, account: User) -> Response:
    """Make a link that logs the person in once, and show it this one time."""
    token = new_token()
    ends_at = place.now.timestamp() + LINK_LIFE_S
    await asyncio.to_thread(place.parts.store.add_link, token_hash(token), account.user_id, ends_at)
    return place.parts.renderer.page(
        place.request,
        "setup_link.html",
        place=place,
        kind=Accounts(),
        account=account,
        link=f"{str(place.request.base_url).rstrip('/')}/login/once/{token}",
        link_minutes=LINK_LIFE_S // 60,
    )


def add_account_links(routes: Routes, parts: Parts, pages: KindPages) -> None:
    """A new login link, for who has no password yet or has lost it."""

    async def link(request: Request, id: Id) -> Response:  # noqa: A002 - the form's name
        place = place_of(parts, request)
        account = pages.find(place, id)
        if account.disabled or account.user_id == place.visitor.user.user_id:
            raise ProblemError(409, "no_link")
        form = pages.filled(place, account)
        refused = await attempt(place, form, lambda connection: accounts.forget_password(connection, id))
        return pages.entry(place, account, form, refused) if refused else await show_link(place, account)

    routes.post("/setup/accounts/link", link, Permission.EDIT_ACCOUNTS)
