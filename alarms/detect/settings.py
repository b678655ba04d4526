"""Settings of ``detect``."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field, SecretStr
from pydantic_settings import SettingsConfigDict

from ingest.settings import ProgramSettings


class DetectSettings(ProgramSettings):
    """The section ``[detect]``, ``ANXIN_DETECT_…`` in the environment."""

    section: ClassVar[str] = "detect"
    model_config = SettingsConfigDict(env_prefix="ANXIN_DETECT_", extra="forbid", frozen=True)

    username: str = "detect"
    password: SecretStr = SecretStr("")
    tick_s: float = Field(0.25, ge=0.05, le=1, description="how often the passing of time is judged")
    save_s: float = Field(
        0.25, ge=0.05, le=5, description="how often telemetry is acknowledged at most; see docs/rules.md"
    )
    history_s: float = Field(60, ge=5, le=3600, description="how often the samples for drawing are saved")
