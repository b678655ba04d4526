"""Settings of the notes about residents' routine."""

from __future__ import annotations

from datetime import time
from typing import ClassVar

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from alarms.core.routine.limits import Limits
from ingest.settings import ProgramSettings

_OURS = Limits()


class RoutineSettings(ProgramSettings):
    """The section ``[routine]``, ``ANXIN_ROUTINE_…`` in the environment; hours are local, minutes past allowed."""

    section: ClassVar[str] = "routine"
    model_config = SettingsConfigDict(env_prefix="ANXIN_ROUTINE_", extra="forbid", frozen=True)

    drawn_at_h: float = Field(7, ge=6.5, le=20, description="local hour from which the day before is drawn up")
    night_from_h: float = Field(23, ge=19, le=23.75, description="begin of the night hours")
    night_to_h: float = Field(5, ge=1, le=6, description="end of the night hours, on the next day")
    cold_c: float = Field(_OURS.cold_c, ge=5, le=25, description="a room colder than this is cold, degC")
    cold_h: float = Field(_OURS.cold_h, ge=1, le=24, description="hours of cold in a day that are a note")
    cooker_min: float = Field(_OURS.cooker_min, ge=5, le=240, description="minutes of a cooker left on that are a note")
    drop: float = Field(_OURS.drop, ge=0.1, le=0.9, description="part of the active hours whose loss is a decline")

    @property
    def limits(self) -> Limits:
        return Limits(cold_c=self.cold_c, cold_h=self.cold_h, cooker_min=self.cooker_min, drop=self.drop)


def clock(hours: float) -> time:
    """22.5 is half past ten in the evening."""
    return time(int(hours), round(hours % 1 * 60))
