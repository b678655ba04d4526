"""The scenarios by name. Each is seeded and names the alarms that it expects."""

from __future__ import annotations

from firmware_sim.scenarios.demo import DEMO
from firmware_sim.scenarios.flood import FLOOD
from firmware_sim.scenarios.gateway_lost import GATEWAY_LOST
from firmware_sim.scenarios.nursing_day import NURSING_DAY
from firmware_sim.scenarios.power_cut import POWER_CUT
from firmware_sim.scenarios.press import PRESS
from firmware_sim.scenarios.scenario import Scenario

SCENARIOS: dict[str, Scenario] = {
    scenario.name: scenario for scenario in (PRESS, DEMO, NURSING_DAY, GATEWAY_LOST, FLOOD, POWER_CUT)
}
