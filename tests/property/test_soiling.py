"""Dirt in smoke detectors against its slow twin, over any course of smoke, dust and pauses."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alarms.core.engine import Core, CoreDevice
from alarms.core.profiles import load_profiles
from ingest.wire.signals import BY_NAME
from tests.naive_room import NaiveLevel
from tests.property.test_core_twins import batch_of

PROFILES = load_profiles()
SMOKE = BY_NAME["obscuration_db_m"].number
START = 1_700_000_000.0
SHARES = {"smoke_soiled": 0.5, "smoke_untrusted": 1.0}
HOLD_S, HYSTERESIS = 3600.0, 0.2
DEVICE = CoreDevice(
    device_id="d",
    number=1,
    profile="smoke_alarm",
    thresholds={rule: {"share": share, "hold_s": HOLD_S} for rule, share in SHARES.items()},
)
said = st.tuples(
    st.sampled_from([0.0, 1.0, 60.0, 900.0, 900.0, 3600.0, 20_000.0]),  # later than the one before
    st.sampled_from([0.0, 0.02, 0.045, 0.06, 0.07, 0.09, 0.12, 0.6]),
)


@dataclass
class NaiveSoiling:
    """One rule of one detector."""

    limit: float
    clear: float
    level: NaiveLevel = field(default_factory=lambda: NaiveLevel("obscuration_db_m"))
    raised: bool = False
    due: float = math.inf

    def take(self, at: float, value: float) -> list[tuple[bool, float]]:
        found = self.settle(at)
        self.level.take(at, value)
        if self.raised:
            self.due = at if self.level.usual < self.clear else math.inf
        else:
            self.due = min(self.due, at + HOLD_S) if self.level.usual >= self.limit else math.inf
        return found + self.settle(at)

    def settle(self, at: float) -> list[tuple[bool, float]]:
        if self.due > at:
            return []
        due, self.due, self.raised = self.due, math.inf, not self.raised
        return [(self.raised, due)]

    def near(self, value: float) -> bool:
        """So near to a limit that rounding decides."""
        return min(abs(value - self.limit), abs(value - self.clear)) < 1e-9


@settings(max_examples=120, deadline=None)
@given(course=st.lists(said, min_size=5, max_size=60))
def test_dirt_is_seen_as_its_twin_sees_it(course) -> None:
    core = Core(PROFILES, [DEVICE], "gateway")
    twins = {rule: NaiveSoiling(share * 0.1, (share - HYSTERESIS) * 0.1) for rule, share in SHARES.items()}
    at_s = START
    for later_s, value in course:
        at_s += later_s
        judged = core.update(batch_of([(1, SMOKE, 0, at_s, at_s, value)]), at_s)
        found = sorted((one.rule, one.raised, one.at_s) for one in judged if one.rule in SHARES)
        expected = [(rule, *one) for rule, twin in twins.items() for one in twin.take(at_s, value)]
        if any(twin.near(twin.level.usual) and twin.level.usual < 0.1 for twin in twins.values()):
            return
        assert [one[:2] for one in found] == [one[:2] for one in sorted(expected)]
        assert [one[2] for one in found] == pytest.approx([one[2] for one in sorted(expected)])
