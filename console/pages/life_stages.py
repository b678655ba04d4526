"""How far a missing sign of life has come, out of its evidence. Pure."""

from __future__ import annotations

from alarms.lifecycle import inactivity
from alarms.lifecycle.alarm import Alarm


def life_stage_of(alarm: Alarm) -> str:
    """A key of ``LIFE_STAGES``; empty: nobody said, or it is about something else."""
    return inactivity.stage_of(alarm.kind, alarm.evidence) or ""
