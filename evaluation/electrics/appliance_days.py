"""Days of single appliances through the core that runs at a gateway: no alarm of electricity may come of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from alarms.core.engine import Core, CoreDevice
from alarms.core.judgement import Judgement
from alarms.core.profiles import Profiles
from firmware_sim.recordings.tracebase import STEP_S, ApplianceDay
from ingest.wire.batch import ReadingBatch
from ingest.wire.signals import BY_NAME

START_S = 1_700_000_000.0
VOLTS = 230.0
"""The recordings are from Germany and tell watts only: current is watts over this, the power factor taken as 1."""

RATED_A = 16.0
"""The breaker of a German socket's circuit."""

_SIGNALS = np.array([BY_NAME[name].number for name in ("power_w", "current_a", "voltage_v")], np.int16)
_SETTINGS = {"overload": {"rated": RATED_A}, "plug_overload": {"rated": RATED_A * VOLTS}}


@dataclass(frozen=True, slots=True, kw_only=True)
class DayJudged:
    """An appliance's day and what was raised, at the gateway and at the platform: a meter and a plug watched it."""

    day: ApplianceDay
    raised: tuple[Judgement, ...]
    hours: float


def judge(days: Sequence[ApplianceDay], profiles: Profiles) -> list[DayJudged]:
    """Every day in its order, all of them step by step; each has a meter and a plug of its own, never seen before."""
    devices = [
        CoreDevice(device_id=f"{profile}{place}", number=2 * place + which, profile=profile, thresholds=_SETTINGS)
        for place in range(len(days))
        for which, profile in enumerate(("meter", "plug"))
    ]
    cores = (Core(profiles, devices, "gateway"), Core(profiles, devices, "platform"))
    watts = np.array([day.watts for day in days])
    raised: list[list[Judgement]] = [[] for _ in days]
    for step in range(watts.shape[1]):
        batch, now_s = _reports(watts[:, step], step), START_S + step * STEP_S
        for core in cores:
            for found in core.update(batch, now_s):
                if found.raised and found.device_number is not None:
                    raised[found.device_number // 2].append(found)
    hours = np.isfinite(watts).sum(axis=1) * STEP_S / 3600
    return [
        DayJudged(day=day, raised=tuple(told), hours=float(lasted))
        for day, told, lasted in zip(days, raised, hours, strict=True)
    ]


def _reports(watts: NDArray[np.float64], step: int) -> ReadingBatch:
    """What the meters and plugs report at one step: power, current and voltage."""
    place = np.flatnonzero(np.isfinite(watts))
    power = watts[place]
    values = np.stack([power, power / VOLTS, np.full(len(power), VOLTS)], axis=1)
    numbers = np.repeat(np.stack([2 * place, 2 * place + 1], axis=1), len(_SIGNALS), axis=1)
    count = numbers.size
    return ReadingBatch(
        device=numbers.ravel().astype(np.int32),
        signal=np.tile(_SIGNALS, 2 * len(power)),
        element=np.zeros(count, np.int8),
        observed_s=np.full(count, START_S + step * STEP_S),
        received_s=np.full(count, START_S + step * STEP_S),
        value=np.tile(values, (1, 2)).ravel(),
    )
