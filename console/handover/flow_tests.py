"""Test flows of sprinklers that did not come, or are due: tasks for whoever takes over, and no alarms."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from alarms.lifecycle import sprinkler
from alarms.lifecycle.alarm import AlarmKind
from console.parts import Parts
from ingest.registry.model import Device, Registry, Window

EVERY = timedelta(days=92)
"""A flow switch is tested each quarter: our own number, for a contract may ask for more."""

KNOWN = timedelta(days=400)
"""How far back test flows are looked for."""

MISSED = timedelta(days=14)
"""So long after its window a test that did not come is a task; then it is for the quarter to say."""

_PROFILES = ("flow_switch", "flow_switch_plain")


class Why(StrEnum):
    """What is to be done about a test."""

    MISSED = "missed"  # it was planned, and no water flowed
    OVERDUE = "overdue"  # the last one is too long ago
    NEVER = "never"  # none is known


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    """Water flowed at a switch; ``is_test``: a person or an announced window has said that it was a test."""

    device_id: str
    at: datetime
    is_test: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowTask:
    """A test that is to be made; ``name`` is the switch's or the window's, ``at`` when it was last, or was planned."""

    why: Why
    name: str
    at: datetime | None


async def read_flows(parts: Parts, site_id: str, now: datetime) -> list[Flow]:
    """What the history knows of flows at a site.

    Raises
    ------
    DatabaseAwayError
        The history cannot be asked now.
    """
    given = {"site_id": site_id, "rules": list(sprinkler.FLOW), "since": now - KNOWN}
    return [Flow(**row) for row in await parts.database.fetch("flows", given)]


def flow_tasks(registry: Registry, site_id: str, flows: Sequence[Flow], now: datetime) -> list[FlowTask]:
    """The tests of a site that are to be made: planned ones first, by their time, then switches by name."""
    switches = [
        device
        for device in registry.devices
        if device.site_id == site_id and device.profile in _PROFILES and not device.out_of_service
    ]
    planned = sorted((one for one in registry.windows if one.site_id == site_id), key=lambda one: one.begins_at)
    missed = [
        FlowTask(why=Why.MISSED, name=window.reason, at=window.begins_at)
        for window in planned
        if _is_lately_over(window, now) and _is_missed(window, _covered(window, switches), flows)
    ]
    return [*missed, *_due(switches, flows, now)]


def _is_lately_over(window: Window, now: datetime) -> bool:
    return AlarmKind.WATER_FLOW in window.kinds and window.ends_at <= now < window.ends_at + MISSED


def _is_missed(window: Window, covered: set[str], flows: Iterable[Flow]) -> bool:
    """Whether no water has flowed in it, nor as a test since."""
    return bool(covered) and not any(
        flow.device_id in covered and flow.at >= window.begins_at and (flow.is_test or flow.at < window.ends_at)
        for flow in flows
    )


def _covered(window: Window, switches: Iterable[Device]) -> set[str]:
    return {
        device.device_id
        for device in switches
        if window.device_id in (None, device.device_id) and window.room_id in (None, device.room_id)
    }


def _due(switches: Iterable[Device], flows: Iterable[Flow], now: datetime) -> list[FlowTask]:
    last: dict[str, datetime] = {}
    for flow in flows:
        if flow.is_test:
            last[flow.device_id] = max(flow.at, last.get(flow.device_id, flow.at))
    found = []
    for device in sorted(switches, key=lambda one: (one.name, one.device_id)):
        at = last.get(device.device_id)
        if at is None or now - at > EVERY:
            why = Why.NEVER if at is None else Why.OVERDUE
            found.append(FlowTask(why=why, name=device.name or device.device_id, at=at))
    return found
