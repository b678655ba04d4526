"""A gateway vanishes without a goodbye."""

from __future__ import annotations

from firmware_sim.scenarios.scenario import Scenario
from firmware_sim.stage import GatewayState, Stage

SITE = "demo-home6"
GRACE_S = 20.0


def script(stage: Stage) -> None:
    """The uplink of a private home comes and breaks; one fault of the gateway must come, not one per device."""
    home = stage.site(SITE)
    stage.act(0.5, GatewayState(place=home, online=True))
    stage.act(2.0, GatewayState(place=home, online=False))
    stage.expect("gateway lost", 2.0, home, "fault", subject=f"gateway:{home.gateway_id}", within_s=GRACE_S)


GATEWAY_LOST = Scenario(
    name="gateway_lost",
    text="the gateway of a private home vanishes (played by the simulator itself)",
    script=script,
    owned=False,
    sites=(SITE,),
)
