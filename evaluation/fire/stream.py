"""Recordings through the core that runs at a gateway, as it does it: every row, then the passing of time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from alarms.core.engine import Core, CoreDevice
from alarms.core.profiles import Profiles
from firmware_sim.recordings.fire_test import FireTest, Probe
from ingest.wire.batch import ReadingBatch
from ingest.wire.signals import BY_NAME

START_S = 1_700_000_000.0
SMOKE, HEAT = "smoke_alarm", "heat_alarm"
"""The profile of a probe that measures smoke, and of one that does not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """An alarm: the rule, its kind, the probe whose reading decided, and the row's time on the recording's clock."""

    rule: str
    kind: str
    probe: Probe
    at_s: float


def judge(tests: Sequence[FireTest], profiles: Profiles, *, room_use: str | None = None) -> list[list[Told]]:
    """What was raised in each recording: all of them side by side in one core, as if they began at the same moment.

    Each room is one that the core has never seen. Recordings side by side have the same pace (``paces``), so that time
    passes for each with its own rows only.
    """
    of_device = [(test, probe) for test in range(len(tests)) for probe in tests[test].probes]
    devices = [
        CoreDevice(
            device_id=f"{test}/{probe.name}",
            number=number,
            profile=SMOKE if "obscuration_db_m" in probe.readings else HEAT,
            room_id=f"{test}/{probe.room}",
            room_use=room_use,
        )
        for number, (test, probe) in enumerate(of_device)
    ]
    core = Core(profiles, devices, "gateway")
    found: list[list[Told]] = [[] for _ in tests]
    for batch, now_s in _steps(tests, _readings(tests)):
        for told in [*core.update(batch, now_s), *core.tick(now_s)]:
            rule = profiles.rule(told.rule)
            if not told.raised or told.device_number is None or rule is None:
                continue
            test, probe = of_device[told.device_number]
            at_s = now_s - START_S + float(tests[test].time_s[0])
            if at_s <= tests[test].time_s[-1]:
                found[test].append(Told(rule=told.rule, kind=rule.kind, probe=probe, at_s=at_s))
    return found


def paces(tests: Sequence[FireTest]) -> list[list[FireTest]]:
    """Those of a data set that may be judged side by side; one whose rows are not evenly apart stays alone."""
    groups: dict[object, list[FireTest]] = {}
    for test in tests:
        apart_s = np.unique(np.diff(test.time_s))
        key = (test.dataset, float(apart_s[0])) if len(apart_s) == 1 else (test.dataset, test.name, id(test))
        groups.setdefault(key, []).append(test)
    return list(groups.values())


def _readings(tests: Sequence[FireTest]) -> ReadingBatch:
    """Every reading that was recorded, by time; what is missing is not sent."""
    at_s, value, device, signal = [], [], [], []
    number = 0
    for test in tests:
        for probe in test.probes:
            for name, values in probe.readings.items():
                there = np.flatnonzero(_plausible(name, values))
                at_s.append(START_S + test.time_s[there] - test.time_s[0])
                value.append(values[there])
                device.append(np.full(len(there), number, np.int32))
                signal.append(np.full(len(there), BY_NAME[name].number, np.int16))
            number += 1
    times_s = np.concatenate(at_s)
    order = np.argsort(times_s, kind="stable")
    return ReadingBatch(
        device=np.concatenate(device)[order],
        signal=np.concatenate(signal)[order],
        element=np.zeros(len(order), np.int8),
        observed_s=times_s[order],
        received_s=times_s[order],
        value=np.concatenate(value)[order],
    )


def _plausible(name: str, values: NDArray[np.float64]) -> NDArray[np.bool_]:
    """What an adapter would let pass: within the signal's bounds, so no NaN."""
    signal = BY_NAME[name]
    return (values >= signal.low) & (values <= signal.high)


def _steps(tests: Sequence[FireTest], readings: ReadingBatch) -> Iterator[tuple[ReadingBatch, float]]:
    """The rows of every moment at which a recording has one, also an empty one."""
    moments = np.unique(np.concatenate([START_S + test.time_s - test.time_s[0] for test in tests]))
    ends = np.searchsorted(readings.observed_s, moments, side="right")
    first = 0
    for now_s, end in zip(moments.tolist(), ends.tolist(), strict=True):
        yield readings.take(slice(first, end)), now_s
        first = end
