"""What the journal gives back: sends that are due, entries of the log."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from alarms.lifecycle.alarm import Alarm


@dataclass(frozen=True, slots=True, kw_only=True)
class Send:
    """One message to one target over one channel; ``send_key`` is the same for every attempt.

    ``place`` tells which of the target's channels it is, from 0; at ``hand_over_s`` the next one takes over.
    """

    send_key: str
    alarm_id: str
    step: int
    round: int
    target: str
    channel: str
    address: str
    reason: str
    urgent: bool
    due_s: float
    attempts: int = 0
    place: int = 0
    hand_over_s: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One line of the log; ``state`` is the alarm after it, None for lines about sends."""

    log_id: int
    alarm_id: str
    version: int
    at_s: float
    event: str
    by: str
    detail: dict[str, Any]  # Any: a JSON object
    state: Alarm | None


@dataclass(frozen=True, slots=True, kw_only=True)
class GatewayState:
    """What a gateway last said of itself; ``lost_s`` is when its silence becomes a fault."""

    gateway_id: str
    boot: str
    state: str
    at_s: float
    lost_s: float | None = None
