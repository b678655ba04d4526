"""What answering from a phone is built from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from secrets import token_bytes

from alarms.engine.answers import AnswerKey, load_or_create_answer_key
from alarms.notify.channels import push_contact
from alarms.notify.settings import NotifySettings
from alarms.notify.vapid import load_or_create_vapid_key
from console.answers.edits import RegistryEdits
from ingest.log import Log
from ingest.registry.model import Registry
from ingest.settings import ConnectionSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerParts:
    """``push_key`` is what a browser needs to subscribe (VAPID); empty: Web Push is not set up."""

    key: AnswerKey
    edits: RegistryEdits
    push_key: str


def build_answer_parts(
    connection: ConnectionSettings, notify: NotifySettings, registry: Callable[[], Registry], *, database_s: float
) -> AnswerParts:
    """The parts; keys that are not there yet are made. One that cannot be used never keeps the desk from starting."""
    folder = notify.keys(connection.data)
    return AnswerParts(
        key=_answer_key(folder),
        edits=RegistryEdits(connection.database, registry, limit_s=database_s),
        push_key=_push_key(folder, push_contact(notify)),
    )


def _answer_key(folder: Path) -> AnswerKey:
    try:
        return load_or_create_answer_key(folder)
    except (OSError, ValueError) as error:
        Log("console").error("answers.no_key", error=error)
        return AnswerKey(token_bytes(32))  # nobody's: every link is refused


def _push_key(folder: Path, contact: str) -> str:
    try:
        return load_or_create_vapid_key(folder, contact).public if contact else ""
    except (OSError, ValueError) as error:
        Log("console").error("push.no_key", error=error)
        return ""
