"""What people tell an alarm to do, over MQTT, and the answers. Idempotent by the command's id."""

from __future__ import annotations

from typing import Any

import msgspec

from alarms.lifecycle.alarm import Alarm, Disposition
from alarms.lifecycle.errors import TransitionError
from alarms.lifecycle.events import Acknowledge, Attend, Event, Note, Resolve

REPLY_PREFIX = "anxin/v1/console/"
_ENCODE = msgspec.json.Encoder().encode


class Command(msgspec.Struct, frozen=True):
    """One command; ``version`` is the alarm's version that the person saw."""

    do: str
    by: str
    id: str
    version: int | None = None
    reply_to: str = ""
    disposition: Disposition | None = None
    note: str = ""


_COMMAND = msgspec.json.Decoder(Command)


def decode(payload: bytes) -> Command | None:
    """The command, or None when it is not one."""
    try:
        command = _COMMAND.decode(payload)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return None
    return command if command.by and command.id and len(command.note) <= 2000 else None


def reply_topic(command: Command) -> str | None:
    """Where the answer goes; only below the consoles' own prefix."""
    topic = command.reply_to
    return topic if topic.startswith(REPLY_PREFIX) and not set(topic) & set("+#\0") else None


def event_of(command: Command) -> Event | None:
    """The lifecycle's event for a command, or None when the command does not make sense."""
    match command.do:
        case "acknowledge":
            return Acknowledge(by=command.by)
        case "attend":
            return Attend(by=command.by)
        case "note" if command.note:
            return Note(by=command.by, note=command.note)
        case "resolve" if command.disposition is not None:
            return Resolve(by=command.by, disposition=command.disposition, note=command.note)
    return None


def is_outdated(seen: Alarm | None, now: Alarm) -> bool:
    """True when the alarm has changed hands or come back since the version that the person saw."""
    return seen is None or (seen.response, seen.round) != (now.response, now.round)


def accepted(command: Command, alarm: Alarm) -> bytes:
    return _ENCODE({"id": command.id, "ok": True, "version": alarm.version, "response": alarm.response})


def refused(command: Command, reason: str, alarm: Alarm | None = None, error: TransitionError | None = None) -> bytes:
    """The answer to a command that changed nothing; it names who was first where somebody was."""
    first = error.first if error is not None else None
    if first is None and alarm is not None:
        first = alarm.resolved or alarm.attended or alarm.acknowledged
    body: dict[str, Any] = {  # Any: a JSON object
        "id": command.id,
        "ok": False,
        "reason": reason,
        "detail": str(error) if error is not None else reason,
        "by": first.by if first is not None else None,
        "at": first.at if first is not None else None,
        "response": alarm.response if alarm is not None else None,
        "version": alarm.version if alarm is not None else None,
    }
    return _ENCODE(body)
