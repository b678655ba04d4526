"""Changes in PostgreSQL to floor plans and their pictures. As in ``edit``."""

from __future__ import annotations

from hashlib import sha256

import msgspec

from ingest.registry.checks_plan import check_plan
from ingest.registry.errors import ConflictingEntryError, UnknownEntryError
from ingest.registry.plan_model import FloorPlan
from ingest.registry.writing import SQL, as_json, change, get, write
from ingest.store.connection import Connection


def get_plan(connection: Connection, plan_id: str) -> FloorPlan | None:
    return get(connection, "get_plan", plan_id, FloorPlan)


def add_plan(connection: Connection, plan: FloorPlan) -> None:
    """Add or change a plan; everything on it belongs to its floor. A picture that no plan shows any more goes.

    Raises
    ------
    UnknownEntryError
        A room or device is not one of this floor, or the picture was never stored.
    InvalidEntryError
        Something lies outside the plan, or stands on it twice.
    """
    check_plan(plan)
    with connection.transaction():
        floor = {"site_id": plan.site_id, "zone_id": plan.zone_id}
        for what, placed in (
            ("room", [room.room_id for room in plan.rooms]),
            ("device", [device.device_id for device in plan.devices]),
        ):
            known = {row[0] for row in connection.execute(SQL[f"{what}s_of_floor"], floor).fetchall()}
            for entry_id in placed:
                if entry_id not in known:
                    raise UnknownEntryError(what, entry_id)
        said = f"plan {plan.plan_id} belongs to another floor"
        refused = ConflictingEntryError(said, "other_site", "plan_id", what="plan", entry_id=plan.plan_id)
        write(connection, "add_plan", plan, refused, rooms=as_json(plan.rooms), devices=as_json(plan.devices))
        connection.execute(SQL["remove_unused_plan_images"])


def set_plan_image(connection: Connection, plan: FloorPlan, content: bytes) -> FloorPlan:
    """Put a picture below a plan, which is added or changed to what is given; rooms keep their fractions."""
    image = sha256(content).hexdigest()
    with connection.transaction():
        connection.execute(SQL["add_plan_image"], {"image": image, "content": content})
        changed = msgspec.structs.replace(plan, image=image)
        add_plan(connection, changed)
    return changed


def remove_plan(connection: Connection, plan_id: str) -> None:
    with connection.transaction():
        change(connection, "remove_plan", "plan", plan_id, {"plan_id": plan_id})
        connection.execute(SQL["remove_unused_plan_images"])
