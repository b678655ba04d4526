"""Lets gateways in at the broker, where this console was given the administrator's password; else a person does it."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from console.cli.broker_admin import BrokerAdmin, BrokerAdminError
from console.cli.embedded import accounts
from console.errors import NoAnswerError
from ingest.account import Account

_TIMEOUT_S = 5.0
T = TypeVar("T")


class Admission:
    """The broker's accounts of gateways. ``password`` empty: ``possible`` is false, and nothing else may be called."""

    def __init__(self, broker: Account, data: Path, password: str) -> None:
        self._broker = broker
        self._data = data
        self._password = password

    @property
    def possible(self) -> bool:
        return bool(self._password)

    @property
    def port(self) -> int:
        return self._broker.port

    def config_key(self) -> str:
        """By which a gateway knows that its configuration is ours."""
        return accounts.config_public_key(self._data)

    async def let_in(self, gateway_id: str, shard: int) -> str:
        """A new password, which is good at once; an older one no longer is.

        Raises
        ------
        NoAnswerError
            The broker did not do it.
        """
        password = secrets.token_urlsafe(24)
        await self._ask(lambda admin: admin.add_gateway(gateway_id, shard, password))
        return password

    async def shut_out(self, gateway_id: str) -> None:
        """End its connections and its account.

        Raises
        ------
        NoAnswerError
            The broker did not do it.
        """
        await self._ask(lambda admin: admin.revoke(gateway_id))

    async def _ask(self, step: Callable[[BrokerAdmin], T]) -> T:
        try:
            return await asyncio.to_thread(self._do, step)
        except (BrokerAdminError, OSError) as error:
            raise NoAnswerError(str(error)) from error

    def _do(self, step: Callable[[BrokerAdmin], T]) -> T:
        broker = self._broker
        with BrokerAdmin(
            broker.host, broker.port, accounts.ADMIN, self._password, ca=broker.ca, timeout_s=_TIMEOUT_S
        ) as admin:
            return step(admin)
