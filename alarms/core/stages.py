"""The stages of a plan: for each type of rule that has one, its slots, and the readings that go to them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from alarms.core import judgement, stage
from alarms.core.bed_left import BedLeft
from alarms.core.change import Change, fed, moved
from alarms.core.electrical_evidence import of_leakage, of_outside, of_overload
from alarms.core.frozen import Frozen
from alarms.core.intake import Samples
from alarms.core.latch import Flips, Latch
from alarms.core.leakage import Leakage
from alarms.core.outside import Outside
from alarms.core.overload import Overload
from alarms.core.plan import STAGED, Feed, Plan
from alarms.core.rate import Rate
from alarms.core.rules import RuleType
from alarms.core.saved import Array
from alarms.core.stage import Stage


class Stages:
    """Samples through their stages to the latch, and what a stage knows to the evidence."""

    def __init__(self, plan: Plan) -> None:
        def rows(type_: RuleType) -> NDArray[np.intp]:
            return plan.of_type(type_)

        self._plan = plan
        self._overload = Overload(
            rated=plan.norm[rows(RuleType.OVERLOAD)], tau_s=plan.window_s[rows(RuleType.OVERLOAD)]
        )
        leak = rows(RuleType.LEAKAGE)
        self._leakage = Leakage(setting=plan.norm[leak], rise=plan.limit[leak], clear=plan.clear[leak])
        rate = rows(RuleType.RATE)
        self._stages: dict[RuleType, Stage] = {
            RuleType.RATE: Rate(sign=plan.sign[rate], window_s=plan.window_s[rate]),
            RuleType.BED_LEFT: BedLeft(nights=plan.nights, hold_s=plan.on_s[rows(RuleType.BED_LEFT)]),
            RuleType.OVERLOAD: self._overload,
            RuleType.LEAKAGE: self._leakage,
            RuleType.FROZEN: Frozen(len(rows(RuleType.FROZEN))),
            RuleType.OUTSIDE: Outside(middle=plan.norm[rows(RuleType.OUTSIDE)]),
        }
        self._feeds = {type_: plan.feed((type_,)) for type_ in STAGED}

    def feed(self, type_: RuleType) -> Feed:
        """The slots that the readings of such rules go to."""
        return self._feeds[type_]

    def judge(self, types: Iterable[RuleType], samples: Samples, latch: Latch) -> list[Flips]:
        """The changes of one round for rules of ``types``; their ``row`` counts in ``samples``."""
        found: list[Flips] = []
        for type_ in types:
            for slot, rows in fed(self._feeds[type_], samples):
                at_s = samples.at_s[rows]
                turned = self._stages[type_].update(self._plan.own[slot], at_s, samples.value[rows])
                found += moved(latch.update(slot, at_s, samples.received_s[rows], turned), rows)
        return found

    def add_evidence(self, evidence: dict[str, Any], change: Change) -> None:  # Any: a JSON object
        """What the stage knows beyond the samples."""
        plan, slot = self._plan, change.slot
        rule, own = plan.rules[plan.rule[slot]], int(plan.own[slot])
        limit, norm, wait_s = float(plan.limit[slot]), float(plan.norm[slot]), float(plan.on_s[slot])
        match rule.type:
            case RuleType.BED_LEFT:
                shown = plan.nights.shown(own, change.at_s - wait_s * change.raised)
                evidence |= judgement.bed_texts(shown, wait_s, left=change.raised)
            case RuleType.OVERLOAD:
                of_overload(evidence, rule, rated=norm, heat=float(self._overload.heat[own]) / limit)
            case RuleType.LEAKAGE:
                of_leakage(evidence, rule, natural_ma=self._leakage.known_ma(own), rise_ma=limit, setting_ma=norm)
            case RuleType.OUTSIDE:
                of_outside(evidence, rule, low=norm - limit, high=norm + limit, wait_s=wait_s)
            case _:
                pass

    def clock_set(self, by_s: float) -> None:
        """The clock of the samples was set."""
        for one in self._stages.values():
            one.clock_set(by_s)

    def saved(self, keys: NDArray[np.int64]) -> dict[str, Array]:
        """The arrays to be kept; ``keys`` name all slots of the plan."""
        found: dict[str, Array] = {}
        for type_, one in self._stages.items():
            found |= stage.saved(type_, one, keys[self._plan.of_type(type_)])
        return found

    def restore(self, arrays: Mapping[str, Array], keys: NDArray[np.int64]) -> None:
        """Take over what is still there."""
        for type_, one in self._stages.items():
            stage.restore(type_, one, keys[self._plan.of_type(type_)], arrays)

    def nbytes(self) -> int:
        """Bytes of all arrays."""
        feeds = sum(feed.nbytes() for feed in self._feeds.values())
        return feeds + sum(one.nbytes() for one in self._stages.values())
