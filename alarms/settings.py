"""Settings of ``alarms``."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field, HttpUrl, SecretStr
from pydantic_settings import SettingsConfigDict

from ingest.settings import ProgramSettings


class AlarmsSettings(ProgramSettings):
    """The section ``[alarms]``, ``ANXIN_ALARMS_…`` in the environment."""

    section: ClassVar[str] = "alarms"
    model_config = SettingsConfigDict(env_prefix="ANXIN_ALARMS_", extra="forbid", frozen=True)

    username: str = "alarms"
    password: SecretStr = SecretStr("")
    duty_webhooks: list[HttpUrl] = Field(default=[], description="told of every alarm that calls a person, all sites")
    late_after_s: float = Field(900, ge=60, le=86_400, description="an alarm older than this is told as late")
    gateway_grace_s: float = Field(3, ge=0, le=60, description="from the last will to 'gateway lost'")
    gateway_return_s: float = Field(
        15, ge=5, le=300, description="time for gateways to report after the broker came back"
    )
    broker_grace_s: float = Field(10, ge=1, le=300, description="from losing the broker to its alarm")
    test_limit_s: float = Field(
        300, ge=10, le=3600, description="how long a device stays 'in test' without saying so again"
    )
    presence_limit_s: float = Field(
        3600, ge=60, le=43_200, description="how long staff count as present in a room without a sign of them"
    )
    fall_window_s: float = Field(
        60, ge=5, le=600, description="how long a fall may be cancelled by its wearer, or confirmed by another device"
    )
