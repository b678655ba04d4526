"""Which devices are worn, how easily each is believed, and what is kept of a fall over a restart."""

from __future__ import annotations

import numpy as np
import pytest

from alarms.core import saved
from alarms.core.engine import Core, CoreDevice, Judgement
from alarms.core.errors import StateError
from alarms.core.motion.model import shipped
from alarms.core.motion.sensitivity import Sensitivity
from alarms.core.profiles import load_profiles
from ingest.wire.motion import Placement
from tests.fall_recordings import fallen
from tests.worn import START, window

PROFILES = load_profiles()
RATE_HZ = 50.0
ACCEL_G = fallen(RATE_HZ)
CUT = round(7 * RATE_HZ)
"""Two seconds after the impact and a little: suspected, and not yet confirmed."""


def worn(number: int, profile: str = "wearable", **given: object) -> CoreDevice:
    return CoreDevice(device_id=f"d{number}", number=number, profile=profile, **given)  # type: ignore[arg-type]


def hear(core: Core, number: int, first: int, last: int | None = None) -> list[Judgement]:
    part = ACCEL_G[first:last]
    start_s = START + first / RATE_HZ
    return core.update_motion([(number, window(part, start_s, RATE_HZ))], start_s + len(part) / RATE_HZ)


def stages(judged: list[Judgement]) -> list[tuple[str, str]]:
    return [(each.subject, each.evidence["stage"]) for each in judged if each.rule == "fall_impact"]


def test_a_fall_is_an_event_of_the_one_who_wears_the_device() -> None:
    core = Core(PROFILES, [worn(3, "meter"), worn(7), worn(9, "pendant")], "platform")
    told = hear(core, 7, 0)
    assert stages(told) == [("d7", "suspected"), ("d7", "confirmed")]
    assert [(each.raised, each.device_number) for each in told] == [(True, 7)] * 2
    assert {each.at_s for each in told} == {told[0].evidence["impact_at_s"]}
    assert stages(hear(core, 9, 0)) == [("d9", "suspected"), ("d9", "confirmed")]


@pytest.mark.parametrize("other", [worn(7, "meter"), worn(7, out_of_service=True), worn(8)])
def test_motion_of_what_is_no_wearers_raises_nothing(other: CoreDevice) -> None:
    assert hear(Core(PROFILES, [other], "platform"), 7, 0) == []


def test_the_gateway_judges_no_falls() -> None:
    assert hear(Core(PROFILES, [worn(7)], "gateway"), 7, 0) == []


@pytest.mark.parametrize("sensitivity", list(Sensitivity))
def test_a_wearers_sensitivity_is_the_limit_that_a_fall_must_reach(sensitivity: Sensitivity) -> None:
    device = worn(7, thresholds={"fall_impact": {"sensitivity": str(sensitivity)}})
    evidence = hear(Core(PROFILES, [device], "platform"), 7, 0)[0].evidence
    limit = shipped().limit(Placement.WAIST, sensitivity)
    assert evidence["sensitivity"] == sensitivity
    assert evidence["threshold"] == pytest.approx(1 / (1 + np.exp(-limit)), abs=1e-3)


def test_a_fall_goes_on_over_a_restart_though_wearers_come_and_go() -> None:
    before = Core(PROFILES, [worn(5), worn(7)], "platform")
    (suspected,) = hear(before, 7, 0, CUT)
    after = Core(PROFILES, [worn(2), worn(7), worn(8)], "platform")
    assert after.restore(before.state(), START + 8) == []
    (confirmed,) = hear(after, 7, CUT)
    assert (suspected.evidence["stage"], confirmed.evidence["stage"]) == ("suspected", "confirmed")
    assert confirmed.at_s == suspected.at_s
    assert confirmed.evidence["stages"][:2] == suspected.evidence["stages"][:2]


def test_a_state_without_wearers_is_refused() -> None:
    core = Core(PROFILES, [worn(7)], "platform")
    facts, arrays = saved.unpack(core.state())
    lacking = {name: array for name, array in arrays.items() if name != "fall.impact"}
    with pytest.raises(StateError):
        core.restore(saved.pack(facts, lacking), START)


def test_a_device_that_sends_only_around_an_impact_is_judged_when_nothing_more_comes() -> None:
    core = Core(PROFILES, [worn(7)], "platform")
    core.tick(START)
    assert hear(core, 7, 0, round(5.9 * RATE_HZ)) == []
    assert stages(core.tick(START + 14)) == []
    assert stages(core.tick(START + 15)) == [("d7", "suspected")]
