"""Every MQTT account, what it may write and read, and where its password is kept (docs/adr/0002-embedded-parts.md).

Everything that is not listed here is denied. A filter says which topics may be written; a reader may subscribe to a
filter or to anything narrower.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from console.cli.embedded.private_file import private_directory, write_private
from ingest.wire import topics

ADMIN = "admin"
DETECT_SHARD = 0
CONFIG_KEY = "config_key"


@dataclass(frozen=True, slots=True, kw_only=True)
class Role:
    """What an account may do."""

    name: str
    writes: tuple[str, ...] = ()
    reads: tuple[str, ...] = ()


def gateway_role(shard: int, gateway_id: str) -> Role:
    """A gateway: its own exact prefix, and on a one-machine install the native devices behind it."""
    prefix, native = topics.gateway_prefix(shard, gateway_id), f"{topics.native(gateway_id)}/#"
    return Role(
        name=f"gateway-{gateway_id}",
        writes=(f"{prefix}/up/#", f"{prefix}/status", native),
        reads=(f"{prefix}/down/#", native),
    )


def native_role(gateway_id: str) -> Role:
    """The native devices of one gateway."""
    native = f"{topics.native(gateway_id)}/#"
    return Role(name=native_username(gateway_id), writes=(native,), reads=(native,))


def native_username(gateway_id: str) -> str:
    return f"native-{gateway_id}"


def is_reserved(gateway_id: str) -> bool:
    """True for a name that no gateway may have: a program's, native devices', or one that is no file's name."""
    return gateway_id in SERVICE_ROLES or gateway_id.startswith(("native-", "gateway-")) or not gateway_id.strip(".")


def service_passwords(data: Path) -> dict[str, str]:
    """The programs' passwords by account, from ``{data}/secrets``; a missing one is made."""
    return {account: secret(data, account) for account in SERVICE_ROLES}


def secret(data: Path, name: str) -> str:
    """The secret ``name`` of this install, made on first use."""
    return _kept(data, name, secrets.token_urlsafe(24))


def config_private_key(data: Path) -> str:
    """The Ed25519 key, in hex, that signs the gateways' ``down/config``; made on first use."""
    return _kept(data, CONFIG_KEY, Ed25519PrivateKey.generate().private_bytes_raw().hex())


def config_public_key(data: Path) -> str:
    """The public half of ``config_private_key``, in hex: what a gateway must know."""
    private = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(config_private_key(data)))
    return private.public_key().public_bytes_raw().hex()


def _kept(data: Path, name: str, fresh: str) -> str:
    path = data / "secrets" / name
    try:
        kept = path.read_text("utf-8").strip()
    except FileNotFoundError:
        kept = ""
    if kept:
        return kept
    private_directory(path.parent)
    write_private(path, fresh)
    return fresh


_DETECT = topics.gateway_prefix(DETECT_SHARD, "detect")
_CANARY = topics.gateway_prefix(0, topics.CANARY)

SERVICE_ROLES = {
    role.name: role
    for role in (
        Role(
            name="ingest",
            writes=(topics.every_gateway("down/ack/ingest"),),
            reads=(topics.every_gateway("up/data"), topics.every_gateway("status")),
        ),
        Role(
            name="detect",
            writes=(f"{_DETECT}/up/#", f"{_DETECT}/status", topics.every_gateway("down/ack/detect")),
            reads=(
                topics.every_gateway("up/alarm"),
                topics.every_gateway("up/data"),
                topics.every_gateway("up/motion"),
                topics.every_gateway("status"),
                f"{_DETECT}/down/#",
            ),
        ),
        Role(
            name="alarms",
            writes=(
                topics.EVERY_ALARM,
                topics.EVERY_PRESENCE,
                topics.EVERY_NOTICE,
                topics.every_gateway("down/#"),
                f"{topics.ROOT}/console/#",
            ),
            reads=(
                topics.every_gateway("up/alarm"),
                topics.every_gateway("status"),
                topics.EVERY_ALARM,
                topics.EVERY_ALARM_DO,
                topics.EVERY_SITE_DO,
                topics.EVERY_PERSON_DO,
                topics.EVERY_PRESENCE,
            ),
        ),
        Role(
            name="console",
            # to itself: its marks prove that the way through the broker works
            writes=(
                topics.EVERY_ALARM_DO,
                topics.EVERY_SITE_DO,
                topics.EVERY_PERSON_DO,
                f"{topics.ROOT}/console/#",
            ),
            reads=(
                topics.EVERY_ALARM,
                topics.EVERY_PRESENCE,
                topics.every_gateway("status"),
                f"{topics.ROOT}/console/#",
            ),
        ),
        # the watcher's: a gateway that hears its own presses, and answers the alarms of its own site only
        Role(
            name=topics.CANARY,
            writes=(f"{_CANARY}/up/alarm", topics.alarm_do(topics.CANARY, "+")),
            reads=(f"{_CANARY}/up/alarm", f"{_CANARY}/down/#", topics.alarm(topics.CANARY, "+")),
        ),
        # the simulator plays native devices and watches which alarms come of it
        Role(name="sim", writes=("native/#",), reads=("native/#", topics.EVERY_ALARM)),
        # displays in corridors and the home's own automation: they are told what people are told over MQTT
        Role(name="display", reads=(topics.EVERY_NOTICE,)),
        # it says "offline" for a gateway that it has shut out
        Role(
            name=ADMIN,
            writes=("$CONTROL/dynamic-security/#", topics.every_gateway("status")),
            reads=("$CONTROL/dynamic-security/#", "$SYS/#"),
        ),
    )
}
"""The programs' accounts; each has the role of its own name."""
