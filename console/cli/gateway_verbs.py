"""``anxin gateway add`` and ``anxin gateway revoke``: the registry, the broker's accounts and this machine's files.

``add NAME --site S`` registers a gateway and lets it in: for a box that runs elsewhere, which gets what is printed.
``add NAME --site S --native`` gives the account with which native devices (Zigbee2MQTT, Shelly …) publish to the
gateway NAME on this machine. A gateway that is not there yet is added first and run here. Asked again, the same
account is given again, so that devices in the field stay connected.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import ClassVar

import msgspec
import psycopg
from pydantic import Field, SecretStr
from pydantic_settings import SettingsConfigDict

from console.cli.broker_admin import BrokerAdmin
from console.cli.embedded import accounts
from console.cli.embedded.private_file import private_directory, write_private
from console.cli.exit_codes import CommandError, MissingPartError
from console.cli.registry import registry_connection
from console.cli.where import Where
from gateway import credentials as credential_files
from gateway.credentials import Credentials
from ingest.registry import edit
from ingest.registry.errors import RegistryError
from ingest.registry.model import Gateway, Site
from ingest.settings import ProgramSettings
from ingest.store.connection import Connection
from ingest.wire import topics

NATIVE_FILE = "native.json"


class BrokerAdminSettings(ProgramSettings):
    """Who administers the broker; without a password, the one that ``anxin up`` keeps in the data directory."""

    section: ClassVar[str] = "admin"
    model_config = SettingsConfigDict(env_prefix="ANXIN_ADMIN_", extra="forbid", frozen=True)

    username: str = Field(accounts.ADMIN, min_length=1)
    password: SecretStr = SecretStr("")


@dataclass(frozen=True, slots=True, kw_only=True)
class GatewayAccount:
    """What a gateway, or the native devices behind it, must know to log in."""

    gateway_id: str
    site_id: str
    username: str
    password: str
    host: str
    port: int
    topic_prefix: str
    shard: str
    config_key: str = ""

    def as_json(self) -> dict[str, str | int]:
        """The one object that ``--json`` prints."""
        return {name: value for name, value in asdict(self).items() if value != ""}


def add_gateway(
    where: Where, name: str, site_id: str, *, here: bool = False, host: str | None = None
) -> GatewayAccount:
    """Add a gateway; ``here`` lets this machine's ``anxin gateway`` run it. ``host`` is how it reaches the broker.

    Raises
    ------
    CommandError
        The site is unknown, the gateway is there already, or the broker or the database did not do it.
    """
    with administrator(where) as admin:
        return _add(where, admin, name, site_id, here=here, host=host)


def add_native_account(where: Where, name: str, site_id: str, *, host: str | None = None) -> GatewayAccount:
    """The account of the native devices behind a gateway, which is added when it is not there.

    Raises
    ------
    CommandError
        The site is unknown, the gateway belongs to another one, or the broker or the database did not do it.
    """
    with administrator(where) as admin:
        gateway_id = gateway_id_of(name)
        with _registry(where) as connection:
            known = edit.get_gateway(connection, gateway_id)
        if known is None or known.revoked:
            _add(where, admin, name, site_id, here=True, host=host)
        elif known.site_id != site_id:
            raise CommandError(f"gateway {gateway_id} belongs to site {known.site_id}")
        username = accounts.native_username(gateway_id)
        kept = where.data / "gateway" / gateway_id / NATIVE_FILE
        password = _kept_password(kept)
        if password is None or not admin.has_account(username):
            password = password or secrets.token_urlsafe(24)
            admin.add_native(gateway_id, password)
            _keep(kept, {"username": username, "password": password})
        with _registry(where) as connection:
            site = _site(edit.get_site(connection, site_id), site_id)
        return GatewayAccount(
            gateway_id=gateway_id,
            site_id=site_id,
            username=username,
            password=password,
            host=host or where.broker_host,
            port=where.broker_port,
            topic_prefix=topics.native(gateway_id),
            shard=f"{site.shard:02x}",
        )


def revoke_gateway(where: Where, gateway_id: str) -> None:
    """Shut a gateway and its native devices out, live: the broker first, then the registry; its spool stays.

    Raises
    ------
    CommandError
        The broker or the database did not do it, or the registry does not know the gateway.
    """
    with administrator(where) as admin:
        admin.revoke(gateway_id)
    for file in (credential_files.FILE, NATIVE_FILE):
        (where.data / "gateway" / gateway_id / file).unlink(missing_ok=True)
    try:
        with _registry(where) as connection:
            edit.revoke_gateway(connection, gateway_id)
    except CommandError as error:
        raise CommandError(f"{gateway_id} is shut out at the broker, but not in the registry: {error}") from error


def administrator(where: Where) -> BrokerAdmin:
    """The administrator of the broker.

    Raises
    ------
    MissingPartError
        Nobody said the administrator's password.
    """
    settings = BrokerAdminSettings.load()
    password = settings.password.get_secret_value()
    if not password:
        kept = where.data / "secrets" / accounts.ADMIN
        try:
            password = kept.read_text("utf-8").strip()
        except OSError as error:
            raise MissingPartError(
                f"no password of the broker's administrator: start `anxin up` on {where.data}, "
                "or give ANXIN_ADMIN_PASSWORD_FILE"
            ) from error
    return BrokerAdmin(where.broker_host, where.broker_port, settings.username, password, ca=where.broker_ca)


def gateway_id_of(name: str) -> str:
    """The gateway's id: the name itself where it can be one, else what is left of it in lower case.

    Raises
    ------
    CommandError
        Nothing is left.
    """
    gateway_id = name
    if not topics.valid_id(name):
        gateway_id = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:64]
    if not topics.valid_id(gateway_id) or accounts.is_reserved(gateway_id):
        raise CommandError(f"{name!r} cannot be a gateway's name: use letters, digits and - (for example home-7)")
    return gateway_id


def _add(where: Where, admin: BrokerAdmin, name: str, site_id: str, *, here: bool, host: str | None) -> GatewayAccount:
    gateway_id, password = gateway_id_of(name), secrets.token_urlsafe(24)
    kept = where.data / "gateway" / gateway_id / credential_files.FILE
    with _registry(where) as connection:
        site = _site(edit.get_site(connection, site_id), site_id)
        known = edit.get_gateway(connection, gateway_id)
        lost = here and not kept.exists()  # a first attempt that ended half-way
        let_in = known is not None and not known.revoked and admin.has_account(gateway_id)
        if let_in and not lost:
            raise CommandError(f"gateway {gateway_id} is there already: revoke it first, or choose another name")
        label = name if known is None else known.name
        edit.add_gateway(connection, Gateway(gateway_id=gateway_id, site_id=site_id, name=label))
        # in the database's transaction: a broker that refuses takes the row back
        admin.add_gateway(gateway_id, site.shard, password)
    account = GatewayAccount(
        gateway_id=gateway_id,
        site_id=site_id,
        username=gateway_id,
        password=password,
        host=host or where.broker_host,
        port=where.broker_port,
        topic_prefix=topics.gateway_prefix(site.shard, gateway_id),
        shard=f"{site.shard:02x}",
        config_key=accounts.config_public_key(where.data),
    )
    if here:
        _keep(
            kept,
            msgspec.structs.asdict(
                Credentials(
                    gateway_id=gateway_id,
                    site_id=site_id,
                    shard=site.shard,
                    username=gateway_id,
                    password=password,
                    config_key=account.config_key,
                )
            ),
        )
    return account


@contextmanager
def _registry(where: Where) -> Iterator[Connection]:
    """One transaction of the registry, whose errors are told to the person."""
    try:
        with registry_connection(where) as connection:
            yield connection
    except RegistryError as error:
        raise CommandError(str(error)) from error
    except psycopg.Error as error:
        raise CommandError(f"the database did not do it: {error}") from error


def _site(found: Site | None, site_id: str) -> Site:
    if found is None:
        raise CommandError(f"there is no site {site_id!r}")
    return found


def _kept_password(path: Path) -> str | None:
    try:
        return str(msgspec.json.decode(path.read_bytes())["password"])
    except (OSError, msgspec.MsgspecError, KeyError, TypeError):
        return None


def _keep(path: Path, content: dict[str, object]) -> None:
    private_directory(path.parent)
    write_private(path, msgspec.json.encode(content).decode())
