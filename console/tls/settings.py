"""Settings of ``anxin up --tls``, prefix ``ANXIN_TLS_``, section ``tls`` of ``anxin.toml``."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field, field_validator
from pydantic_settings import SettingsConfigDict

from console.errors import CertificateError
from console.tls.names import Name, parse_name
from ingest.settings import ProgramSettings


class TlsSettings(ProgramSettings):
    """Whether the console has an authority of its own, and for which names beside those of the machine."""

    section: ClassVar[str] = "tls"
    model_config = SettingsConfigDict(env_prefix="ANXIN_TLS_", extra="forbid", frozen=True)

    own: bool = Field(False, description="serve HTTPS with an authority of one's own, as `anxin up --tls` does")
    names: tuple[str, ...] = Field((), description="more names and addresses by which phones reach the console")
    trust_port: int | None = Field(
        None,
        ge=1,
        le=65535,
        description="of the page by which phones trust the authority; one above the console's",
    )

    @field_validator("names")
    @classmethod
    def _check_names(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        try:
            return tuple(str(parse_name(name)) for name in names)
        except CertificateError as error:
            raise ValueError(str(error)) from None

    @property
    def parsed(self) -> tuple[Name, ...]:
        """The names, told from addresses."""
        return tuple(parse_name(name) for name in self.names)
