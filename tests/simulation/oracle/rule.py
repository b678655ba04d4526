"""What a rule of the oracle is told, and how it says that a promise was broken."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from alarms.journal.records import Entry
from alarms.lifecycle.alarm import Alarm
from alarms.lifecycle.policy import Policy
from alarms.notify.dispatcher import Task
from gateway.packing import Datum
from ingest.mqtt import Message
from ingest.registry.model import Registry

if TYPE_CHECKING:
    from tests.simulation.oracle.oracle import Oracle


class BrokenError(BaseException):
    """A promise was broken; the program under test must not be able to catch it."""

    def __init__(self, promise: str, text: str) -> None:
        super().__init__(f"{promise}: {text}")
        self.promise = promise
        self.text = text


class Subject(Protocol):
    """What the oracle may ask about the program under test."""

    running: bool
    alive_since_s: float
    writable: bool
    writable_since_s: float
    connected_since_s: float | None
    lives: int
    registry: Registry

    def now(self) -> datetime:
        """The program's own clock."""
        ...

    def policy_of(self, alarm: Alarm) -> Policy:
        """How the alarm is escalated."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """A provider has taken a message; ``told`` says whether the program will hear that it did."""

    key: str
    alarm_id: str
    life: int
    told: bool


class Rule:
    """One promise. A rule overrides what it wants to be told of; all of it happens on true time."""

    promise = ""

    def __init__(self, oracle: Oracle) -> None:
        self.oracle = oracle

    def fail(self, text: str) -> None:
        """The promise is broken.

        Raises
        ------
        BrokenError
            Always.
        """
        raise BrokenError(self.promise, text)

    def entry(self, entry: Entry, before: Alarm | None) -> None:
        """A line of the log was committed; ``before`` is the alarm's state until then."""

    def committed(self, entries: Sequence[Entry]) -> None:
        """All lines of one commit, after each was told by itself."""

    def publishing(self, topic: str, payload: bytes, *, retain: bool) -> None:
        """The program is about to publish."""

    def taken(self, messages: Sequence[Message]) -> None:
        """The program has read these."""

    def acknowledging(self, messages: Sequence[Message]) -> None:
        """The program is about to tell the broker that it has these."""

    def submitting(self, task: Task) -> None:
        """The program is about to hand a message to a channel."""

    def delivered(self, delivery: Delivery) -> None:
        """A provider has taken a message."""

    def spooled(self, gateway_id: str, boot: str, seq: int, data: Sequence[Datum]) -> None:
        """A gateway holds a pack."""

    def spool_lost(self, gateway_id: str, boot: str) -> None:
        """A gateway has lost its spool."""

    def released(self, gateway_id: str, boot: str, seq: int) -> None:
        """A gateway has let go of its packs up to ``seq``."""

    def looked(self, now_s: float) -> None:
        """The program is about to wait, or has just waited."""

    def next_due_s(self) -> float:
        """When the rule expects the program to do something by itself."""
        return float("inf")

    def quiet(self) -> None:
        """Nothing is under way, and everything has been mended for a while."""
