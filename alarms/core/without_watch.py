"""The rules about two things that belong together, over the devices behind each gateway."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from alarms.core import judgement
from alarms.core.device_slots import DeviceSlots
from alarms.core.intake import Intake, Samples, Sensors, in_rounds
from alarms.core.judgement import Judgement
from alarms.core.latch import Flips
from alarms.core.plan import Plan
from alarms.core.profiles import Profiles
from alarms.core.rules import RuleType, Where
from alarms.core.saved import Array, matching
from alarms.core.signal_watch import SignalWatch
from alarms.core.without import Without
from ingest.wire.batch import ReadingBatch
from ingest.wire.signals import BY_NAME

_SLOTS = ("over", "at_s")


class WithoutWatch:
    """All slots of a plan: a rule at the device whose own signal it judges; the other one may come from any device
    behind the same gateway that a profile of that kind has."""

    def __init__(self, profiles: Profiles, plan: Plan, where: Where, signals: SignalWatch) -> None:
        self._plan = plan
        self._drawn = signals
        names = {device.profile for device in plan.devices}
        rules = {name: profiles.judged(name, RuleType.WITHOUT, where) for name in names}
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
        asked = {name for _, rule in self._slots for name in (rule.signal, str(rule.parameters["other"]))}
        self._signals = sorted(asked, key=lambda name: BY_NAME[name].number)
        kinds = {known.kind for name in names if rules[name] and (known := profiles.profile(name)) is not None}
        tellers = {name for name in names if (known := profiles.profile(name)) is not None and known.kind in kinds}
        gateways = {plan.devices[place].gateway_id for place, _ in self._slots}
        self._places = [
            place
            for place, device in enumerate(plan.devices)
            if device.profile in tellers and device.gateway_id in gateways and not device.out_of_service
        ]
        number = {name: group for group, name in enumerate(sorted(gateways))}
        self._group = np.array([number[plan.devices[place].gateway_id] for place in self._places], np.int64)
        self._lay_out()

    def update(
        self, batch: ReadingBatch, rows: NDArray[np.int64], device: NDArray[np.int32]
    ) -> list[tuple[int, Judgement]]:
        """What the rows of registered devices mean, by row."""
        rows, device = self.sensors.own(rows, device)
        if not rows.size:
            return []
        found: list[tuple[int, Judgement]] = []
        news = self._news(batch, rows, device)
        if news is None or not news.row.size:
            return []
        for part in in_rounds(self._of_group[news.input]):
            row, inputs = news.row[part], news.input[part]
            for flips in self._without.update(inputs, news.at_s[part], news.received_s[part], news.value[part]):
                found += zip(row[flips.row].tolist(), self._judged(flips), strict=True)
        found.sort(key=lambda pair: pair[0])
        return found

    def tick(self, now_s: float) -> list[Judgement]:
        """What has lasted long enough."""
        found = [judged for flips in self._without.latch.tick(now_s) for judged in self._judged(flips)]
        return sorted(found, key=lambda judged: judged.at_s)

    def clock_set(self, by_s: float) -> None:
        """The wall clock was set."""
        self._intake.clock_set(by_s)
        self._without.clock_set(by_s)

    def standing(self) -> list[tuple[str, str]]:
        """Rule and subject of everything that is raised."""
        return self._slots.standing(self._without.latch.raised)

    def saved(self) -> tuple[dict[str, Any], dict[str, Array]]:  # Any: JSON values
        """Facts and arrays to be kept."""
        without = self._without
        return {"without.rules": self._slots.rules}, {
            "without.slots": self._slots.keys(self._slots.rules),
            "without.inputs": self._input_keys,
            "without.seen_at": self._intake.seen_at,
            "without.told": without.told,
            "without.side": without.side,
            **{f"without.{name}": getattr(without, name) for name in _SLOTS},
            **without.latch.saved("without"),
        }

    def restore(self, facts: Mapping[str, Any], arrays: Mapping[str, Array]) -> None:  # Any: JSON values
        """Take over what fits: the same device and rule, or the same device and signal."""
        if "without.slots" not in arrays:
            return  # saved before there were such rules
        without = self._without
        here, there = matching(self._slots.keys(facts["without.rules"]), arrays["without.slots"])
        for name in _SLOTS:
            getattr(without, name)[here] = arrays[f"without.{name}"][there]
        without.latch.restore(arrays, "without", here, there)
        here, there = matching(self._input_keys, arrays["without.inputs"])
        self._intake.seen_at[here] = arrays["without.seen_at"][there]
        without.told[here] = arrays["without.told"][there]
        without.side[here] = arrays["without.side"][there]
        without.count_anew()

    def nbytes(self) -> int:
        """Bytes of all arrays."""
        own = self._group.nbytes + self._hold_s.nbytes
        return own + self._input_keys.nbytes + self._intake.nbytes() + self._without.nbytes()

    def _news(self, batch: ReadingBatch, rows: NDArray[np.int64], device: NDArray[np.int32]) -> Samples | None:
        """The samples that may change something, in the order of their rows."""
        parts = []
        for samples in self._intake.rounds(batch, rows, device):
            kept = np.flatnonzero(self._without.is_news(samples.input, samples.value))
            parts.append(tuple(column[kept] for column in _columns(samples)))
        if not parts:
            return None
        row, inputs, at_s, received_s, value, repeated = (np.concatenate(each) for each in zip(*parts, strict=True))
        order = np.argsort(row, kind="stable")
        return Samples(row[order], inputs[order], at_s[order], received_s[order], value[order], repeated[order])

    def _lay_out(self) -> None:
        plan, width = self._plan, len(self._signals)
        row = {place: number for number, place in enumerate(self._places)}
        column = {name: number for number, name in enumerate(self._signals)}
        parameters = self._slots.given  # but which the other signal is stays the profile's word
        self._limits = [float(given["limit"]) for given in parameters]
        self._hold_s = np.array([float(given["hold_s"]) for given in parameters])
        sign = np.array([-1.0 if given["side"] == "below" else 1.0 for given in parameters])
        limit = np.array(self._limits) * sign
        self._of_group = np.repeat(self._group, width)
        self._without = Without(
            input=np.array([row[place] * width + column[rule.signal] for place, rule in self._slots], np.int64),
            group=np.array([self._group[row[place]] for place, _ in self._slots], np.int64),
            other=np.array([column[str(rule.parameters["other"])] for _, rule in self._slots], np.int64),
            sign=sign,
            limit=limit,
            clear=limit - np.array([float(given["hysteresis"]) for given in parameters]),
            hold_s=self._hold_s,
            of_group=self._of_group,
            signals=max(width, 1),
        )
        self.sensors = Sensors(len(plan.devices), self._places, self._signals)
        self._intake = Intake(self.sensors)
        numbers = np.array([plan.devices[place].number for place in self._places], np.int64)
        signals = np.array([BY_NAME[name].number for name in self._signals], np.int64)
        self._input_keys = (np.repeat(numbers, width) << 16) | np.tile(signals, len(numbers))

    def _judged(self, flips: Flips) -> list[Judgement]:
        found = []
        for slot, raised, at_s in zip(flips.slot.tolist(), flips.raised.tolist(), flips.at_s.tolist(), strict=True):
            place, rule = self._slots[slot]
            limit, hold_s = self._limits[slot], float(self._hold_s[slot])
            found.append(
                self._slots.judgement(
                    slot, raised, at_s, judgement.of_without(rule, limit, hold_s, self._drawn.beside(place, rule))
                )
            )
        return found


def _columns(samples: Samples) -> tuple[Array, ...]:
    return samples.row, samples.input, samples.at_s, samples.received_s, samples.value, samples.repeated
