"""A console on a real database, in which somebody sets up a home: pages are read, forms are sent as a browser does."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Iterator
from html import unescape
from pathlib import Path
from typing import Any

import httpx
import psycopg

from console.auth.passwords import hash_password
from ingest.account import Account
from ingest.registry import edit, source
from ingest.registry.follower import RegistryFollower
from ingest.registry.model import Contact, Device, Gateway, Registry, Resident, Room, Site, User
from ingest.wire.signals import Kind
from tests.console_desk import PASSWORD, Desk, running_desk
from tests.console_history import NOWHERE
from tests.running_system import wait_for

_HASH = hash_password(PASSWORD)
ROLES = ("administrator", "supervisor", "installer", "operator")


class Person:
    """Somebody logged in. A form is read from its page first, so that hidden fields come along."""

    def __init__(self, client: httpx.Client) -> None:
        self.client = client

    def see(self, path: str) -> str:
        answer = self.client.get(path)
        assert answer.status_code == 200, (path, answer.status_code)
        return text_of(answer)

    def mark(self, path: str) -> str:
        """The fingerprint that the form on this page carries."""
        found = re.search(r'name="mark" value="([0-9a-f]*)"', self.client.get(path).text)
        assert found is not None, path
        return found.group(1)

    def add(self, path: str, **values: Any) -> httpx.Response:
        return self.client.post(f"{path}/entry", data=values)

    def change(self, path: str, entry_id: str, mark: str = "", **values: Any) -> httpx.Response:
        own = mark or self.mark(f"{path}/entry?id={entry_id}")
        return self.client.post(f"{path}/entry", data={"id": entry_id, "mark": own, **values})

    def remove(self, path: str, entry_id: str) -> httpx.Response:
        return self.client.post(f"{path}/remove", data={"id": entry_id})


class SetupDesk:
    """The console; ``registry`` is what the database holds."""

    def __init__(self, desk: Desk, database: str) -> None:
        self.desk = desk
        self.database = database
        self._clients: list[httpx.Client] = []

    @property
    def registry(self) -> Registry:
        with psycopg.connect(self.database) as connection:
            return source.load(connection)

    def beside(self, change: Callable[[psycopg.Connection], object]) -> None:
        """A change past this console, as by another one; done when this one has heard of it."""
        with psycopg.connect(self.database, autocommit=True) as connection:
            change(connection)
        version = self.registry.version
        assert wait_for(lambda: self.desk.registry.version >= version, 30), "the console does not hear of the change"

    def person(self, user_id: str = "administrator", language: str = "zh") -> Person:
        client = self.desk.open_client(user_id)
        client.cookies.set("anxin_language", language)
        self._clients.append(client)
        return Person(client)

    def stranger(self, language: str = "zh") -> Person:
        """Somebody who is not logged in."""
        client = httpx.Client(base_url=self.desk.url, cookies={"anxin_language": language}, timeout=10)
        self._clients.append(client)
        return Person(client)

    def close(self) -> None:
        for client in self._clients:
            client.close()


def furnish(database: str) -> None:
    """Two homes, one with a room, a resident, a gateway, a button and a contact."""
    with psycopg.connect(database, autocommit=True) as connection:
        for site_id, shard in (("home", 3), ("flat", 4)):
            edit.add_site(connection, Site(site_id=site_id, name=f"{site_id} 院", shard=shard))
            edit.add_gateway(connection, Gateway(gateway_id=f"gw-{site_id}", site_id=site_id))
        edit.add_room(connection, Room(room_id="home:203", site_id="home", name="203"))
        edit.add_resident(connection, Resident(resident_id="wang", site_id="home", name="王丽", room_id="home:203"))
        edit.add_contact(
            connection,
            Contact(
                contact_id="son",
                site_id="home",
                name="王磊",
                resident_id="wang",
                phone="138-0000-0001",
                webhook="https://hooks.example/secret",
            ),
        )
        button = Device(
            device_id="sos-203",
            number=0,
            site_id="home",
            gateway_id="gw-home",
            kind=Kind.BUTTON,
            profile="sos_button",
            native="zigbee2mqtt:SOS 203",
            room_id="home:203",
        )
        edit.add_device(connection, button)


@contextlib.contextmanager
def setup_desk(database: str, path: Path, account: Account = NOWHERE, **settings: Any) -> Iterator[SetupDesk]:
    """A running console whose registry is the database's own, and an account of each role that matters here."""
    with psycopg.connect(database, autocommit=True) as connection:
        for role in ROLES:
            edit.add_user(connection, User(user_id=role, name=role.title(), role=role, password_hash=_HASH))
        limited = User(user_id="of-flat", name="Flat", role="administrator", password_hash=_HASH, site_ids=("flat",))
        edit.add_user(connection, limited)
    follower = RegistryFollower(database, path / "registry.json")
    with running_desk(path, account, database=database, **settings) as desk:
        with psycopg.connect(database) as connection:
            desk.registry = source.load(connection)
        follower.subscribe(desk.change_registry)
        follower.start()
        running = SetupDesk(desk, database)
        try:
            yield running
        finally:
            running.close()
            follower.stop()


class Typed:
    """What a browser sends."""

    def __init__(self, **values: str | list[str]) -> None:
        self._values = values

    def getlist(self, key: Any) -> list[Any]:
        value = self._values.get(key, [])
        return [value] if isinstance(value, str) else value


def text_of(answer: httpx.Response) -> str:
    """The words of a page, without its marks."""
    bare = re.sub(r"<(script|style).*?</\1>", " ", answer.text, flags=re.DOTALL)
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", bare)))


def fault_at(answer: httpx.Response, field: str) -> str:
    """What is said to be wrong at a field; empty: nothing."""
    found = re.search(rf'id="{re.escape(field)}-fault">(.*?)</p>', answer.text, re.DOTALL)
    return unescape(found.group(1)).strip() if found else ""
