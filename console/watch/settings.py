"""Settings of ``watch``."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar, Literal, Self

from pydantic import Field, HttpUrl, SecretStr, TypeAdapter, ValidationError, field_validator, model_validator
from pydantic_settings import SettingsConfigDict

from console.settings import ConsoleSettings
from console.tls.names import host_in_url
from ingest.settings import ProgramSettings
from ingest.wire.topics import CANARY

_URL = TypeAdapter(HttpUrl)


class WatchSettings(ProgramSettings):
    """The section ``[watch]``, ``ANXIN_WATCH_…`` in the environment."""

    section: ClassVar[str] = "watch"
    model_config = SettingsConfigDict(env_prefix="ANXIN_WATCH_", extra="forbid", frozen=True)

    username: str = CANARY
    password: SecretStr = SecretStr("")
    every_s: float = Field(60, ge=1, le=3600, description="how often the canary presses its button")
    limit_s: float = Field(10, ge=0.5, le=600, description="a press that is not on the feed by then is missed")
    console_url: str = Field("", description="the console's address; empty: the one of [console], on this machine")
    console_token: SecretStr = Field(SecretStr(""), description="the console's metrics_token, for another machine")
    console_certificate: Path | None = Field(
        None, description="the console's own certificate: no other one is believed; none: what the system believes"
    )
    dead_man_url: SecretStr = Field(SecretStr(""), description="pinged while all is well; empty: nobody is")
    dead_man_method: Literal["GET", "POST"] = "GET"
    dead_man_every_s: float = Field(10, ge=1, le=300)
    metrics_port: int = Field(0, ge=0, le=65_535, description="serve Prometheus counters on 127.0.0.1; 0: do not")

    @field_validator("console_url")
    @classmethod
    def _check_console_url(cls, url: str) -> str:
        return _url(url)

    @field_validator("dead_man_url")
    @classmethod
    def _check_dead_man_url(cls, url: SecretStr) -> SecretStr:
        _url(url.get_secret_value())
        return url

    @model_validator(mode="after")
    def _refuse_overlap(self) -> Self:
        if self.limit_s >= self.every_s:
            raise ValueError("limit_s must be less than every_s: one press ends before the next begins")
        return self

    def beside(self, console: ConsoleSettings) -> Self:
        """With the console of this machine, where nothing else is said about the console."""
        if self.console_url:
            return self
        host = "127.0.0.1" if console.host in ("0.0.0.0", "::") else console.host  # noqa: S104 - compared only
        scheme = "https" if console.tls_cert is not None else "http"
        return self.model_copy(
            update={
                "console_url": f"{scheme}://{host_in_url(host)}:{console.port}",
                "console_token": self.console_token if self.console_token.get_secret_value() else console.metrics_token,
                "console_certificate": self.console_certificate or console.tls_cert,
            }
        )


def _url(text: str) -> str:
    """The text, when it is empty or a URL."""
    try:
        if text:
            _URL.validate_python(text)
    except ValidationError:
        raise ValueError("it must be an http or https URL, or empty") from None
    return text
