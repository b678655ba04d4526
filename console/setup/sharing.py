"""What a resident shares with a contact, and which account the contact has, with the ledger of every word about it."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from typing import Annotated

from fastapi import Form as Body
from fastapi import Query
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from console.auth.permissions import Permission
from console.database import Row
from console.errors import DatabaseAwayError, ProblemError
from console.family.words import SHARES
from console.language import N_
from console.parts import Parts
from console.routes import Routes
from console.setup import choices
from console.setup.field import Ask, Choice, Field
from console.setup.form import Form
from console.setup.pages import DONE, KindPages, attempt
from console.setup.place import Place, place_of
from ingest.registry import edit_family, source
from ingest.registry.accounts import within_sites
from ingest.registry.edit_family import FAMILY
from ingest.registry.errors import ConflictingEntryError, UnknownEntryError
from ingest.registry.family_model import Share
from ingest.registry.model import Contact, Registry
from ingest.registry.sharing import shares
from ingest.store.connection import Connection

Id = Annotated[str, Body(max_length=200)]
_PATH = "/setup/sites/{site_id}/contacts/sharing"


def add_sharing_pages(routes: Routes, parts: Parts, contacts: KindPages) -> None:
    """The page of one contact's sharing; ``contacts`` finds the contact."""

    async def show(request: Request, site_id: str, id: _Asked, done: _Asked = "") -> Response:  # noqa: A002 - the address's name
        place = place_of(parts, request, site_id)
        contact = _of_resident(contacts, place, id)
        form = _form(place, contact)
        _fill(form, place.registry, contact)
        return await page(place, contact, form, done=done)

    async def save(request: Request, site_id: str, id: Id) -> Response:  # noqa: A002 - the form's name
        place = place_of(parts, request, site_id)
        contact = _of_resident(contacts, place, id)
        form = _form(place, contact)
        form.read(await request.form())
        before = shares(place.registry, contact)
        if form.good and set(form.values["shares"]) != before and not form.first("by"):
            form.refuse("by", "empty")
        if not form.good:
            return await page(place, contact, form, 422)
        refused = await attempt(place, form, lambda connection: _write(connection, place, contact, form))
        if refused:
            if any(fault.code == "changed_meanwhile" for fault in form.faults_of_all):
                _show_theirs(form, parts.registry(), contact)
            return await page(place, contact, form, refused)
        return RedirectResponse(f"{contacts.address(place, '/sharing')}?id={contact.contact_id}&done=saved", 303)

    async def page(place: Place, contact: Contact, form: Form, status: int = 200, done: str = "") -> Response:
        return contacts.page(
            place,
            "setup_sharing.html",
            status=status,
            contact=contact,
            resident=place.registry.resident[contact.resident_id or ""],
            form=form,
            done=DONE.get(done, ""),
            ledger=await _ledger(parts, contact),
            SHARES=SHARES,
        )

    routes.get(_PATH, show, Permission.EDIT_RESIDENTS)
    routes.post(_PATH, save, Permission.EDIT_RESIDENTS)


_Asked = Annotated[str, Query(max_length=200)]


def _of_resident(contacts: KindPages, place: Place, contact_id: str) -> Contact:
    contact: Contact = contacts.find(place, contact_id)
    if contact.resident_id is None or contact.resident_id not in place.registry.resident:
        raise ProblemError(404, "unknown_entry")
    return contact


def _form(place: Place, contact: Contact) -> Form:
    site_ids = [place.site.site_id]
    accounts = [
        Choice(value=user.user_id, label=f"{user.name} ({user.user_id})")
        for user in sorted(place.registry.users, key=lambda user: user.name)
        if user.user_id == contact.user_id
        or (user.role == FAMILY and not user.disabled and within_sites(site_ids, user.site_ids))
    ]
    return Form(
        [
            Field(
                name="user_id",
                label=N_("Account"),
                ask=Ask.SELECT,
                choices=accounts,
                help=N_("With which this contact opens the family app. An administrator adds it: role Family."),
            ),
            Field(
                name="shares",
                label=N_("What is shared"),
                ask=Ask.MANY,
                choices=choices.words(place, {str(share): text for share, text in SHARES.items()}),
                help=N_("Only what the resident wants. It counts at once, and can be taken back at any time."),
            ),
            Field(
                name="by",
                label=N_("Who decided"),
                help=N_(
                    "The resident, or who decides for them, by name. It is written down with your name and the time."
                ),
            ),
        ],
        zone=place.zone,
    )


def _fill(form: Form, registry: Registry, contact: Contact) -> None:
    form.show({"user_id": contact.user_id, "shares": sorted(shares(registry, contact))})
    form.mark = _mark(registry, contact)


def _show_theirs(form: Form, registry: Registry, contact: Contact) -> None:
    now = registry.contact.get(contact.contact_id, contact)
    form.theirs = {
        **form.values,
        "user_id": [now.user_id] if now.user_id else [],
        "shares": sorted(shares(registry, now)),
    }
    form.mark = _mark(registry, now)


def _mark(registry: Registry, contact: Contact) -> str:
    """A fingerprint of what the form shows."""
    said = [contact.resident_id or "", contact.user_id or "", *sorted(shares(registry, contact))]
    return sha256("\n".join(said).encode()).hexdigest()[:16]


def _write(connection: Connection, place: Place, contact: Contact, form: Form) -> None:
    registry = source.load(connection)
    now = registry.contact.get(contact.contact_id)
    if now is None:
        raise UnknownEntryError("contact", contact.contact_id)
    if _mark(registry, now) != form.mark:
        raise ConflictingEntryError(f"the sharing with {contact.contact_id} was changed meanwhile", "changed_meanwhile")
    user_id = form.first("user_id") or None
    if user_id != now.user_id:
        edit_family.link_account(connection, now.contact_id, user_id)
    edit_family.share_exactly(
        connection,
        registry,
        now,
        {Share(one) for one in form.values["shares"]},
        by=form.first("by"),
        recorded_by=place.visitor.user.user_id,
        at=place.now,
    )


async def _ledger(parts: Parts, contact: Contact) -> Sequence[Row] | None:
    """Every word about this contact, newest first; None: the database is away."""
    about = {"resident_id": contact.resident_id, "contact_id": contact.contact_id}
    try:
        return await parts.database.fetch("consents_of_contact", about)
    except DatabaseAwayError:
        return None
