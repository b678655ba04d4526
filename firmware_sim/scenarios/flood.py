"""A flood of calls: every button of the nursing home within seconds, one of them two hundred times."""

from __future__ import annotations

from firmware_sim.day import press
from firmware_sim.firmware.zigbee2mqtt import ZigbeeButton
from firmware_sim.places import NURSING_HOME
from firmware_sim.scenarios.scenario import Scenario
from firmware_sim.stage import Stage

SPREAD_S = 4.0
REPEATS = 200


def script(stage: Stage) -> None:
    """Each button must become a help call of its own; the frantic one stays one alarm."""
    home = stage.site(NURSING_HOME)
    buttons = home.only("sos_button", "pull_cord", "pendant")
    for button, after_s in zip(buttons, stage.rng.uniform(1.0, 1.0 + SPREAD_S, len(buttons)), strict=True):
        press(stage, home, button, float(after_s), button.name)
    for after_s in stage.rng.uniform(1.0, 1.0 + SPREAD_S, REPEATS):
        stage.cue(float(after_s), buttons[0], ZigbeeButton, lambda firmware, now: firmware.press(now))


FLOOD = Scenario(
    name="flood",
    text="every call button of the nursing home within seconds, one of them 200 times",
    script=script,
    owned=False,
    sites=(NURSING_HOME,),
)
