"""Settings of the console, prefix ``ANXIN_CONSOLE_``, section ``console`` of ``anxin.toml``."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar, Literal, Self

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import SettingsConfigDict

from ingest.settings import ProgramSettings

LOOPBACK = ("127.0.0.1", "::1", "localhost")


class ConsoleSettings(ProgramSettings):
    """Where the console listens, who it is at the broker, how long a session lasts."""

    section: ClassVar[str] = "console"
    model_config = SettingsConfigDict(env_prefix="ANXIN_CONSOLE_", extra="forbid", frozen=True)

    host: str = Field("127.0.0.1", min_length=1, description="address to listen on")
    port: int = Field(8080, ge=1, le=65535)
    language: Literal["zh", "en"] = Field("zh", description="language of a visitor who asks for neither")
    username: str = "console"
    password: SecretStr = SecretStr("")
    admin_password: SecretStr = Field(
        SecretStr(""), description="of the broker's administrator: with it the console lets gateways in itself"
    )
    tls_cert: Path | None = Field(None, description="certificate chain; with tls_key the console speaks HTTPS")
    tls_key: Path | None = None
    trust_port: int | None = Field(
        None, ge=1, le=65535, description="plain HTTP: where the page is by which phones trust our own authority"
    )
    hsts: bool = Field(
        False,
        description="tell browsers to reach this name by HTTPS only, on every port, for a year",
    )
    behind_https: bool = Field(False, description="a proxy in front speaks HTTPS: cookies are Secure")
    trusted_proxies: str = Field("", description="addresses whose X-Forwarded-For is believed, comma separated")
    plain_http: bool = Field(False, description="serve plain HTTP to other machines: for a closed test network only")
    session_days: int = Field(30, ge=1, le=365, description="a session ends after this long in any case")
    session_idle_hours: int = Field(72, ge=1, le=24 * 365, description="or after this long without a request")
    second_factor: Literal["required", "offered"] = Field(
        "required",
        description="administrators, supervisors, installers: a code of their phone at each login, or as they like",
    )
    feeds: int = Field(500, ge=1, le=100_000, description="live feeds at the same time")
    ring: int = Field(4096, ge=16, le=1_000_000, description="changes kept for a feed that comes back")
    reply_s: float = Field(3, ge=0.2, le=30, description="how long a command waits for the alarm engine")
    database_s: float = Field(2, ge=0.2, le=30, description="how long a page waits for PostgreSQL")
    metrics_token: SecretStr = Field(SecretStr(""), description="bearer token for /metrics from other machines")

    @property
    def secure(self) -> bool:
        """True when browsers reach the console by HTTPS."""
        return self.behind_https or self.tls_cert is not None

    @model_validator(mode="after")
    def _refuse_open_plain_http(self) -> Self:
        if (self.tls_cert is None) != (self.tls_key is None):
            raise ValueError("tls_cert and tls_key belong together")
        if self.host not in LOOPBACK and not self.secure and not self.plain_http:
            raise ValueError(
                f"host {self.host} is reached by other machines: give tls_cert and tls_key, or behind_https behind a "
                "proxy, or plain_http on a closed test network"
            )
        return self
