"""The rules about smoke detectors that need cleaning."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from alarms.core.device_slots import DeviceSlots
from alarms.core.fire.channels import CHANNELS, SMOKE
from alarms.core.fire.levels import Levels
from alarms.core.fire.soiling import Soiling
from alarms.core.fire_evidence import of_soiling
from alarms.core.history import History
from alarms.core.intake import Samples
from alarms.core.judgement import Judgement
from alarms.core.latch import Flips
from alarms.core.plan import Plan
from alarms.core.profiles import Profiles
from alarms.core.rules import RuleType, Where
from alarms.core.saved import Array, matching


class SoilingWatch:
    """A slot per detector of the fire watch and rule; ``places`` are its detectors' among the plan's devices."""

    def __init__(
        self,
        profiles: Profiles,
        plan: Plan,
        where: Where,
        places: NDArray[np.int64],
        levels: Levels,
        history: History,
    ) -> None:
        self._plan, self._places, self._levels, self._history = plan, places, levels, history
        names = {device.profile for device in plan.devices}
        rules = {name: profiles.judged(name, RuleType.SOILING, where) for name in names}
        found = [
            (sensor, place, rule)
            for sensor, place in enumerate(places.tolist())
            for rule in rules[plan.devices[place].profile]
        ]
        self._slots = DeviceSlots(plan, ((place, rule) for _, place, rule in found))
        self.problems = self._slots.problems

        def column(name: str) -> NDArray[np.float64]:
            return np.array([float(one[name]) for one in self._slots.given])

        self._soiling = Soiling(
            sensor=np.array([sensor for sensor, _, _ in found], np.int64),
            sensors=len(places),
            share=column("share"),
            hysteresis=column("hysteresis"),
            hold_s=column("hold_s"),
        )

    def update(self, samples: Samples) -> list[tuple[int, Judgement]]:
        """What the samples mean whose levels were just learned, by row."""
        smoky = np.flatnonzero(samples.input % len(CHANNELS) == SMOKE)
        row = samples.input[smoky]
        flips = self._soiling.update(
            row // len(CHANNELS), samples.at_s[smoky], samples.received_s[smoky], self._levels.usual[row]
        )
        return [
            pair for one in flips for pair in zip(samples.row[smoky[one.row]].tolist(), self._judged(one), strict=True)
        ]

    def tick(self, now_s: float) -> list[Judgement]:
        """The changes whose deadline has passed."""
        return [judged for flips in self._soiling.latch.tick(now_s) for judged in self._judged(flips)]

    def clock_set(self, by_s: float) -> None:
        """The wall clock was set."""
        self._soiling.latch.clock_set(by_s)

    def standing(self) -> list[tuple[str, str]]:
        """Rule and subject of everything that is raised."""
        return self._slots.standing(self._soiling.latch.raised)

    def saved(self) -> tuple[dict[str, Any], dict[str, Array]]:  # Any: JSON values
        """Facts and arrays to be kept."""
        keys = self._slots.keys(self._slots.rules)
        return {"soiling.rules": self._slots.rules}, {"soiling.slots": keys, **self._soiling.latch.saved("soiling")}

    def restore(self, facts: Mapping[str, Any], arrays: Mapping[str, Array]) -> None:  # Any: JSON values
        """Take over the detectors and rules that are still there."""
        if "soiling.slots" not in arrays:
            return  # saved before there were such rules
        here, there = matching(self._slots.keys(facts["soiling.rules"]), arrays["soiling.slots"])
        self._soiling.latch.restore(arrays, "soiling", here, there)

    def nbytes(self) -> int:
        """Bytes of all arrays."""
        return self._soiling.nbytes()

    def _judged(self, flips: Flips) -> list[Judgement]:
        found = []
        for slot, raised, at_s in zip(flips.slot.tolist(), flips.raised.tolist(), flips.at_s.tolist(), strict=True):
            sensor = int(self._soiling.sensor[slot])
            row = sensor * len(CHANNELS) + SMOKE
            usual, limit = float(self._levels.usual[row]), float(self._soiling.limit[slot])
            found.append(self._slots.judgement(slot, raised, at_s, of_soiling(usual, limit, self._history.last(row))))
        return found
