"""The first five minutes that a newcomer sees: a call, a fall, a kitchen fire, a silent morning, a cooker left on."""

from __future__ import annotations

from firmware_sim.day import DOOR_OPEN_S, play_day, press, walk_through
from firmware_sim.fire import burn, kitchen_fire
from firmware_sim.firmware.shelly import ShellyMeter
from firmware_sim.firmware.wearable import Wearable
from firmware_sim.firmware.zigbee2mqtt import ZigbeeMotion
from firmware_sim.places import (
    COOKER_HOME,
    LEFT_EMPTY_S,
    NURSING_HOME,
    QUIET_HOLD_S,
    QUIET_HOME,
    SPARE_BELT_HOME,
)
from firmware_sim.scenarios.scenario import HOUR_S, Scenario
from firmware_sim.stage import Stage

CALL_S, FALL_S, FIRE_S, SILENCE_S, COOKER_S = 20.0, 70.0, 112.0, 220.0, 270.0
"""Ignition is a little before the smoke alarm answers, at about 130 s."""

FIRE_SEED = 1
CALLING_ROOM = "204"


def script(stage: Stage) -> None:
    """All homes live an ordinary morning; five things happen in it."""
    home = stage.site(NURSING_HOME)
    button = home.in_room(f"{home.site_id}:{CALLING_ROOM}", "sos_button")
    press(stage, home, button, CALL_S, f"room {CALLING_ROOM}")
    _fall(stage)
    burn(stage, home, f"{home.site_id}:kitchen", kitchen_fire(FIRE_SEED), FIRE_S)
    _silent_morning(stage)
    _cooker_left_on(stage)
    # One belt stays on its charger, free for a replayed recording.
    spare = stage.site(SPARE_BELT_HOME).only("wearable")[0]
    stage.model(spare, Wearable).worn = False
    for place in stage.places:
        # Nobody moves in these two homes: a movement would take back the silence, and that everybody has left.
        if place.site_id not in (QUIET_HOME, COOKER_HOME):
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


def _cooker_left_on(stage: Stage) -> None:
    """Somebody switches the cooker on and goes out, so that the home has been empty for long enough at ``COOKER_S``."""
    home = stage.site(COOKER_HOME)
    cooker, door = home.only("cooker")[0], home.only("entrance_door")[0]
    left_s = COOKER_S - LEFT_EMPTY_S
    stage.cue(left_s - 60, cooker, ShellyMeter, lambda meter, now: meter.draw(now, 1500.0))
    walk_through(stage, door, left_s - DOOR_OPEN_S)
    # As in the silent morning: clocks that are ahead, and whole seconds.
    stage.expect("cooker left on", COOKER_S - 3, home, "electrical", device=cooker, within_s=18.0)


DEMO = Scenario(
    name="demo",
    text="a call, a fall, a kitchen fire, a silent morning and a cooker left on",
    script=script,
    owned=True,
)
