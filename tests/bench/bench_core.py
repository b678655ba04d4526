"""One tick of the core over half a million signals: a fresh reading of each, and the passing of time."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from alarms.core.engine import Core, CoreDevice
from alarms.core.profiles import Profiles, load_profiles
from alarms.core.rules import Rule, Where
from ingest.wire.batch import ReadingBatch
from ingest.wire.signals import BY_NAME

SIGNALS = 500_000
START_S = 1_700_000_000.0

RULE_SETS: dict[str, tuple[str, tuple[tuple[str, int], ...]]] = {
    "limits": ("plug", (("power_w", 0), ("voltage_v", 0))),
    "meter": (
        "meter",
        (
            ("current_a", 0),
            ("voltage_v", 0),
            ("cable_temp_c", 1),
            ("residual_current_ma", 0),
            ("arc_half_cycles", 0),
        ),
    ),
    "rate": ("heat_alarm", (("temp_c", 0),)),
    "count and duration": ("door_contact", (("contact_open", 0),)),
}
"""Each has its profile and the signals that a device of it sends; the meter is the everyday mix."""


class Crowd:
    """Devices of one or more profiles with ``signals`` readings at each tick."""

    def __init__(self, profiles: Profiles, parts: Sequence[tuple[str, tuple[tuple[str, int], ...], int]]) -> None:
        self._random = np.random.default_rng(7)
        devices: list[CoreDevice] = []
        numbers: list[np.ndarray] = []
        codes: list[np.ndarray] = []
        elements: list[np.ndarray] = []
        for profile, sent, signals in parts:
            first, count = len(devices) + 1, signals // len(sent)
            devices += [
                CoreDevice(device_id=f"d{n}", number=n, profile=profile, gateway_id=f"g{n // 100}")
                for n in range(first, first + count)
            ]
            numbers.append(np.repeat(np.arange(first, first + count, dtype=np.int32), len(sent)))
            codes.append(np.tile(np.array([BY_NAME[name].number for name, _ in sent], np.int16), count))
            elements.append(np.tile(np.array([element for _, element in sent], np.int8), count))
        self.core = Core(profiles, devices, "platform")
        self._numbers, self._codes, self._elements = map(np.concatenate, (numbers, codes, elements))
        self._base = np.zeros(max(BY_NAME[name].number for name in BY_NAME) + 1)
        for name, value in (("voltage_v", 230), ("current_a", 10), ("temp_c", 21), ("cable_temp_c", 35)):
            self._base[BY_NAME[name].number] = value

    def __len__(self) -> int:
        return len(self._numbers)

    def batch(self, now_s: float, mixed: bool) -> ReadingBatch:
        """A reading of every signal: quiet values and about one in ten thousand past its limit."""
        values = self._base[self._codes] + self._random.random(len(self))
        values[self._random.integers(0, len(self), len(self) // 10_000)] = 90
        when = np.full(len(self), now_s)
        batch = ReadingBatch(
            device=self._numbers,
            signal=self._codes,
            element=self._elements,
            observed_s=when - 0.05,
            received_s=when,
            value=values,
        )
        if not mixed:
            return batch
        turn = self._random.permutation(int(self._numbers[-1]) + 1)
        return batch.take(np.argsort(turn[self._numbers], kind="stable"))


def run(signals: int = SIGNALS, rounds: int = 20) -> dict[str, Any]:  # Any: the rows of `anxin bench core --json`
    """Measure every rule set and all of them together."""
    profiles = _in_one_place(load_profiles())
    sets = {name: [(profile, sent, signals)] for name, (profile, sent) in RULE_SETS.items()}
    sets["all"] = [
        ("meter", RULE_SETS["meter"][1], signals * 6 // 10),
        ("plug", RULE_SETS["limits"][1], signals * 2 // 10),
        ("heat_alarm", RULE_SETS["rate"][1], signals // 10),
        ("door_contact", RULE_SETS["count and duration"][1], signals // 10),
    ]
    results = [_measured(name, Crowd(profiles, parts), rounds, mixed=False) for name, parts in sets.items()]
    results.append(_measured("all, devices in random order", Crowd(profiles, sets["all"]), rounds, mixed=True))
    return {"settings": {"signals": signals, "rounds": rounds}, "results": results}


def _in_one_place(profiles: Profiles) -> Profiles:
    """The same rules, all judged by one core: in the product the gateway's are judged at the gateway."""

    def moved(rules: Iterable[Rule]) -> tuple[Rule, ...]:
        return tuple(replace(r, where=Where.PLATFORM) if r.where is Where.GATEWAY else r for r in rules)

    listed = [profile for name in profiles.names if (profile := profiles.profile(name)) is not None]
    return Profiles(
        {profile.name: replace(profile, rules=moved(profile.rules)) for profile in listed},
        {rule.rule: rule for rule in moved(profiles.rules)},
        moved(profiles.every),
    )


def _measured(name: str, crowd: Crowd, rounds: int, mixed: bool) -> dict[str, Any]:  # Any: a row
    taken_ms, alone_ms, judged, core = [], [], 0, crowd.core
    for number in range(rounds + 3):
        now_s = START_S + number
        batch = crowd.batch(now_s, mixed)
        begin = time.perf_counter()
        judged += len(core.update(batch, now_s))
        middle = time.perf_counter()
        judged += len(core.tick(now_s + 0.5))
        end = time.perf_counter()
        if number >= 3:
            taken_ms.append((end - begin) * 1000)
            alone_ms.append((end - middle) * 1000)
    return {
        "rules": f"{name} ({len(core.rules)} rules)",
        "signals": len(crowd),
        "tick_ms_median": round(float(np.median(taken_ms)), 1),
        "tick_ms_p99": round(float(np.percentile(taken_ms, 99)), 1),
        "tick_ms_min": round(float(np.min(taken_ms)), 1),
        "no_readings_ms_median": round(float(np.median(alone_ms)), 2),
        "bytes_per_signal": round(core.nbytes() / len(crowd)),
        "judgements": judged,
    }
