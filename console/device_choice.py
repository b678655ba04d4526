"""What people choose of a device in words: a parameter of one of its rules, kept in the device's thresholds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from alarms.core.profiles import Profiles
from alarms.core.rules import Rule
from alarms.core.thresholds import parameters_of
from ingest.registry.model import Device, Registry
from ingest.registry.thresholds import thresholds_of

Thresholds = dict[str, dict[str, Any]]  # Any: as Device.thresholds


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceChoice:
    """``parameter`` of ``rule``, one of a few words."""

    rule: str
    parameter: str

    def rule_of(self, profiles: Profiles, profile: str) -> Rule | None:
        """The rule of devices of this profile; None: they are not judged by it."""
        known = profiles.profile(profile)
        return next((rule for rule in known.rules if rule.rule == self.rule), None) if known is not None else None

    def parameters(self, profiles: Profiles, device: Device, registry: Registry) -> Mapping[str, float | str]:
        """All that the device is judged by under this rule; empty: it is not."""
        rule = self.rule_of(profiles, device.profile)
        return {} if rule is None else parameters_of(rule, thresholds_of(device, registry), device.device_id)[0]

    def of(self, profiles: Profiles, device: Device, registry: Registry) -> str:
        """What holds for the device: its own choice, or its room's, its site's, its profile's; empty: there is none."""
        return str(self.parameters(profiles, device, registry).get(self.parameter, ""))

    def choosing(self, thresholds: Thresholds, word: str) -> Thresholds:
        """The device's thresholds with this choice; all others stay."""
        return {**thresholds, self.rule: {**thresholds.get(self.rule, {}), self.parameter: word}}
