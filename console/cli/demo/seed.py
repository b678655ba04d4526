"""Writes the demonstration into the registry and tells what it made, as one JSON line. A second time adds nothing."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime

import msgspec

from console.auth.tokens import create_login_link
from console.cli.demo.accounts import FAMILY, SUPERVISOR, write_accounts, write_family
from console.cli.demo.guide import Seed
from console.cli.demo.places import write_devices, write_site
from console.cli.demo.plans import write_plans
from console.cli.gateway_verbs import add_gateway, revoke_gateway
from console.cli.registry import registry_connection
from console.cli.where import Where, find
from firmware_sim.place import Place
from firmware_sim.places import NURSING_HOME, demo_places
from firmware_sim.scenarios.demo import CALLING_ROOM
from gateway import credentials
from ingest.registry import source


def main() -> int:
    where, places = find(), demo_places()
    with registry_connection(where) as connection:
        for place in places:
            write_site(connection, place)
        accounts = write_accounts(connection)
        write_family(connection, f"{NURSING_HOME}:c{CALLING_ROOM}", datetime.now(UTC))
    _add_gateways(where, places)
    with registry_connection(where) as connection:
        for place in places:
            write_devices(connection, place)
        write_plans(connection, places[0], source.load(connection))
    seed = Seed(
        login_path=create_login_link(where.data, SUPERVISOR),
        family_path=create_login_link(where.data, FAMILY),
        sites=len(places),
        devices=sum(len(place.devices) for place in places),
        accounts=[asdict(account) for account in accounts],
    )
    sys.stdout.write(msgspec.json.encode(seed).decode() + "\n")
    return 0


def _add_gateways(where: Where, places: Sequence[Place]) -> None:
    with registry_connection(where) as connection:
        known = {entry.gateway_id for entry in source.load(connection).gateways if not entry.revoked}
    for place in places:
        if (where.data / "gateway" / place.gateway_id / credentials.FILE).exists() and place.gateway_id in known:
            continue
        if place.gateway_id in known:
            # a start that was broken off: its password was never written down
            revoke_gateway(where, place.gateway_id)
        add_gateway(where, place.gateway_id, place.site_id, here=True)


if __name__ == "__main__":
    sys.exit(main())
