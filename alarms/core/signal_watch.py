"""The rules about one signal: limits, and what a stage makes of the signal before a limit; counts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from alarms.core import calm, judgement
from alarms.core.calm import Calm
from alarms.core.change import Change, changes, fed, moved
from alarms.core.count import Count
from alarms.core.history import History
from alarms.core.implausible import Implausible
from alarms.core.intake import Intake, Samples
from alarms.core.judgement import Judgement
from alarms.core.latch import Flips, Latch
from alarms.core.plan import ELEMENTS, STAGED, Plan
from alarms.core.rules import Rule, RuleType
from alarms.core.saved import Array, matching
from alarms.core.stages import Stages
from ingest.wire.batch import ReadingBatch
from ingest.wire.signals import BY_NAME

_COUNT = ("size", "times", "head", "was")
_PART = 32_768
"""Rows judged at a time: their columns and their devices' slots stay in the processor's cache."""

_REMEMBERING = tuple(type_ for type_ in STAGED if type_ not in calm.TYPES)


class SignalWatch:
    """All slots of a plan, and what stands: a room's rule stands while any of its devices has it raised."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._intake = Intake(plan)
        self._history = History(plan.inputs)
        count = plan.of_type(RuleType.COUNT)
        self._latch = Latch(limit=plan.limit, clear=plan.clear, on_s=plan.on_s, off_s=plan.off_s)
        self._stages = Stages(plan)
        self._implausible = Implausible(plan)
        self._count = Count(
            limit=plan.limit[count], count=plan.count[count], window_s=plan.window_s[count], every=plan.every[count]
        )
        self._level_feed = plan.feed((RuleType.LIMIT, RuleType.DURATION))
        self._count_feed = plan.feed((RuleType.COUNT,))
        self._calm = Calm(plan, (self._level_feed, self._stages.feed(RuleType.OUTSIDE)))
        self._standing: dict[tuple[str, str], int] = {}

    def update(self, batch: ReadingBatch, rows: NDArray[np.int64], device: NDArray[np.int32]) -> list[Change]:
        """The changes that the rows of registered devices cause, by row."""
        found: list[Change] = []
        for part in _parts(device, len(self._plan.devices)):
            for samples in self._intake.rounds(batch, rows[part], device[part]):
                for flips in self._judge(samples):
                    found += changes(flips, samples.row[flips.row].tolist())
        found.sort(key=lambda change: (change.row, change.slot))  # stable: a slot's own changes keep their order
        return found

    def tick(self, now_s: float) -> list[Change]:
        """The changes whose deadline has passed, by their moment."""
        found = [change for flips in self._latch.tick(now_s) for change in changes(flips, flips.row.tolist())]
        found.sort(key=lambda change: (change.at_s, change.slot))
        return found

    def clock_set(self, by_s: float) -> None:
        """The clock of the received times was set; so was that of samples which carry them."""
        self._intake.clock_set(by_s)
        self._latch.clock_set(by_s)
        self._stages.clock_set(by_s)
        self._implausible.clock_set(by_s)
        self._count.clock_set(by_s)

    def told(self, change: Change) -> Judgement | None:
        """What the change means for the rule's subject; None when another slot still holds it, or held it before."""
        plan, slot = self._plan, change.slot
        rule = plan.rules[plan.rule[slot]]
        device = int(plan.device[slot])
        subject = plan.subject(device, rule)
        key = (rule.rule, subject)
        before = self._standing.get(key, 0)
        after = before + (1 if change.raised else -1)
        if after:
            self._standing[key] = after
        else:
            self._standing.pop(key, None)
        if bool(before) == bool(after):
            return None
        return Judgement(
            rule=rule.rule,
            subject=subject,
            device_number=plan.devices[device].number,
            raised=change.raised,
            at_s=change.at_s,
            evidence=self._evidence(change),
        )

    def drawn(self, device: int, signal: str) -> tuple[list[float], list[float]]:
        """The last samples of a device's signal, times and values; empty where no rule reads it."""
        plan = self._plan
        place = int(plan.column[plan.column_base[device] + BY_NAME[signal].number * ELEMENTS])
        return self._history.last(int(plan.first_input[device]) + place) if place >= 0 else ([], [])

    def beside(self, device: int, rule: Rule) -> list[dict[str, Any]]:  # Any: a JSON object
        """The series of a rule's ``beside`` signals: the device's own, or else those of others behind its gateway."""
        plan, found = self._plan, []
        for name in rule.beside:
            place = plan.column[plan.column_base + BY_NAME[name].number * ELEMENTS]
            tells = np.flatnonzero(place >= 0)
            gateway_id = plan.devices[device].gateway_id
            near = [device] if place[device] >= 0 else []
            near += [one for one in tells.tolist() if one != device and plan.devices[one].gateway_id == gateway_id]
            series = [judgement.series_of(name, self.drawn(one, name)) for one in near]
            found += [one for one in series if one["values"]][:1]
        return found

    def standing(self) -> list[tuple[str, str]]:
        """Rule and subject of everything that is raised."""
        return sorted(self._standing)

    def saved_history(self) -> dict[str, Array]:
        """The rings' arrays."""
        return {"inputs": self._plan.input_keys(), **self._history.saved()}

    def restore_history(self, arrays: Mapping[str, Array]) -> None:
        """Take over the rings of the inputs that are still there."""
        self._history.restore(arrays, *matching(self._plan.input_keys(), arrays["inputs"]))

    def saved(self) -> tuple[dict[str, Any], dict[str, Array]]:  # Any: JSON values
        """Facts and arrays to be kept, without the history."""
        plan = self._plan
        keys = plan.slot_keys({rule.rule: number for number, rule in enumerate(plan.rules)})
        arrays: dict[str, Array] = {
            "slots": keys,
            "count.keys": keys[plan.of_type(RuleType.COUNT)],
            "inputs": plan.input_keys(),
            "seen_at": self._intake.seen_at,
            **self._latch.saved("latch"),
            **{f"count.{name}": getattr(self._count, name) for name in _COUNT},
            **self._stages.saved(keys),
            **self._implausible.saved(keys),
        }
        return {"rules": [rule.rule for rule in plan.rules]}, arrays

    def restore(self, facts: Mapping[str, Any], arrays: Mapping[str, Array]) -> None:  # Any: JSON values
        """Take over what fits: the same device and rule, or the same device and signal."""
        numbers = {rule: number for number, rule in enumerate(facts["rules"])}
        strangers = 255  # no saved rule has this number: at most 255 rules are saved
        keys = self._plan.slot_keys({rule.rule: numbers.get(rule.rule, strangers) for rule in self._plan.rules})
        here, there = matching(keys, arrays["slots"])
        self._latch.restore(arrays, "latch", here, there)
        self._calm.settle(np.arange(self._plan.inputs), self._latch.active)
        self._stages.restore(arrays, keys)
        self._implausible.restore(arrays, keys)
        self._restore_counts(arrays, keys)
        here, there = matching(self._plan.input_keys(), arrays["inputs"])
        self._intake.seen_at[here] = arrays["seen_at"][there]
        self._standing = {}
        for slot in np.flatnonzero(self._latch.raised).tolist():
            rule = self._plan.rules[self._plan.rule[slot]]
            key = (rule.rule, self._plan.subject(int(self._plan.device[slot]), rule))
            self._standing[key] = self._standing.get(key, 0) + 1

    def _restore_counts(self, arrays: Mapping[str, Array], keys: NDArray[np.int64]) -> None:
        """Windows whose count was set anew start empty: their parts have lost their meaning."""
        count = self._count
        here, there = matching(keys[self._plan.of_type(RuleType.COUNT)], arrays["count.keys"])
        same = count.size[here] == arrays["count.size"][there]
        depth = min(count.times.shape[1], arrays["count.times"].shape[1])
        count.times[here[same], :depth] = arrays["count.times"][there[same], :depth]
        for name in ("head", "was"):
            getattr(count, name)[here[same]] = arrays[f"count.{name}"][there[same]]

    def nbytes(self) -> int:
        """Bytes of all arrays."""
        kept = (self._intake, self._history, self._latch, self._calm, self._count, self._stages, self._implausible)
        return sum(part.nbytes() for part in (self._plan, *kept, self._level_feed, self._count_feed))

    def _judge(self, samples: Samples) -> list[Flips]:
        """The changes of one round; their ``row`` counts in ``samples``."""
        if samples.repeated.any():
            fresh = ~samples.repeated
            self._history.add(samples.input[fresh], samples.at_s[fresh], samples.value[fresh])
        else:
            self._history.add(samples.input, samples.at_s, samples.value)
        found, samples = self._implausible.judge(samples, self._latch)
        found += self._stages.judge(_REMEMBERING, samples, self._latch)
        awake = self._calm.awake(samples)
        if awake.size:
            found += moved(self._judge_limits(samples.take(awake)), awake)
        own = self._plan.own
        for slot, rows in fed(self._count_feed, samples):
            at_s = samples.at_s[rows]
            until_s = self._count.update(own[slot], at_s, samples.value[rows], samples.repeated[rows])
            found += moved(self._latch.hold(slot, at_s, samples.received_s[rows], until_s), rows)
        return found

    def _judge_limits(self, samples: Samples) -> list[Flips]:
        found = self._stages.judge((RuleType.OUTSIDE,), samples, self._latch)
        for slot, rows in fed(self._level_feed, samples):
            turned = samples.value[rows] * self._plan.sign[slot]
            flips = self._latch.update(slot, samples.at_s[rows], samples.received_s[rows], turned)
            found += moved(flips, rows)
        self._calm.settle(samples.input, self._latch.active)
        return found

    def _evidence(self, change: Change) -> dict[str, Any]:  # Any: a JSON object
        plan, slot = self._plan, change.slot
        rule, wait_s = plan.rules[plan.rule[slot]], float(plan.on_s[slot])
        evidence = judgement.of_samples(
            rule,
            int(plan.element[slot]),
            float(plan.limit[slot]),
            float(plan.window_s[slot]),
            wait_s,
            self._history.last(int(plan.input[slot])),
        )
        self._stages.add_evidence(evidence, change)
        evidence["series"] += self.beside(int(plan.device[slot]), rule)
        return evidence


def _parts(device: NDArray[np.int32], devices: int) -> Iterator[NDArray[np.intp] | slice]:
    """Rows in parts that keep to few devices each; a device's own rows keep their order."""
    size = len(device)
    if size <= _PART:
        yield slice(None)
        return
    order: NDArray[np.intp] | None = None
    if (device[1:] < device[:-1]).any():
        near = (device >> max(0, devices.bit_length() - 16)).astype(np.uint16)  # 16 bits are sorted by their digits
        order = np.argsort(near, kind="stable")
    for start in range(0, size, _PART):
        yield slice(start, start + _PART) if order is None else order[start : start + _PART]
