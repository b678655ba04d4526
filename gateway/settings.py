"""Settings of the gateway program."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field, SecretStr
from pydantic_settings import SettingsConfigDict

from ingest.settings import ProgramSettings


class GatewaySettings(ProgramSettings):
    """How every gateway of this process works; who they are stands in their credentials."""

    section: ClassVar[str] = "gateway"
    model_config = SettingsConfigDict(env_prefix="ANXIN_GATEWAY_", extra="forbid", frozen=True)

    spool_max_mb: int = Field(256, ge=1, le=1_000_000, description="size at which the oldest telemetry is dropped")
    gather_s: float = Field(1.0, ge=0.05, le=10, description="how long telemetry is gathered into one pack")
    gather_readings: int = Field(200, ge=1, le=5000, description="readings that close a pack at once")
    zigbee2mqtt_bases: tuple[str, ...] = Field(
        ("zigbee2mqtt",), min_length=1, description="base topics of Zigbee2MQTT; lamps are set on the first"
    )
    siren_command: tuple[str, ...] = Field(
        (), description="run with 'on REASON' and 'off'; empty: only the log and the file siren"
    )
    native_host: str = Field(
        "", description="a local broker of the site's devices; empty: they publish under native/{gateway_id}/"
    )
    native_port: int = Field(1883, ge=1, le=65535)
    native_username: str = ""
    native_password: SecretStr = SecretStr("")
