"""The first five minutes that a newcomer sees: a call, a fall, a kitchen fire and a silent morning."""

from __future__ import annotations

from firmware_sim.day import play_day, press
from firmware_sim.fire import burn, kitchen_fire
from firmware_sim.firmware.wearable import Wearable
from firmware_sim.firmware.zigbee2mqtt import ZigbeeMotion
from firmware_sim.places import NURSING_HOME, QUIET_HOLD_S, QUIET_HOME, SPARE_BELT_HOME
from firmware_sim.scenarios.scenario import HOUR_S, Scenario
from firmware_sim.stage import Stage

CALL_S, FALL_S, FIRE_S, SILENCE_S = 20.0, 70.0, 112.0, 220.0
"""Ignition is a little before the smoke alarm answers, at about 130 s."""

FIRE_SEED = 1
CALLING_ROOM = "204"


def script(stage: Stage) -> None:
    """All homes live an ordinary morning; four things happen in it."""
    home = stage.site(NURSING_HOME)
    button = home.in_room(f"{home.site_id}:{CALLING_ROOM}", "sos_button")
    press(stage, home, button, CALL_S, f"room {CALLING_ROOM}")
    _fall(stage)
    burn(stage, home, f"{home.site_id}:kitchen", kitchen_fire(FIRE_SEED), FIRE_S)
    _silent_morning(stage)
    # One belt stays on its charger, free for a replayed recording.
    spare = stage.site(SPARE_BELT_HOME).only("wearable")[0]
    stage.model(spare, Wearable).worn = False
    for place in stage.places:
        # Nobody moves in the quiet home: a movement would take the silence back.
        if place.site_id != QUIET_HOME:
            for day in range(3):
                start_s = stage.start + 10 if day == 0 else 0.0
                play_day(stage, place, from_s=start_s, until_s=24 * HOUR_S, presses=False, day=day)
    # The ordinary days go on for as long as the homes are kept alive; the scenario ends with its alarms.
    stage.last_cue_at = max(expectation.at_s for expectation in stage.expectations)


def _fall(stage: Stage) -> None:
    home = stage.site(NURSING_HOME)
    belt = home.worn_by(f"{home.site_id}:r107", "wearable")
    stage.cue(FALL_S, belt, Wearable, lambda wearable, now: wearable.fall(now))
    stage.expect("fall in room 107", FALL_S, home, "fall", device=belt, within_s=20.0)


def _silent_morning(stage: Stage) -> None:
    """The last movement ends so that the home's own limit is passed at ``SILENCE_S``."""
    home = stage.site(QUIET_HOME)
    sensor = home.only("motion_sensor")[0]
    model = stage.model(sensor, ZigbeeMotion)
    stage.cue(SILENCE_S - QUIET_HOLD_S - model.hold_s, sensor, ZigbeeMotion, lambda motion, now: motion.move(now))
    # The sensor's clock may be ahead, and Zigbee2MQTT tells whole seconds.
    stage.expect("silent morning", SILENCE_S - 3, home, "inactivity", device=sensor, within_s=18.0)


DEMO = Scenario(name="demo", text="a call, a fall, a kitchen fire and a silent morning", script=script, owned=True)
