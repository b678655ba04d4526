"""Rules about single devices, one slot per device and rule: what they are set to, and what they are called."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from alarms.core.judgement import Judgement
from alarms.core.plan import Plan
from alarms.core.rules import Rule
from alarms.core.thresholds import ThresholdProblem, parameters_of

_STRANGER = 255
"""No saved rule has this number."""


class DeviceSlots:
    """Pairs of a device's place in the plan and a rule, in a fixed order.

    Attributes
    ----------
    given : list of mappings, length n
        Each slot's parameters under its device's thresholds; ``problems`` are those that were refused.
    rules : list of str
        The ids that occur, sorted.
    """

    def __init__(self, plan: Plan, slots: Iterable[tuple[int, Rule]]) -> None:
        self._plan = plan
        self._slots = tuple(slots)
        self.problems: list[ThresholdProblem] = []
        self.given = [self._parameters(place, rule) for place, rule in self._slots]
        self.rules = sorted({rule.rule for _, rule in self._slots})

    def __len__(self) -> int:
        return len(self._slots)

    def __iter__(self) -> Iterator[tuple[int, Rule]]:
        return iter(self._slots)

    def __getitem__(self, slot: int) -> tuple[int, Rule]:
        return self._slots[slot]

    def keys(self, rules: Sequence[str]) -> NDArray[np.int64]:
        """A name for every slot that outlives the layout: device number, and the rule's place in ``rules``."""
        number = {rule: place for place, rule in enumerate(rules)}
        devices = self._plan.devices
        keys = [(devices[place].number << 8) | number.get(rule.rule, _STRANGER) for place, rule in self._slots]
        return np.array(keys, np.int64)

    def standing(self, raised: NDArray[np.bool_]) -> list[tuple[str, str]]:
        """Rule and subject of the slots that are raised, bool, shape (n,)."""
        return sorted(self._named(slot) for slot in np.flatnonzero(raised).tolist())

    def judgement(self, slot: int, raised: bool, at_s: float, evidence: Mapping[str, Any]) -> Judgement:  # Any: JSON
        """A slot's change as others hear of it."""
        rule, subject = self._named(slot)
        return Judgement(
            rule=rule,
            subject=subject,
            device_number=self._plan.devices[self._slots[slot][0]].number,
            raised=raised,
            at_s=at_s,
            evidence=evidence,
        )

    def _named(self, slot: int) -> tuple[str, str]:
        place, rule = self._slots[slot]
        return rule.rule, self._plan.subject(place, rule)

    def _parameters(self, place: int, rule: Rule) -> Mapping[str, float | str]:
        device = self._plan.devices[place]
        given, problems = parameters_of(rule, device.thresholds, device.device_id)
        self.problems += problems
        return given
