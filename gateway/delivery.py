"""What goes out becomes durable first: packs and the state that they came from, in one transaction (DESIGN law 5)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from gateway.errors import SpoolDamagedError, SpoolError
from gateway.spool import Spool
from gateway.uplink import Uplink
from ingest.log import Log
from ingest.wire.topics import Lane

Body = tuple[Lane, bytes]


class Delivery:
    """Writes packs into the spool on disk; while the disk takes nothing, alarms into one in memory.

    ``states`` gives what a restart must find, by name.
    """

    def __init__(
        self,
        path: Path,
        max_bytes: int,
        uplink: Uplink,
        spool: Spool,
        states: Callable[[], Mapping[str, bytes]],
        log: Log,
    ) -> None:
        self._path = path
        self._max_bytes = max_bytes
        self._uplink = uplink
        self._states = states
        self._log = log
        self._memory: Spool | None = None
        self.spool = spool
        self.lost_packs = 0

    def deliver(self, bodies: Sequence[Body]) -> None:
        """Take the packs; when this returns they are durable, or in memory because the disk is full."""
        try:
            self._append(bodies)
        except SpoolDamagedError as error:
            self._log.error("spool.damaged", path=self._path, error=error)
            self._renew()
            self._append_or_remember(bodies)
        except SpoolError as error:
            self._remember(bodies, error)

    def save(self) -> None:
        """Write the state and the acknowledgements without any packs; a failure is logged, the next save tells all."""
        try:
            self._append(())
        except SpoolError as error:
            self._log.warning("spool.save_failed", path=self._path, error=error)

    def tidy(self) -> None:
        """Write acknowledgements that no transaction has taken along yet."""
        try:
            self.spool.tidy()
        except SpoolError as error:
            self._log.warning("spool.tidy_failed", path=self._path, error=error)

    def close(self) -> None:
        """Close the spools."""
        self.spool.close()
        if self._memory is not None:
            self._memory.close()

    def _append(self, bodies: Sequence[Body]) -> None:
        with self.spool.transaction():
            for lane, body in bodies:
                self.spool.append(lane, body)
            for name, state in self._states().items():
                self.spool.save_state(name, state)

    def _append_or_remember(self, bodies: Sequence[Body]) -> None:
        try:
            self._append(bodies)
        except SpoolError as error:
            self._remember(bodies, error)

    def _renew(self) -> None:
        self.spool.close()
        try:
            self.spool = Spool.open(self._path, max_bytes=self._max_bytes, log=self._log)
        except SpoolError as error:
            self._log.error("spool.not_renewed", path=self._path, error=error)
            self.spool = Spool(None, max_bytes=self._max_bytes)
        self._uplink.replace(self.spool)

    def _remember(self, bodies: Sequence[Body], error: SpoolError) -> None:
        alarms = [body for lane, body in bodies if lane is Lane.ALARM]
        lost = len(bodies) - len(alarms)
        self.lost_packs += lost
        self._log.error("spool.refused", path=self._path, alarms_in_memory=len(alarms), lost=lost, error=error)
        if not alarms:
            return
        if self._memory is None:
            self._memory = Spool(None, max_bytes=self._max_bytes)
            self._uplink.attach(self._memory)
        with self._memory.transaction():
            for body in alarms:
                self._memory.append(Lane.ALARM, body)
