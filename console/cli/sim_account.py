"""The simulator's account at the broker: the weakest of all, so the doctor knocks with it too."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from pydantic import SecretStr
from pydantic_settings import SettingsConfigDict

from ingest.settings import ProgramSettings


class SimSettings(ProgramSettings):
    """Who the simulator is at the broker, ``ANXIN_SIM_…``."""

    section: ClassVar[str] = "sim"
    model_config = SettingsConfigDict(env_prefix="ANXIN_SIM_", extra="forbid", frozen=True)

    username: str = "sim"
    password: SecretStr = SecretStr("")


def sim_account(data: Path) -> tuple[str, str]:
    """Name and password; without a setting, the password that ``anxin up`` keeps, or an empty one."""
    settings = SimSettings.load()
    password = settings.password.get_secret_value()
    if not password:
        try:
            password = (data / "secrets" / settings.username).read_text("utf-8").strip()
        except OSError:
            password = ""
    return settings.username, password
