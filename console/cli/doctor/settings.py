"""Settings of ``doctor``, for an installation whose programs share no data directory."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from ingest.settings import ProgramSettings


class DoctorSettings(ProgramSettings):
    """The section ``[doctor]``, ``ANXIN_DOCTOR_…`` in the environment."""

    section: ClassVar[str] = "doctor"
    model_config = SettingsConfigDict(env_prefix="ANXIN_DOCTOR_", extra="forbid", frozen=True)

    programs: Path | None = Field(None, description="holds the data directory of each other program, by its name")
    console_url: str = Field("", description="the console's address; empty: the one that `anxin up` runs")
    console_certificate: Path | None = Field(
        None, description="the console's own certificate: no other one is believed; none: what the system believes"
    )
