"""What people tell an alarm to do, over MQTT, and the answers. Idempotent by the command's id."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec

from alarms.errors import DrillError
from alarms.lifecycle.alarm import Alarm, Disposition, Reached
from alarms.lifecycle.errors import TransitionError
from alarms.lifecycle.events import (
    Acknowledge,
    Assign,
    Attend,
    ConfirmFire,
    Event,
    Note,
    Resolve,
    SetOut,
    Shelve,
    TurnBack,
    Unshelve,
)

LINK = "link"
"""A person asks for an output at an alarm."""

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
    reached: Reached | None = None
    until: datetime | None = None
    second: str | None = None
    to: str = ""  # of an assignment: user:{id} or contact:{id}; of a linkage: the output
    kind: str = ""  # of a drill: what for, and at which device or in which room
    device_id: str = ""
    room_id: str = ""


class _Asked(msgspec.Struct, frozen=True):
    """Who asks, and where the answer goes."""

    by: str
    id: str
    reply_to: str = ""


_COMMAND = msgspec.json.Decoder(Command)
_ASKED = msgspec.json.Decoder(_Asked)


def decode(payload: bytes) -> Command | None:
    """The command, or None when nobody can be answered; one with wrong values does nothing but be answered."""
    try:
        command = _decoded(payload)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return None
    return command if command.by and command.id and len(command.note) <= 2000 else None


def reply_topic(command: Command) -> str | None:
    """Where the answer goes; only below the consoles' own prefix."""
    return as_reply_topic(command.reply_to)


def as_reply_topic(topic: str) -> str | None:
    """The topic itself when it is one below the consoles' own prefix."""
    return topic if topic.startswith(REPLY_PREFIX) and not set(topic) & set("+#\0") else None


def event_of(command: Command) -> Event | None:
    """The lifecycle's event for a command, or None when the command does not make sense."""
    match command.do:
        case "acknowledge":
            return Acknowledge(by=command.by)
        case "attend":
            return Attend(by=command.by)
        case "confirm_fire":
            return ConfirmFire(by=command.by)
        case "note" if command.note:
            return Note(by=command.by, note=command.note)
        case "resolve" if command.disposition is not None:
            return Resolve(by=command.by, disposition=command.disposition, note=command.note, reached=command.reached)
        case "assign" if command.to:
            return Assign(by=command.by, to=command.to)
        case "shelve" if command.until is not None and command.until.tzinfo is not None:
            return Shelve(by=command.by, reason=command.note, until=command.until, second=command.second)
        case "unshelve":
            return Unshelve(by=command.by)
        case "set_out" if command.until is not None and command.until.tzinfo is not None:
            return SetOut(by=command.by, until=command.until)
        case "turn_back":
            return TurnBack(by=command.by)
    return None


def is_outdated(seen: Alarm | None, now: Alarm) -> bool:
    """True when the alarm has changed hands or come back since the version that the person saw."""
    return seen is None or (seen.response, seen.round) != (now.response, now.round)


def accepted(command: Command, alarm: Alarm) -> bytes:
    body = {"id": command.id, "ok": True, "version": alarm.version, "response": alarm.response}
    return _ENCODE(body | {"alarm_id": alarm.alarm_id})


def refused(
    command: Command,
    reason: str,
    alarm: Alarm | None = None,
    error: TransitionError | DrillError | None = None,
) -> bytes:
    """The answer to a command that changed nothing; it names who was first where somebody was."""
    first = error.first if isinstance(error, TransitionError) else None
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


def _decoded(payload: bytes) -> Command:
    try:
        return _COMMAND.decode(payload)
    except msgspec.ValidationError:
        asked = _ASKED.decode(payload)
        return Command(do="", by=asked.by, id=asked.id, reply_to=asked.reply_to)
