"""A seeded day and night of the nursing home: sleep, meals, visits, presses, a night wander."""

from __future__ import annotations

from firmware_sim.day import play_day
from firmware_sim.people import DAY_S
from firmware_sim.places import NURSING_HOME
from firmware_sim.scenarios.scenario import Scenario
from firmware_sim.stage import Stage

WANDERER = "r204"


def script(stage: Stage) -> None:
    """From midnight to midnight; every press is a help call, nothing else may sound."""
    home = stage.site(NURSING_HOME)
    play_day(stage, home, from_s=0, until_s=DAY_S, presses=True, wanderer=f"{home.site_id}:{WANDERER}")


NURSING_DAY = Scenario(
    name="nursing_day",
    text="a day of the nursing home from midnight to midnight, in 24 minutes",
    script=script,
    owned=True,
    sites=(NURSING_HOME,),
    starts_s=0.0,
    speed=60.0,
)
