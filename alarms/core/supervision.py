"""Supervision: who has not been heard for too long, and when that is the gateway's fault and not the devices'."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

GRACE_S = 60.0
"""After a start or a reconnection everybody has this long to be heard."""


class Presence(IntEnum):
    """What supervision thinks of a device."""

    UNSUPERVISED = 0
    HEALTHY = 1
    OVERDUE = 2
    OFFLINE = 3
    NEVER_HEARD = 4


@dataclass(frozen=True, slots=True)
class Silence:
    """A device (``is_gateway`` False) or a gateway fell silent or was heard again; ``row`` as in ``Flips``."""

    row: int
    index: int
    is_gateway: bool
    raised: bool
    at_s: float


class Supervision:
    """One row per device; times are the received ones, so that a wrong clock silences nobody.

    Parameters
    ----------
    heartbeat_s : float64, shape (n,)
        How often it speaks at least; inf: not supervised.
    period_s : float64, shape (n,)
        Silence longer than this is a fault.
    gateways : sequence of str, length n
        Whose devices they are; empty: nobody's.
    """

    def __init__(
        self, *, heartbeat_s: NDArray[np.float64], period_s: NDArray[np.float64], gateways: Sequence[str]
    ) -> None:
        size = len(heartbeat_s)
        self.gateway_ids = sorted(set(gateways))
        place = {gateway_id: index for index, gateway_id in enumerate(self.gateway_ids)}
        self._place = place
        self._heartbeat_s = heartbeat_s
        self._period_s = period_s
        self._any = bool(np.isfinite(period_s).any())
        self.gateway = np.array([place[gateway_id] for gateway_id in gateways], np.int64)
        self.has_witness = self._witnesses()
        self.heard_at = np.full(size, -np.inf)
        self.since_at = np.full(size, np.inf)
        self.raised: NDArray[np.bool_] = np.zeros(size, np.bool_)
        count = len(self.gateway_ids)
        self.online: NDArray[np.bool_] = np.ones(count, np.bool_)
        self.gateway_heard_at = np.full(count, -np.inf)
        self.gateway_raised: NDArray[np.bool_] = np.zeros(count, np.bool_)
        self.resume_at = np.full(count, -np.inf)
        self._started = False
        self._listening = True

    def start(self, now_s: float, *, grace: bool = True) -> None:
        """The first moment of a new or restored life: supervise new devices from now, and give everybody grace."""
        if self._started:
            return
        self._started = True
        self.since_at = np.where(np.isfinite(self.since_at), self.since_at, now_s)
        if grace:
            self.resume_at[np.isfinite(self.gateway_heard_at)] = now_s + GRACE_S

    def clock_set(self, by_s: float) -> None:
        """The clock of the received times was set."""
        self.heard_at += by_s
        self.since_at += by_s
        self.gateway_heard_at += by_s
        self.resume_at += by_s

    def set_gateway_online(self, gateway_id: str, online: bool, now_s: float) -> None:
        """A gateway's connection ended (its devices are not judged) or came back (they have grace)."""
        index = self._place.get(gateway_id)
        if index is None:
            return
        if online and not self.online[index]:
            self.resume_at[index] = now_s + GRACE_S
        self.online[index] = online

    def set_listening(self, listening: bool, now_s: float) -> None:
        """Our own ears: while they are shut nobody is judged, and afterwards everybody has grace."""
        if listening and not self._listening:
            self.resume_at[:] = now_s + GRACE_S
        self._listening = listening

    def heard(self, device: NDArray[np.int32], received_s: NDArray[np.float64]) -> list[Silence]:
        """Take note of samples.

        Parameters
        ----------
        device : int32, shape (k,)
            Whose they are; of several samples of a device the last counts.
        received_s : float64, shape (k,)
            When they came.
        """
        if not self._any:
            return []
        changes = self._heard_again(device, received_s) if self.raised.any() or self.gateway_raised.any() else []
        last = np.flatnonzero(np.append(device[1:] != device[:-1], True))  # a device's rows mostly come together
        device, received_s = device[last], received_s[last]
        self.heard_at[device] = received_s
        self.gateway_heard_at[self.gateway[device]] = received_s
        return changes

    def _heard_again(self, device: NDArray[np.int32], received_s: NDArray[np.float64]) -> list[Silence]:
        gateway = self.gateway[device]
        changes: list[Silence] = []
        for is_gateway, index, raised in ((True, gateway, self.gateway_raised), (False, device, self.raised)):
            again = np.flatnonzero(raised[index])
            if again.size:
                named, first = np.unique(index[again], return_index=True)
                for one, row in zip(named.tolist(), again[first].tolist(), strict=True):
                    raised[one] = False
                    changes.append(Silence(row, one, is_gateway, False, float(received_s[row])))
                    if is_gateway:
                        self.resume_at[one] = received_s[row] + GRACE_S
        return changes

    def tick(self, now_s: float) -> list[Silence]:
        """Those whose deadline has passed. One fault stands for all devices of a gateway that fell silent together."""
        if not self._any:
            return []
        last_at = np.maximum(self.heard_at, self.since_at)
        deadline = np.maximum(last_at + self._period_s, self.resume_at[self.gateway])
        watched = self.online & ~self.gateway_raised & self._listening
        due = np.flatnonzero((deadline <= now_s) & ~self.raised & watched[self.gateway])
        if not due.size:
            return []
        gateway = self.gateway[due]
        nobody_since = self.gateway_heard_at[gateway] < last_at[due] + self._heartbeat_s[due]
        blame = self.has_witness[due] & nobody_since
        changes = []
        first_at = np.full(len(self.gateway_ids), np.inf)
        np.minimum.at(first_at, gateway[blame], deadline[due[blame]])
        for index in np.flatnonzero(np.isfinite(first_at)).tolist():
            self.gateway_raised[index] = True
            changes.append(Silence(-1, index, True, True, float(first_at[index])))
        for index in due[~self.gateway_raised[gateway]].tolist():
            self.raised[index] = True
            changes.append(Silence(-1, index, False, True, float(deadline[index])))
        return changes

    def unheard(self) -> NDArray[np.bool_]:
        """Whose silence means nothing now, bool, shape (n,): silent for too long, or cut off, or we do not listen."""
        cut_off = ~self.online | self.gateway_raised | (not self._listening)
        return self.raised | cut_off[self.gateway]

    def presence(self, now_s: float) -> NDArray[np.int8]:
        """A ``Presence`` per device, int8, shape (n,)."""
        last_at = np.maximum(self.heard_at, self.since_at)
        found = np.full(len(last_at), Presence.HEALTHY, np.int8)
        found[now_s - last_at > self._heartbeat_s] = Presence.OVERDUE
        found[self.raised | ~self.online[self.gateway] | self.gateway_raised[self.gateway]] = Presence.OFFLINE
        found[~np.isfinite(self.heard_at)] = Presence.NEVER_HEARD
        found[~np.isfinite(self._period_s)] = Presence.UNSUPERVISED
        return found

    def _witnesses(self) -> NDArray[np.bool_]:
        """Devices beside which another of the gateway speaks at least about as often."""
        witness = np.zeros(len(self._heartbeat_s), np.bool_)
        order = np.lexsort((self._heartbeat_s, self.gateway))
        gateway, heartbeat_s = self.gateway[order], self._heartbeat_s[order]
        first = np.searchsorted(gateway, gateway)  # the fastest of the same gateway
        second = np.minimum(first + 1, len(order) - 1)
        own_is_first = np.arange(len(order)) == first
        other = np.where(own_is_first, second, first)
        exists = (other != np.arange(len(order))) & (gateway[other] == gateway)
        witness[order] = exists & (heartbeat_s[other] <= 2 * heartbeat_s) & np.isfinite(heartbeat_s)
        return witness & np.isfinite(self._period_s)
