"""What an alarm is called, marked for translation."""

from __future__ import annotations

from alarms.lifecycle.alarm import Alarm
from console.pages.fall_stages import stage_of
from console.pages.fire_stages import fire_stage_of
from console.pages.life_stages import life_stage_of
from console.words import FALL_STAGES, FIRE_STAGES, KINDS, LIFE_STAGES


def heading_of(alarm: Alarm) -> str:
    """Its kind; a fall, a fire and a missing sign of life by how certain it is."""
    return (
        FALL_STAGES.get(stage_of(alarm))
        or FIRE_STAGES.get(fire_stage_of(alarm))
        or LIFE_STAGES.get(life_stage_of(alarm))
        or KINDS[alarm.kind]
    )
