"""Settings of the notification channels."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, ClassVar

from pydantic import AfterValidator, Field, HttpUrl, SecretStr
from pydantic_settings import SettingsConfigDict

from alarms.notify.guard import parse_allowed
from ingest.settings import ProgramSettings


def _allowed(entry: str) -> str:
    parse_allowed(entry)
    return entry


class NotifySettings(ProgramSettings):
    """The section ``[notify]``, ``ANXIN_NOTIFY_…`` in the environment."""

    section: ClassVar[str] = "notify"
    model_config = SettingsConfigDict(env_prefix="ANXIN_NOTIFY_", extra="forbid", frozen=True)

    public_url: HttpUrl | None = Field(
        None, description="how phones reach the console; links in messages begin with it"
    )
    keys_folder: Path | None = Field(
        None, description="folder of the keys that alarms and console share; empty: secrets below data"
    )
    timeout_s: float = Field(5.0, ge=0.5, le=15, description="how long a provider may take for one message")
    emergency_workers: int = Field(64, ge=1, le=256, description="sends at one time for emergencies")
    ordinary_workers: int = Field(16, ge=1, le=256, description="sends at one time for everything else")
    allowed_targets: list[Annotated[str, AfterValidator(_allowed)]] = Field(
        default=[], description="host, host:port or network that messages may go to although it is internal"
    )
    webhook_secret: SecretStr = Field(
        SecretStr(""), description="signs webhooks; empty: one is made and kept in secrets/webhook_secret"
    )
    web_push_contact: str = Field(
        "",
        pattern=r"^(mailto:[^@\s]+@[^@\s]+\.[^@\s]+|https://[^/\s]+)?$",
        description="mailto:… or https://… where a push service may reach you; empty: public_url",
    )
    apprise: bool = Field(True, description="let people be reached by Apprise addresses")
    voice_url: HttpUrl | None = Field(None, description="Asterisk's REST interface, http://asterisk:8088/ari")
    voice_username: str = ""
    voice_password: SecretStr = SecretStr("")
    voice_endpoint: str = Field(
        "PJSIP/{number}@trunk", pattern=r"^[^{}]*\{number\}[^{}]*$", description="how Asterisk dials a number"
    )
    voice_caller_id: str = Field("Anxin", description="what the telephone shows")
    voice_ring_s: int = Field(25, ge=5, le=120, description="how long the telephone rings")
    voice_app: str = Field("anxin", pattern=r"^[A-Za-z0-9_-]+$", description="the Stasis application's name")

    def keys(self, data: Path) -> Path:
        """The folder of keys."""
        return self.keys_folder or data / "secrets"
