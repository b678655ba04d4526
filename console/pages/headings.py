"""What an alarm is called, marked for translation."""

from __future__ import annotations

from alarms.lifecycle.alarm import Alarm
from console.pages.fall_stages import stage_of
from console.pages.fire_stages import fire_stage_of
from console.words import FALL_STAGES, FIRE_STAGES, KINDS


def heading_of(alarm: Alarm) -> str:
    """Its kind; a fall by how certain it is, and so a fire."""
    return FALL_STAGES.get(stage_of(alarm)) or FIRE_STAGES.get(fire_stage_of(alarm)) or KINDS[alarm.kind]
