"""The figures of recordings: a row for each (docs/fire.md)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from evaluation.fire.stream import Told
from firmware_sim.recordings.fire_test import FireTest, Probe

FIRE = "fire"
FUSED = "room_fire"
SMOKE = ("smoke_dense",)
HEAT = ("heat_high", "heat_rise")
REACH_C = 57.0
IN_TIME_S = 10.0

NOISY_C = 3.0
"""A thermocouple whose rows before ignition differ by so much in the mean is broken: those of the others do by 0.1."""

PHOTOELECTRIC = "Pho"

Row = dict[str, Any]  # Any: a JSON object


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """A recording and the fire alarms in it. All times are on the recording's own clock."""

    test: FireTest
    alarms: tuple[Told, ...]

    @classmethod
    def of(cls, test: FireTest, told: Sequence[Told]) -> Outcome:
        return cls(test=test, alarms=tuple(one for one in told if one.kind == FIRE))

    def first_s(self, *rules: str) -> float | None:
        """The first alarm at or after ignition; of any rule where none is named."""
        return min((one.at_s for one in self._real() if not rules or one.rule in rules), default=None)

    @property
    def false(self) -> tuple[Told, ...]:
        """Alarms before ignition, or where nothing burns."""
        if not self.test.burns:
            return self.alarms
        return tuple(one for one in self.alarms if one.at_s < self._from_s)

    @property
    def reach_57c_s(self) -> float | None:
        """When the first sound thermocouple reads so much, from ignition on."""
        probes = [probe for probe in self.test.probes if "temp_c" in probe.readings and probe.name not in self.noisy]
        temp_c = [probe.readings["temp_c"] for probe in probes]
        if not temp_c or not self.test.burns:
            return None
        there = (np.array(temp_c) >= REACH_C).any(axis=0) & (self.test.time_s >= self._from_s)
        return float(self.test.time_s[there.argmax()]) if there.any() else None

    @property
    def recorded_s(self) -> tuple[float | None, float | None]:
        """Of the alarms that were there: the first photoelectric one, the median of all."""
        times_s = [at_s for _, at_s in self.test.alarms]
        photoelectric_s = [at_s for name, at_s in self.test.alarms if name.startswith(PHOTOELECTRIC)]
        return min(photoelectric_s, default=None), float(np.median(times_s)) if times_s else None

    @property
    def heat_in_time(self) -> bool | None:
        """None where 57 degC is never reached."""
        reach_s, heat_s = self.reach_57c_s, self.first_s(*HEAT)
        return None if reach_s is None else heat_s is not None and heat_s <= reach_s + IN_TIME_S

    @property
    def fused_in_time(self) -> bool | None:
        """None where no alarms were recorded."""
        photoelectric_s, median_s = self.recorded_s
        fused_s = self.first_s(FUSED)
        if photoelectric_s is None or median_s is None:
            return None
        return fused_s is not None and fused_s <= photoelectric_s + IN_TIME_S and fused_s < median_s

    @property
    def noisy(self) -> tuple[str, ...]:
        """The broken thermocouples, by their places."""
        return tuple(probe.name for probe in self.test.probes if self._is_noisy(probe))

    @property
    def row(self) -> Row:
        """The row of ``--json``."""
        photoelectric_s, median_s = self.recorded_s
        return {
            "dataset": self.test.dataset,
            "experiment": self.test.name,
            "ignition_s": self.test.ignition_s,
            "fused_alarm_s": self.first_s(FUSED),
            "heat_alarm_s": self.first_s(*HEAT),
            "reach_57c_s": self.reach_57c_s,
            "first_photoelectric_recorded_s": photoelectric_s,
            "median_recorded_s": median_s,
            "false_alarms": len(self.false),
            "hours": round(self.test.hours, 4),
            "smoke_alarm_s": self.first_s(*SMOKE),
            "any_alarm_s": self.first_s(),
            "fused_delay_s": self._delay_s(self.first_s(FUSED)),
            "heat_delay_s": self._delay_s(self.first_s(*HEAT)),
            "smoke_delay_s": self._delay_s(self.first_s(*SMOKE)),
            "any_delay_s": self._delay_s(self.first_s()),
            "heat_in_time": self.heat_in_time,
            "fused_in_time": self.fused_in_time,
            "delay_s_by_detector": self._by_detector(),
            "alarms_by_rule": dict(Counter(one.rule for one in self.alarms)),
            "noisy_detectors": list(self.noisy),
            "false_alarms_of_noisy": sum(one.probe.name in self.noisy for one in self.false),
            "burns": self.test.burns,
        }

    @property
    def _from_s(self) -> float:
        return -np.inf if self.test.ignition_s is None else self.test.ignition_s

    def _real(self) -> list[Told]:
        """From ignition on; what a broken thermocouple says tells nothing about a fire."""
        real = [one for one in self.alarms if self.test.burns and one.at_s >= self._from_s]
        return [one for one in real if one.probe.name not in self.noisy]

    def _delay_s(self, at_s: float | None) -> float | None:
        if at_s is None or self.test.ignition_s is None:
            return None
        return round(at_s - self.test.ignition_s, 1)

    def _by_detector(self) -> dict[str, dict[str, float | None]]:
        """Of every detector (its room, for the fused judgement) the first alarm of each rule, after ignition."""
        first: dict[str, dict[str, float | None]] = {}
        for one in self._real():
            of = one.probe.room if one.rule == FUSED else one.probe.name
            first.setdefault(of, {}).setdefault(one.rule, self._delay_s(one.at_s))
        return first

    def _is_noisy(self, probe: Probe) -> bool:
        before = self.test.time_s < (self.test.ignition_s or 0.0)
        temp_c = probe.readings.get("temp_c")
        if temp_c is None or before.sum() < 2:
            return False
        steps = np.abs(np.diff(temp_c[before]))
        return bool(np.isfinite(steps).any() and np.nanmean(steps) > NOISY_C)
