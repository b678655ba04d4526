"""The office: residents move and go to hospital, contacts change; the program gets a new registry."""

from __future__ import annotations

import msgspec

from ingest.registry.model import Registry
from tests.simulation.world import World


def begin(world: World) -> None:
    """Let people edit."""
    world.timeline.often(world.weather.registry_changes, lambda: _change(world))


def _change(world: World) -> None:
    if world.calm:
        return
    registry = world.program.registry
    changed = world.random.choice((_away, _moved, _new_number))(world, registry)
    world.story.tell("the registry has version {}", changed.version)
    world.program.change_registry(changed)


def _away(world: World, registry: Registry) -> Registry:
    """Somebody goes to hospital or comes back."""
    residents = list(registry.residents)
    place = world.random.randrange(len(residents))
    residents[place] = msgspec.structs.replace(residents[place], away=not residents[place].away)
    return msgspec.structs.replace(registry, residents=tuple(residents), version=registry.version + 1)


def _moved(world: World, registry: Registry) -> Registry:
    """Two residents change rooms."""
    residents = list(registry.residents)
    one, other = world.random.randrange(len(residents)), world.random.randrange(len(residents))
    rooms = residents[one].room_id, residents[other].room_id
    residents[one] = msgspec.structs.replace(residents[one], room_id=rooms[1])
    residents[other] = msgspec.structs.replace(residents[other], room_id=rooms[0])
    return msgspec.structs.replace(registry, residents=tuple(residents), version=registry.version + 1)


def _new_number(world: World, registry: Registry) -> Registry:
    """A contact has another phone."""
    contacts = list(registry.contacts)
    if contacts:
        place = world.random.randrange(len(contacts))
        webhook = f"{contacts[place].webhook}x"[-60:]
        contacts[place] = msgspec.structs.replace(contacts[place], webhook=webhook)
    return msgspec.structs.replace(registry, contacts=tuple(contacts), version=registry.version + 1)
