"""The rules about doses: what a device's concentration has added up to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from alarms.core.change import fed, moved
from alarms.core.device_slots import DeviceSlots
from alarms.core.dose import POINTS, Dose
from alarms.core.dose_evidence import of_dose
from alarms.core.history import History
from alarms.core.intake import Intake, Sensors
from alarms.core.judgement import Judgement
from alarms.core.latch import Flips
from alarms.core.plan import Feed, Plan
from alarms.core.profiles import Profiles
from alarms.core.rules import RuleType, Where
from alarms.core.saved import Array, matching
from ingest.wire.batch import ReadingBatch
from ingest.wire.signals import BY_NAME


class DoseWatch:
    """A slot per device and rule; an input per device and signal that such a rule reads."""

    def __init__(self, profiles: Profiles, plan: Plan, where: Where) -> None:
        self._plan = plan
        names = {device.profile for device in plan.devices}
        rules = {name: profiles.judged(name, RuleType.DOSE, where) for name in names}
        self._slots = DeviceSlots(
            plan,
            (
                (place, rule)
                for place, device in enumerate(plan.devices)
                if not device.out_of_service
                for rule in rules[device.profile]
            ),
        )
        self.problems = self._slots.problems
        places = sorted({place for place, _ in self._slots})
        signals = sorted({rule.signal for _, rule in self._slots})
        self.sensors = Sensors(len(plan.devices), places, signals)
        self._intake = Intake(self.sensors)
        self._input = np.array(
            [int(self.sensors.first_input[place]) + signals.index(rule.signal) for place, rule in self._slots],
            np.int64,
        )
        self._feed = _feed(self._input, self.sensors.inputs)
        numbers = np.array([plan.devices[place].number for place in places], np.int64)
        codes = np.array([BY_NAME[name].number for name in signals], np.int64)
        self._input_keys = ((numbers[:, np.newaxis] << 16) | codes).ravel()
        self._history = History(self.sensors.inputs)
        self._dose = _dose(self._slots.given)

    def update(
        self, batch: ReadingBatch, rows: NDArray[np.int64], device: NDArray[np.int32]
    ) -> list[tuple[int, Judgement]]:
        """What the rows of registered devices mean, by row."""
        rows, device = self.sensors.own(rows, device)
        found: list[tuple[int, Judgement]] = []
        if not rows.size:
            return found
        for samples in self._intake.rounds(batch, rows, device):
            fresh = ~samples.repeated
            self._history.add(samples.input[fresh], samples.at_s[fresh], samples.value[fresh])
            for slot, fed_rows in fed(self._feed, samples):
                flips = self._dose.update(
                    slot, samples.at_s[fed_rows], samples.received_s[fed_rows], samples.value[fed_rows]
                )
                for one in moved(flips, fed_rows):
                    found += zip(samples.row[one.row].tolist(), self._judged(one), strict=True)
        found.sort(key=lambda pair: pair[0])
        return found

    def tick(self, now_s: float) -> list[Judgement]:
        """The doses that are reached by now."""
        found = [judged for flips in self._dose.latch.tick(now_s) for judged in self._judged(flips)]
        return sorted(found, key=lambda judged: judged.at_s)

    def clock_set(self, by_s: float) -> None:
        """The wall clock was set."""
        self._intake.clock_set(by_s)
        self._dose.clock_set(by_s)

    def standing(self) -> list[tuple[str, str]]:
        """Rule and subject of everything that is raised."""
        return self._slots.standing(self._dose.latch.raised)

    def saved(self) -> tuple[dict[str, Any], dict[str, Array]]:  # Any: JSON values
        """Facts and arrays to be kept."""
        return {"dose.rules": self._slots.rules}, {
            "dose.slots": self._slots.keys(self._slots.rules),
            "dose.inputs": self._input_keys,
            "dose.seen_at": self._intake.seen_at,
            **{f"dose.{name}": getattr(self._dose, name) for name in Dose.STATE},
            **self._dose.latch.saved("dose.latch"),
        }

    def restore(self, facts: Mapping[str, Any], arrays: Mapping[str, Array]) -> None:  # Any: JSON values
        """Take over what fits: the same device and rule, or the same device and signal."""
        if "dose.slots" not in arrays:
            return  # saved before there were such rules
        here, there = matching(self._slots.keys(facts["dose.rules"]), arrays["dose.slots"])
        for name in Dose.STATE:
            getattr(self._dose, name)[here] = arrays[f"dose.{name}"][there]
        self._dose.latch.restore(arrays, "dose.latch", here, there)
        here, there = matching(self._input_keys, arrays["dose.inputs"])
        self._intake.seen_at[here] = arrays["dose.seen_at"][there]

    def nbytes(self) -> int:
        """Bytes of all arrays."""
        own = self._input.nbytes + self._input_keys.nbytes + self._feed.nbytes()
        return own + self._intake.nbytes() + self._history.nbytes() + self._dose.nbytes()

    def _judged(self, flips: Flips) -> list[Judgement]:
        found = []
        for slot, raised, at_s in zip(flips.slot.tolist(), flips.raised.tolist(), flips.at_s.tolist(), strict=True):
            (_, rule), given = self._slots[slot], self._slots.given[slot]
            evidence = of_dose(
                rule,
                given,
                dose=float(self._dose.at(np.array([slot]), np.array([at_s]))[0]),
                at_s=at_s,
                reached_at=self._dose.reached_at(slot),
                samples=self._history.last(int(self._input[slot])),
            )
            found.append(self._slots.judgement(slot, raised, at_s, evidence))
        return found


def _feed(inputs: NDArray[np.int64], size: int) -> Feed:
    """The slots that read each input, in as many layers as one has slots at most."""
    layers: list[NDArray[np.int64]] = []
    taken = np.zeros(size, np.int64)
    for slot, of in enumerate(inputs.tolist()):
        if taken[of] == len(layers):
            layers.append(np.full(size, -1, np.int64))
        layers[taken[of]][of] = slot
        taken[of] += 1
    return Feed(taken > 0, layers)


def _dose(given: Sequence[Mapping[str, float | str]]) -> Dose:
    def column(name: str) -> NDArray[np.float64]:
        return np.array([float(one[name]) for one in given])

    def curve(name: str) -> NDArray[np.float64]:
        return np.stack([column(name.format(point)) for point in range(1, POINTS + 1)], axis=1)

    level = curve("level_{}")
    return Dose(
        level=level,
        after_s=curve("after_{}_s"),
        share=column("share"),
        half_life_s=column("half_life_s"),
        clear=level[:, 0] - column("hysteresis"),
        off_s=column("off_s"),
    )
