"""The rule about falls: which devices are worn, and what a fall of their wearer means."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from alarms.core import fall_evidence
from alarms.core.falls import Fall, Falls
from alarms.core.judgement import Judgement
from alarms.core.motion.model import shipped
from alarms.core.motion.sensitivity import Sensitivity
from alarms.core.plan import Plan
from alarms.core.profiles import Profiles
from alarms.core.rules import Rule, RuleType, Where
from alarms.core.saved import Array, matching
from alarms.core.thresholds import ThresholdProblem, parameters_of
from ingest.wire.motion import MotionWindow, Placement


class WearerWatch:
    """A plan's wearers, told as judgements. A fall is an event: nothing clears it but a person."""

    def __init__(self, profiles: Profiles, plan: Plan, where: Where) -> None:
        self._plan = plan
        self.problems: list[ThresholdProblem] = []
        self._wearer: dict[int, int] = {}
        self._rules: list[Rule] = []
        self._sensitivity: list[Sensitivity] = []
        numbers = []
        for place, device in enumerate(plan.devices):
            rule = next(iter(profiles.judged(device.profile, RuleType.FALL, where)), None)
            if rule is None or device.out_of_service:
                continue
            given, problems = parameters_of(rule, device.thresholds, device.device_id)
            self.problems += problems
            self._wearer[place] = len(self._rules)
            self._rules.append(rule)
            self._sensitivity.append(Sensitivity(str(given["sensitivity"])))
            numbers.append([float(given[name]) for name in ("turn_deg", "still_g", "still_s")])
        self._places = list(self._wearer)
        self._numbers = np.array([plan.devices[place].number for place in self._places], np.int64)
        limits = {each: [shipped().limit(placement, each) for placement in Placement] for each in Sensitivity}
        turn_deg, still_g, still_s = np.array(numbers).reshape(-1, 3).T
        self._falls = Falls(
            limits=np.array([limits[each] for each in self._sensitivity]).reshape(-1, len(Placement)),
            turn_deg=turn_deg,
            still_g=still_g,
            still_s=still_s,
        )

    def update(self, windows: Sequence[tuple[int, MotionWindow]], now_s: float) -> list[Judgement]:
        """Judge windows of the devices at these places, in their order; those that are no wearer's are passed over."""
        worn = [(self._wearer[place], window) for place, window in windows if place in self._wearer]
        return self._told(self._falls.update(worn, now_s))

    def tick(self, now_s: float) -> list[Judgement]:
        """Judge the passing of time: of a stream that stopped, what there is."""
        return self._told(self._falls.tick(now_s))

    def clock_set(self, by_s: float) -> None:
        """Our clock was set by so many seconds."""
        self._falls.clock_set(by_s)

    def saved(self) -> dict[str, Array]:
        """Arrays to be kept."""
        return {"wearers": self._numbers, **{f"fall.{name}": array for name, array in self._falls.arrays().items()}}

    def restore(self, arrays: Mapping[str, Array]) -> None:
        """Take over the wearers that are still there."""
        here, there = matching(self._numbers, arrays["wearers"])
        for name, array in self._falls.arrays().items():
            array[here] = arrays[f"fall.{name}"][there]

    def nbytes(self) -> int:
        """Bytes of all arrays."""
        return self._falls.nbytes()

    def _told(self, falls: Iterable[Fall]) -> list[Judgement]:
        found = []
        for fall in falls:
            place, rule = self._places[fall.wearer], self._rules[fall.wearer]
            found.append(
                Judgement(
                    rule=rule.rule,
                    subject=self._plan.subject(place, rule),
                    device_number=self._plan.devices[place].number,
                    raised=True,
                    at_s=fall.impact_at,
                    evidence=fall_evidence.of_fall(fall, self._sensitivity[fall.wearer]),
                )
            )
        return found
