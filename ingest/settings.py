"""Settings: one file ``anxin.toml`` plus the environment; a wrong one is refused with its name, value and range.

Each program has a class of its own, a section of the file and a prefix in the environment. ``NAME_FILE`` in the
environment names a file that holds the value, for secrets.
"""

from __future__ import annotations

import os
import tomllib
from pathlib import Path
from typing import Any, ClassVar, Self

from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from ingest.account import Account
from ingest.errors import SettingsError


class ProgramSettings(BaseSettings):
    """Base of every settings class; ``section`` is its table in ``anxin.toml``."""

    section: ClassVar[str]
    model_config = SettingsConfigDict(extra="forbid", frozen=True)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - the library's signature
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - the library's signature
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return (init_settings, env_settings, _FileSource(settings_cls), _TomlSource(settings_cls))

    @classmethod
    def load(cls, **given: Any) -> Self:  # Any: a field's value
        """The settings from arguments, environment and file, in this order of strength.

        Raises
        ------
        SettingsError
            Names every wrong setting, its value and what is allowed.
        """
        try:
            return cls(**given)
        except ValidationError as error:
            lines = [
                f"  {cls.section}.{'.'.join(map(str, e['loc']))} = {e.get('input')!r}: {e['msg']}"
                for e in error.errors()
            ]
            raise SettingsError("these settings are wrong:\n" + "\n".join(lines)) from error
        except (OSError, tomllib.TOMLDecodeError) as error:
            raise SettingsError(f"the settings cannot be read: {error}") from error


class ConnectionSettings(ProgramSettings):
    """Where the broker, the database and the data directory are: the same for every program."""

    section: ClassVar[str] = "connection"
    model_config = SettingsConfigDict(env_prefix="ANXIN_", extra="forbid", frozen=True)

    data: Path = Field(Path("data"), description="directory of journals, spools and local copies")
    broker_host: str = Field("127.0.0.1", min_length=1)
    broker_port: int = Field(1883, ge=1, le=65535)
    broker_ca: Path | None = Field(None, description="CA certificate; given, the broker is reached by TLS")
    broker_socket: Path | None = Field(None, description="the broker's Unix socket; given, it is taken instead of TCP")
    database: str = Field("", description="PostgreSQL connection string; empty: run without a database")

    def account(self, username: str, password: str) -> Account:
        """An account on this broker."""
        return Account(
            host=self.broker_host,
            port=self.broker_port,
            username=username,
            password=password,
            ca=self.broker_ca,
            socket=self.broker_socket,
        )


def settings_file() -> Path:
    """The settings file: ``ANXIN_CONFIG`` or ``anxin.toml`` in the working directory."""
    return Path(os.environ.get("ANXIN_CONFIG", "anxin.toml"))


class _TomlSource(PydanticBaseSettingsSource):
    def get_field_value(self, field: Any, field_name: str) -> tuple[Any, str, bool]:  # Any: the library's signature
        del field
        return self()[field_name], field_name, False

    def __call__(self) -> dict[str, Any]:  # Any: TOML values
        path = settings_file()
        if not path.exists():
            return {}
        section = getattr(self.settings_cls, "section")  # noqa: B009 - a class attribute the library does not know
        table: dict[str, Any] = tomllib.loads(path.read_text("utf-8")).get(section, {})  # Any: TOML values
        return table


class _FileSource(PydanticBaseSettingsSource):
    def get_field_value(self, field: Any, field_name: str) -> tuple[Any, str, bool]:  # Any: the library's signature
        del field
        return self()[field_name], field_name, False

    def __call__(self) -> dict[str, Any]:  # Any: field values
        prefix = str(self.settings_cls.model_config.get("env_prefix", ""))
        found: dict[str, Any] = {}  # Any: field values
        for name in self.settings_cls.model_fields:
            path = os.environ.get(f"{prefix}{name}_FILE".upper())
            if path:
                found[name] = Path(path).read_text("utf-8").strip()
        return found
