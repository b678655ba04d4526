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
    save_s: float = Field(0.5, ge=0.05, le=10, description="between saves of the state; packs are acknowledged by them")
    resend_s: float = Field(2.0, ge=0.5, le=60, description="until judgements that nobody acknowledged go out again")
