"""The rule about silence: every device against its profile's heartbeat, a gateway's devices as one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from alarms.core import judgement
from alarms.core.judgement import Judgement
from alarms.core.plan import CoreDevice, Plan
from alarms.core.profiles import Profiles
from alarms.core.rules import Rule, RuleType, Where
from alarms.core.saved import Array, matching
from alarms.core.supervision import Silence, Supervision
from alarms.core.thresholds import ThresholdProblem, parameters_of

GATEWAY_SILENT = "gateway_silent"


class DeviceWatch:
    """Supervision of a plan's devices, told as judgements; where no silence is judged everybody is unsupervised."""

    def __init__(self, profiles: Profiles, plan: Plan, where: Where) -> None:
        self._plan = plan
        self.problems: list[ThresholdProblem] = []
        self._rules: list[Rule | None] = []
        heartbeat_s = np.full(len(plan.devices), np.inf)
        self._period_s = np.full(len(plan.devices), np.inf)
        silent = {name: _silent_rule(profiles, name, where) for name in {device.profile for device in plan.devices}}
        for place, device in enumerate(plan.devices):
            rule = silent[device.profile]
            self._rules.append(rule)
            profile = profiles.profile(device.profile)
            if rule is None or profile is None or device.out_of_service:
                continue
            heartbeat_s[place], self._period_s[place] = self._periods(rule, device, profile.heartbeat_s)
        self.supervision = Supervision(
            heartbeat_s=heartbeat_s, period_s=self._period_s, gateways=[device.gateway_id for device in plan.devices]
        )

    def told(self, change: Silence) -> Judgement:
        """What a silence or its end means."""
        supervision = self.supervision
        if change.is_gateway:
            own = supervision.gateway == change.index
            heard_at, period_s = float(supervision.gateway_heard_at[change.index]), float(self._period_s[own].min())
        else:
            heard_at, period_s = float(supervision.heard_at[change.index]), float(self._period_s[change.index])
        rule, subject = self._named(change.index, is_gateway=change.is_gateway)
        return Judgement(
            rule=rule,
            subject=subject,
            device_number=None if change.is_gateway else self._plan.devices[change.index].number,
            raised=change.raised,
            at_s=change.at_s,
            evidence=judgement.of_silence(
                heard_at if np.isfinite(heard_at) else None, period_s, gateway=change.is_gateway
            )
            if change.raised
            else {},
        )

    def standing(self) -> list[tuple[str, str]]:
        """Rule and subject of everything that is silent."""
        supervision = self.supervision
        return [
            *(self._named(place, is_gateway=False) for place in np.flatnonzero(supervision.raised).tolist()),
            *(self._named(place, is_gateway=True) for place in np.flatnonzero(supervision.gateway_raised).tolist()),
        ]

    def saved(self) -> tuple[dict[str, Any], dict[str, Array]]:  # Any: JSON values
        """Facts and arrays to be kept."""
        supervision = self.supervision
        return {"gateways": supervision.gateway_ids}, {
            "devices": np.array([device.number for device in self._plan.devices], np.int64),
            "device.heard_at": supervision.heard_at,
            "device.since_at": supervision.since_at,
            "device.raised": supervision.raised,
            "gateway.heard_at": supervision.gateway_heard_at,
            "gateway.raised": supervision.gateway_raised,
            "gateway.resume_at": supervision.resume_at,
        }

    def restore(self, facts: Mapping[str, Any], arrays: Mapping[str, Array]) -> None:  # Any: JSON values
        """Take over the devices and gateways that are still there."""
        supervision = self.supervision
        numbers = np.array([device.number for device in self._plan.devices], np.int64)
        here, there = matching(numbers, arrays["devices"])
        supervision.heard_at[here] = arrays["device.heard_at"][there]
        supervision.since_at[here] = arrays["device.since_at"][there]
        supervision.raised[here] = arrays["device.raised"][there] & np.isfinite(self._period_s[here])
        places = {gateway_id: place for place, gateway_id in enumerate(supervision.gateway_ids)}
        for old, gateway_id in enumerate(facts["gateways"]):
            place = places.get(gateway_id)
            if place is not None:
                supervision.gateway_heard_at[place] = arrays["gateway.heard_at"][old]
                supervision.gateway_raised[place] = arrays["gateway.raised"][old]
                supervision.resume_at[place] = arrays["gateway.resume_at"][old]

    def _named(self, index: int, *, is_gateway: bool) -> tuple[str, str]:
        if is_gateway:
            return GATEWAY_SILENT, f"gateway:{self.supervision.gateway_ids[index]}"
        rule = self._rules[index]
        assert rule is not None  # only supervised devices fall silent
        return rule.rule, self._plan.subject(index, rule)

    def _periods(self, rule: Rule, device: CoreDevice, heartbeat_s: float | None) -> tuple[float, float]:
        """Heartbeat and longest silence in seconds."""
        parameters, problems = parameters_of(rule, device.thresholds, device.device_id)
        self.problems += problems
        heartbeat = float(parameters["heartbeat_s"]) or heartbeat_s
        if heartbeat is None:
            return np.inf, np.inf
        return heartbeat, heartbeat * float(parameters["missed"]) + float(parameters["grace_s"])


def _silent_rule(profiles: Profiles, name: str, where: Where) -> Rule | None:
    found = profiles.judged(name, RuleType.SILENT, where)
    return next((rule for rule in found if rule.rule != GATEWAY_SILENT), None)
