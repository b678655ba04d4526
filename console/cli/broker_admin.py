"""Accounts of a running broker: added, changed and revoked without a restart.

The commands are those of Mosquitto's dynamic-security plugin; the embedded broker understands the same ones.
"""

from __future__ import annotations

import json
import time
from pathlib import Path
from types import TracebackType
from typing import Self

from console.cli.broker_control import BrokerAdminError, BrokerControl
from console.cli.embedded import accounts
from console.cli.embedded.accounts import Role
from console.cli.embedded.dynamic_security import acls
from ingest.wire import topics

__all__ = ["BrokerAdmin", "BrokerAdminError"]

_ABSENT = frozenset({"Client not found", "Role not found"})


class BrokerAdmin:
    """The broker's administrator. Each call connects when needed and waits for the answers; close it afterwards."""

    def __init__(
        self, host: str, port: int, username: str, password: str, *, ca: Path | None = None, timeout_s: float = 10.0
    ) -> None:
        self._control = BrokerControl(host, port, username, password, ca=ca, timeout_s=timeout_s)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def add_gateway(self, gateway_id: str, shard: int, password: str) -> None:
        """Let a gateway in under its exact prefix. One that is there already is replaced and must come again.

        Raises
        ------
        BrokerAdminError
            The name is not a gateway's, or the broker did not do it.
        """
        _check_gateway_id(gateway_id)
        self._shut_out(gateway_id)
        self._let_in(gateway_id, accounts.gateway_role(shard, gateway_id), password)

    def add_native(self, gateway_id: str, password: str) -> None:
        """Let the native devices of a gateway in, below ``native/{gateway_id}/``.

        Raises
        ------
        BrokerAdminError
            The name is not a gateway's, or the broker did not do it.
        """
        _check_gateway_id(gateway_id)
        native = accounts.native_username(gateway_id)
        self._shut_out(native)
        self._let_in(native, accounts.native_role(gateway_id), password)

    def revoke(self, gateway_id: str) -> None:
        """Shut a gateway and its native devices out for good; their connections end at once.

        Raises
        ------
        BrokerAdminError
            The name is not a gateway's, or the broker did not do it.
        """
        _check_gateway_id(gateway_id)
        self._shut_out(accounts.native_username(gateway_id))
        self._shut_out(gateway_id)

    def set_password(self, username: str, password: str) -> None:
        """Give an account another password; its connections end at once.

        Raises
        ------
        BrokerAdminError
            There is no such account, or the broker did not do it.
        """
        self._control.execute([{"command": "setClientPassword", "username": username, "password": password}])
        self._tell_offline(self._status_topics(username))

    def has_account(self, username: str) -> bool:
        """True when the broker knows the account.

        Raises
        ------
        BrokerAdminError
            The broker did not say.
        """
        (answer,) = self._control.execute([{"command": "getClient", "username": username}], tolerated=_ABSENT)
        return "error" not in answer

    def close(self) -> None:
        """End the connection."""
        self._control.close()

    def _let_in(self, username: str, role: Role, password: str) -> None:
        self._control.execute(
            [
                {"command": "createRole", "rolename": role.name, "acls": acls(role)},
                {
                    "command": "createClient",
                    "username": username,
                    "password": password,
                    "roles": [{"rolename": role.name}],
                },
            ]
        )

    def _shut_out(self, username: str) -> None:
        """Remove an account and its role; what is not there is fine."""
        topics_of_status = self._status_topics(username)
        self._control.execute(
            [
                {"command": "deleteClient", "username": username},
                {"command": "deleteRole", "rolename": _role_name(username)},
            ],
            tolerated=_ABSENT,
        )
        self._tell_offline(topics_of_status)

    def _status_topics(self, username: str) -> list[str]:
        """The status topics that the account may write: one for a gateway, else none."""
        (answer,) = self._control.execute([{"command": "getRole", "rolename": _role_name(username)}], tolerated=_ABSENT)
        rules = answer.get("data", {}).get("role", {}).get("acls", [])
        return [
            rule["topic"]
            for rule in rules
            if rule["acltype"] == "publishClientSend" and rule["topic"].endswith("/status")
        ]

    def _tell_offline(self, status_topics: list[str]) -> None:
        """Say what the gateway cannot say: a broker that ends a connection on our command keeps its last will back."""
        for topic in status_topics:
            status = {"state": "offline", "boot": "", "at": time.time()}
            self._control.publish_retained(topic, json.dumps(status).encode())


def _role_name(username: str) -> str:
    return username if username.startswith("native-") else f"gateway-{username}"


def _check_gateway_id(gateway_id: str) -> None:
    if not topics.valid_id(gateway_id):
        raise BrokerAdminError(f"{gateway_id!r} cannot be a gateway: 1 to 64 of letters, digits, _ . : -")
    if accounts.is_reserved(gateway_id):
        raise BrokerAdminError(f"{gateway_id!r} cannot be a gateway: the name is reserved")
