"""What waits in a flood: emergencies and people go first, everything else in the order in which it came."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import msgspec

from alarms.notify.dispatcher import Outcome
from ingest.mqtt import Item, Message, Posted, moved
from ingest.wire import topics
from ingest.wire.topics import Lane


@dataclass(frozen=True, slots=True)
class Glance:
    """What an alarm pack is about (devices, rooms), and whether it raises an emergency, before anything is done."""

    is_emergency: bool
    about: frozenset[str]


_FIRST = Glance(is_emergency=True, about=frozenset())
_LATER = Glance(is_emergency=False, about=frozenset())
"""What is no alarm pack is about no device: it goes first like an emergency, or takes its turn."""


class Early(Message, frozen=True, gc=False):
    """An alarm pack taken before earlier ones of its gateway: they still come, whatever its floor says."""


@dataclass(slots=True)
class _Waiting:
    item: Item
    glance: Glance | None = None


class Inbox:
    """Items go in as they come and out in turns.

    When more waits than one turn takes, packs that raise an emergency go first, and with them every earlier pack about
    the same devices and rooms, so that a press and its cancel never change places. So does all else that is neither a
    plain alarm nor the outcome of an ordinary message: commands, connections, the registry. A part of each turn is for
    the others, so that nothing starves.
    """

    def __init__(self, glance: Callable[[bytes], Glance]) -> None:
        self._glance = glance
        self._waiting: list[_Waiting] = []

    def __len__(self) -> int:
        return len(self._waiting)

    def add(self, items: Sequence[Item]) -> None:
        self._waiting += map(_Waiting, items)

    def take(self, most: int) -> list[Item]:
        """Up to ``most`` items, those that go first in front."""
        if len(self._waiting) <= most:
            taken, self._waiting = self._waiting, []
            return [waiting.item for waiting in taken]
        goes_first = self._goes_first()
        shared = most // 5 if any(goes_first) else most
        first: list[Item] = []
        others: list[Item] = []
        left: list[_Waiting] = []
        for waiting, is_first in zip(self._waiting, goes_first, strict=True):
            if is_first and len(first) < most - shared:
                first.append(_early(waiting.item) if others else waiting.item)
            elif not is_first and len(others) < shared and not left:
                others.append(waiting.item)
            else:
                left.append(waiting)
        self._waiting = left
        return first + others

    def clock_set(self, by_s: float) -> None:
        """The wall clock was set: what waits is as old as before."""
        for waiting in self._waiting:
            waiting.item = moved(waiting.item, by_s)

    def _goes_first(self) -> list[bool]:
        """Of each that waits; from the last to the first, for an emergency takes along what came before it."""
        about: set[str] = set()
        goes_first = []
        for waiting in reversed(self._waiting):
            if waiting.glance is None:
                waiting.glance = self._see(waiting.item)
            goes_first.append(waiting.glance.is_emergency or not about.isdisjoint(waiting.glance.about))
            if goes_first[-1]:
                about |= waiting.glance.about
        return goes_first[::-1]

    def _see(self, item: Item) -> Glance:
        pack = _alarm_pack(item)
        if pack is not None:
            return self._glance(pack.payload)
        return _LATER if _is_ordinary_outcome(item) else _FIRST


def _alarm_pack(item: Item) -> Message | None:
    if not isinstance(item, Message):
        return None
    gateway = topics.parse_gateway(item.topic)
    return item if gateway is not None and gateway.lane is Lane.ALARM else None


def _is_ordinary_outcome(item: Item) -> bool:
    return isinstance(item, Posted) and isinstance(item.body, Outcome) and not item.body.task.urgent


def _early(item: Item) -> Item:
    pack = _alarm_pack(item)
    return item if pack is None else Early(*msgspec.structs.astuple(pack))
