"""Many circuits at once through the gateway's core: what was judged about each."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from alarms.core.engine import Core, CoreDevice
from alarms.core.profiles import Profiles
from firmware_sim.electrics.scene import Scene
from ingest.wire.batch import ReadingBatch
from ingest.wire.signals import BY_NAME

START = 1_700_000_000.0
LAST_S = 30.0


def judge(profiles: Profiles, scenes: Sequence[Scene]) -> list[list[tuple[str, float]]]:
    """Of each scene the rules that were raised, and when, in seconds from its begin."""
    devices = [
        CoreDevice(device_id=f"c{number}", number=number, profile="meter", thresholds=scene.settings)
        for number, scene in enumerate(scenes)
    ]
    core = Core(profiles, devices, "gateway")
    assert core.problems == []
    parts = [part for number, scene in enumerate(scenes) for part in _columns(number, scene)]
    device, signal, element, at_s, value = (np.concatenate(column) for column in zip(*parts, strict=True))
    order = np.argsort(at_s, kind="stable")
    batch = ReadingBatch(
        device=device[order],
        signal=signal[order],
        element=element[order],
        observed_s=at_s[order],
        received_s=at_s[order],
        value=value[order],
    )
    end_s = float(at_s.max()) + LAST_S
    found = [judged for judged in (*core.update(batch, end_s - LAST_S), *core.tick(end_s)) if judged.raised]
    return [
        [(judged.rule, judged.at_s - START) for judged in found if judged.subject == device.device_id]
        for device in devices
    ]


def _columns(number: int, scene: Scene):
    for (name, element), value in scene.series.items():
        said = ~np.isnan(value)
        many = int(said.sum())
        yield (
            np.full(many, number, np.int32),
            np.full(many, BY_NAME[name].number, np.int16),
            np.full(many, element, np.int8),
            START + scene.at_s[said],
            value[said],
        )
