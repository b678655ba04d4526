"""Settings of ``ingest``."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field, SecretStr
from pydantic_settings import SettingsConfigDict

from ingest.settings import ProgramSettings


class IngestSettings(ProgramSettings):
    """The section ``[ingest]``, ``ANXIN_INGEST_…`` in the environment."""

    section: ClassVar[str] = "ingest"
    model_config = SettingsConfigDict(env_prefix="ANXIN_INGEST_", extra="forbid", frozen=True)

    username: str = "ingest"
    password: SecretStr = SecretStr("")
    flush_s: float = Field(0.25, ge=0.01, le=5, description="a reading waits at most this long for its batch")
    flush_readings: int = Field(
        150_000, ge=1_000, le=2_000_000, description="readings held while the database is busy; then reading stops"
    )
    statement_s: float = Field(10, ge=1, le=120, description="the database is given up after this long")
    last_value_s: float = Field(5, ge=1, le=300, description="how often the newest values are written")
    keep_days: int = Field(100, ge=92, le=3650, description="raw readings are kept this long; hours for five years")
    metrics_port: int = Field(0, ge=0, le=65_535, description="serve Prometheus counters on 127.0.0.1; 0: do not")
