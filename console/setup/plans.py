"""The plan of a floor: a picture below it, rooms and devices placed on it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Annotated
from urllib.parse import urlencode

import msgspec
from fastapi import Query
from starlette.datastructures import FormData, UploadFile
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from console.auth.permissions import Permission
from console.errors import ProblemError
from console.language import N_
from console.parts import Parts
from console.plans.errors import PictureError
from console.plans.floors import Floor, devices_on, floor_of, plan_of
from console.plans.grid import proposal
from console.plans.picture import MOST_BYTES, Picture, picture_of
from console.routes import Routes
from console.setup.field import Field
from console.setup.form import Form
from console.setup.pages import attempt
from console.setup.place import Place, place_of
from console.setup.plan_places import UnreadablePlaceError, read_places
from ingest.log import Log
from ingest.registry import edit_plan
from ingest.registry.changing import fingerprint, require_unchanged
from ingest.registry.plan_model import FloorPlan
from ingest.store.connection import Connection

_DONE = {
    "saved": N_("Saved."),
    "picture": N_("The picture is there. Now place the rooms on it."),
    "bare": N_("The picture is gone; the rooms stay where they are."),
}
_PATH = "/setup/sites/{site_id}/floors/plan"


def add_plan_setup(routes: Routes, parts: Parts) -> None:
    drawing = asyncio.Lock()  # one picture at a time: a large one takes a lot of memory for a moment
    log = Log("console")

    async def show(
        request: Request,
        id: Annotated[str, Query(max_length=200)],  # noqa: A002 - the address's name
        done: Annotated[str, Query(max_length=20)] = "",
        dropped: Annotated[str, Query(max_length=300)] = "",
    ) -> Response:
        place, floor = _at(parts, request, id)
        said = place.text(_DONE.get(done, ""))
        return _page(place, floor, plan_of(place.registry, floor)[0], _form(place, floor), done=said, dropped=dropped)

    async def save(request: Request) -> Response:
        given = await request.form()
        place, floor, form = _asked(parts, request, given)
        current, _ = plan_of(place.registry, floor)
        if given.get("propose"):
            fresh = proposal(place.site.site_id, floor.zone_id, floor.rooms, devices_on(place.registry, floor))
            moved = msgspec.structs.replace(current, rooms=fresh.rooms, devices=fresh.devices)
            bare = current if current.image is not None else fresh
            plan = msgspec.structs.replace(moved, width=bare.width, height=bare.height)
            said = place.text(N_("Laid out as a grid. Nothing is saved yet."))
            return _page(place, floor, plan, form, done=said)
        try:
            rooms, devices = read_places(given)
        except UnreadablePlaceError:
            form.refuse("", "no_place")
            return _page(place, floor, current, form, status=422)
        plan = msgspec.structs.replace(current, rooms=rooms, devices=devices)
        return await change(place, floor, form, plan, lambda connection: edit_plan.add_plan(connection, plan), "saved")

    async def upload(request: Request) -> Response:
        async with request.form() as given:
            file = given.get("picture")
            content = await file.read(MOST_BYTES + 1) if isinstance(file, UploadFile) else b""
        place, floor, form = _asked(parts, request, given)
        current, saved = plan_of(place.registry, floor)
        try:
            async with drawing:
                picture = await asyncio.to_thread(picture_of, content)
        except PictureError as error:
            form.refuse("picture", error.code, **error.facts)
            return _page(place, floor, current, form, status=422)
        plan = _on(picture, current, keep=saved and current.image is not None)

        def write(connection: Connection) -> None:
            stored = edit_plan.set_plan_image(connection, plan, picture.content)
            assert stored.image is not None  # it was just given
            named.append(stored.image)

        named: list[str] = []
        answer = await change(place, floor, form, current, write, "picture", dropped=" ".join(picture.dropped))
        for image in named:
            await parts.pictures.keep(image, picture.content)
        return answer

    async def clear(request: Request) -> Response:
        """Take the picture away, or the whole plan."""
        given = await request.form()
        place, floor, form = _asked(parts, request, given)
        current, saved = plan_of(place.registry, floor)
        if not saved:
            raise ProblemError(404, "unknown_entry")
        if given.get("what") == "plan":
            return await change(
                place, floor, form, current, lambda connection: edit_plan.remove_plan(connection, floor.floor_id), ""
            )
        plan = msgspec.structs.replace(current, image=None, media_type="")
        return await change(
            place, floor, form, current, lambda connection: edit_plan.add_plan(connection, plan), "bare"
        )

    async def change(
        place: Place,
        floor: Floor,
        form: Form,
        shown: FloorPlan,
        step: Callable[[Connection], object],
        done: str,
        dropped: str = "",
    ) -> Response:
        """Do it, if the plan is still the one that was seen; what was typed is ``shown`` again otherwise."""

        def write(connection: Connection) -> None:
            require_unchanged(connection, "plan", floor.floor_id, form.mark)
            step(connection)

        refused = await attempt(place, form, write)
        if refused:
            return _page(place, floor, shown, form, status=refused)
        log.info("setup.saved", what="plan", entry_id=floor.floor_id)
        base = f"/setup/sites/{place.site.site_id}/floors"
        if not done:
            return RedirectResponse(f"{base}?{urlencode({'done': 'removed'})}", 303)
        query = {"id": floor.floor_id, "done": done, **({"dropped": dropped} if dropped else {})}
        return RedirectResponse(f"{base}/plan?{urlencode(query)}", 303)

    routes.get(_PATH, show, Permission.EDIT_SITES)
    routes.post(_PATH, save, Permission.EDIT_SITES)
    routes.post(f"{_PATH}/picture", upload, Permission.EDIT_SITES)
    routes.post(f"{_PATH}/clear", clear, Permission.EDIT_SITES)


def _at(parts: Parts, request: Request, floor_id: str) -> tuple[Place, Floor]:
    place = place_of(parts, request, request.path_params["site_id"])
    floor = floor_of(place.registry, floor_id)
    if floor is None or floor.site.site_id != place.site.site_id:
        raise ProblemError(404, "unknown_floor")
    return place, floor


def _asked(parts: Parts, request: Request, given: FormData) -> tuple[Place, Floor, Form]:
    place, floor = _at(parts, request, str(given.get("id", "")))
    form = _blank(place)
    form.mark = str(given.get("mark", ""))
    return place, floor, form


def _form(place: Place, floor: Floor) -> Form:
    form = _blank(place)
    form.mark = fingerprint(place.registry.plan.get(floor.floor_id))
    return form


def _blank(place: Place) -> Form:
    return Form([Field(name="picture", label=N_("File"))], zone=place.zone)


def _on(picture: Picture, current: FloorPlan, *, keep: bool) -> FloorPlan:
    """The plan with another picture; places on a grid say nothing about where a room is in it."""
    plan = msgspec.structs.replace(
        current, width=picture.width, height=picture.height, media_type=picture.media_type, image=None
    )
    return plan if keep else msgspec.structs.replace(plan, rooms=(), devices=())


def _page(
    place: Place, floor: Floor, plan: FloorPlan, form: Form, *, done: str = "", dropped: str = "", status: int = 200
) -> Response:
    now = place.parts.registry()  # somebody may have been faster: theirs is shown beside
    theirs = now.plan.get(floor.floor_id)
    outdated = any(fault.code == "changed_meanwhile" for fault in form.faults_of_all)
    devices = devices_on(place.registry, floor)
    room = {one.room_id: one.name for one in floor.rooms}
    return place.parts.renderer.page(
        place.request,
        "setup_plan.html",
        status=status,
        place=place,
        kind=None,
        floor=floor,
        plan=plan,
        saved=floor.floor_id in place.registry.plan,
        form=form,
        theirs=theirs.rooms if outdated and theirs is not None else (),
        rooms=[(one, next((p for p in plan.rooms if p.room_id == one.room_id), None)) for one in floor.rooms],
        devices=[
            (one, room[one.room_id or ""], next((p for p in plan.devices if p.device_id == one.device_id), None))
            for one in sorted(devices, key=lambda one: (room[one.room_id or ""], one.device_id))
        ],
        done=done,
        dropped=dropped.split(),
        most_mb=MOST_BYTES // 1_000_000,
        base=f"/setup/sites/{place.site.site_id}/floors/plan",
    )
