"""A gateway's uplink played by a scenario: it says that it is online, and it vanishes."""

from __future__ import annotations

import secrets
import time

import msgspec

from firmware_sim.connection import BrokerAddress, Connection
from firmware_sim.places import Place
from ingest.wire import topics


class PlayedGateway:
    """Only the status of a gateway: retained online, last will offline with the same boot."""

    def __init__(self, broker: BrokerAddress, place: Place) -> None:
        boot, topic = secrets.token_hex(8), topics.status(place.shard, place.gateway_id)
        at = time.time()
        will = msgspec.json.encode({"state": "offline", "boot": boot, "at": at})
        account = broker.as_account(place.gateway_id)
        self._connection = Connection(account, f"uplink-{place.gateway_id}", will=(topic, will))
        online = msgspec.json.encode({"state": "online", "boot": boot, "at": at})
        self._connection.publish(topic, online, retain=True)
        self._connection.flush(5.0)

    def vanish(self) -> None:
        """Break without a goodbye: the broker tells the last will."""
        self._connection.break_off()

    def close(self) -> None:
        self._connection.close()
