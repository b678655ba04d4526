"""Settings of the embedded parts."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from ingest.settings import ProgramSettings

BrokerChoice = Literal["auto", "mosquitto", "aedes"]


class EmbeddedSettings(ProgramSettings):
    """Which broker ``anxin up`` runs, and where it listens."""

    section: ClassVar[str] = "embedded"
    model_config = SettingsConfigDict(env_prefix="ANXIN_", extra="forbid", frozen=True)

    broker: BrokerChoice = Field("auto", description="auto: Mosquitto where it is installed, else aedes")
    broker_listen: str = Field(
        "127.0.0.1", min_length=1, description="address of the listener; 0.0.0.0 lets devices of the local network in"
    )
