"""The rule about falls: which devices are worn, and what a fall of their wearer means."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from alarms.core import judgement
from alarms.core.falls import Falls
from alarms.core.judgement import Judgement
from alarms.core.plan import Plan
from alarms.core.profiles import Profiles
from alarms.core.rules import Rule, RuleType, Where
from alarms.core.saved import Array, matching
from alarms.core.thresholds import ThresholdProblem, parameters_of
from ingest.wire.motion import MotionWindow

_STATE = (
    "blocks", "filled", "rate_hz", "expected_s", "carry", "pending", "reference", "first_impact_s", "since_impact",
)  # fmt: skip


class WearerWatch:
    """A plan's wearers, told as judgements. A fall is an event: nothing clears it but a person."""

    def __init__(self, profiles: Profiles, plan: Plan, where: Where) -> None:
        self._plan = plan
        self.problems: list[ThresholdProblem] = []
        self._wearer: dict[int, int] = {}
        self._rules: list[Rule] = []
        parameters = []
        for place, device in enumerate(plan.devices):
            profile = profiles.profile(device.profile)
            rules = profile.rules if profile is not None and not device.out_of_service else ()
            rule = next((rule for rule in rules if rule.type is RuleType.FALL and rule.where is where), None)
            if rule is None:
                continue
            given, problems = parameters_of(rule, device.thresholds, device.device_id)
            self.problems += problems
            self._wearer[place] = len(self._rules)
            self._rules.append(rule)
            parameters.append(given)
        self._numbers = np.array([plan.devices[place].number for place in self._wearer], np.int64)
        columns = {
            name: np.array([float(given[name]) for given in parameters])
            for name in ("impact_g", "turn_deg", "within_s", "still_g")
        }
        self._impact_g = columns["impact_g"]
        self._falls = Falls(**columns)

    def update(self, place: int, window: MotionWindow, now_s: float) -> list[Judgement]:
        """Judge a window of the device at ``place``; nothing when it is no wearer's."""
        wearer = self._wearer.get(place)
        if wearer is None:
            return []
        start_s = window.start_s
        if start_s > now_s:
            start_s = now_s - len(window.counts) / window.rate_hz
        rule, device = self._rules[wearer], self._plan.devices[place]
        return [
            Judgement(
                rule=rule.rule,
                subject=self._plan.subject(place, rule),
                device_number=device.number,
                raised=True,
                at_s=fall.impact_at,
                evidence=judgement.of_fall(fall, float(self._impact_g[wearer])),
            )
            for fall in self._falls.update(wearer, start_s, window.rate_hz, window.accel_g, now_s)
        ]

    def saved(self) -> dict[str, Array]:
        """Arrays to be kept."""
        return {"wearers": self._numbers, **{f"fall.{name}": getattr(self._falls, name) for name in _STATE}}

    def restore(self, arrays: Mapping[str, Array]) -> None:
        """Take over the wearers that are still there."""
        here, there = matching(self._numbers, arrays["wearers"])
        for name in _STATE:
            getattr(self._falls, name)[here] = arrays[f"fall.{name}"][there]

    def nbytes(self) -> int:
        """Bytes of all arrays."""
        return self._falls.nbytes()
