"""One press of a call button."""

from __future__ import annotations

from firmware_sim.day import press
from firmware_sim.places import NURSING_HOME
from firmware_sim.scenarios.scenario import Scenario
from firmware_sim.stage import Stage

ROOM = 201


def script(stage: Stage) -> None:
    """The button at the bed of room 201."""
    home = stage.site(NURSING_HOME)
    button = home.in_room(f"{home.site_id}:{ROOM}", "sos_button")
    press(stage, home, button, 1.0, f"room {ROOM}")


PRESS = Scenario(
    name="press", text="one press of the call button in room 201", script=script, owned=False, sites=(NURSING_HOME,)
)
