"""The mains fail in a private home: what hangs on them falls silent, what has a battery goes on."""

from __future__ import annotations

from firmware_sim.day import press
from firmware_sim.firmware.device import NativeMessage
from firmware_sim.firmware.shelly import ShellyMeter
from firmware_sim.scenarios.scenario import Scenario
from firmware_sim.stage import Break, Stage

SITE = "demo-home2"
CUT_S = 15.0


def script(stage: Stage) -> None:
    """The meter's last will is a fault of the meter; a press in the dark is a call as ever."""
    home = stage.site(SITE)
    meter = home.only("meter")[0]
    stage.cue(CUT_S, meter, ShellyMeter, _cut)
    stage.act(CUT_S, Break(stage.link(meter)))
    stage.expect("electricity meter gone", CUT_S, home, "fault", device=meter, within_s=60.0)
    press(stage, home, home.only("sos_button")[0], CUT_S + 5, "the dark bedroom")


def _cut(meter: ShellyMeter, now: float) -> list[NativeMessage]:
    meter.cut(now)
    return []


POWER_CUT = Scenario(
    name="power_cut",
    text="the mains fail in a private home: its meter is lost, its call button still works",
    script=script,
    owned=True,
    sites=(SITE,),
)
