"""The voice channel: a call that says what has happened and takes a key for an answer."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from alarms.errors import ChannelError
from alarms.notify.message import Language, Notice

_NUMBER = re.compile(r"\+?[0-9]{2,20}")
_SPELLED = re.compile(r"[0-9A-Za-z]{1,8}")
_LANGUAGES = {Language.ZH: ("zh",), Language.EN: ("en",), Language.BOTH: ("zh", "en")}


@dataclass(frozen=True, slots=True, kw_only=True)
class Announcement:
    """What is said in one language: names of prompts in order; ``spell:201`` is spelled out."""

    language: str
    prompts: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One call to make; ``send_key`` and ``alarm_id`` come back with what becomes of it."""

    number: str
    send_key: str
    alarm_id: str
    announcements: tuple[Announcement, ...]


class CallEvent(StrEnum):
    """What becomes of a call."""

    ANSWERED = "answered"  # somebody, or an answering machine, picked up
    ACKNOWLEDGED = "acknowledged"  # the key 1: "I am on it"
    ENDED = "ended"  # busy, no answer, hung up; after an acknowledgement too


@dataclass(frozen=True, slots=True, kw_only=True)
class CallReport:
    """One thing that became of a call; ``detail`` is the line's own word for it."""

    send_key: str
    alarm_id: str
    event: CallEvent
    detail: str = ""


class VoiceLine(Protocol):
    """Makes calls. What becomes of them is told later, by the function that the line was built with."""

    def call(self, call: Call) -> str:
        """Let the telephone ring and return at once, with the line's name for the call.

        Raises
        ------
        ChannelError
            The line did not take it.
        """
        ...


class Voice:
    """Calls people. The address is a telephone number."""

    def __init__(self, line: VoiceLine) -> None:
        self._line = line

    def send(self, address: str, notice: Notice) -> str:
        """Let the telephone ring.

        Raises
        ------
        ChannelError
            The address is no telephone number (permanent), or the line did not take the call.
        """
        number = re.sub(r"[ ()-]", "", address)
        if not _NUMBER.fullmatch(number):
            raise ChannelError("the address is no telephone number", permanent=True)
        call = Call(
            number=number,
            send_key=notice.key,
            alarm_id=notice.alarm_id,
            announcements=tuple(_announcement(notice, language) for language in _LANGUAGES[notice.language]),
        )
        return self._line.call(call)


def _announcement(notice: Notice, language: str) -> Announcement:
    """Exercise or test first, then the alarm's kind, the room where it can be spelled, and which key to press."""
    marks = [mark for mark, is_so in (("drill", notice.drill), ("test", notice.test)) if is_so]
    kind = [] if marks == ["test"] and notice.kind == "test" else [notice.kind]
    room = ["room", f"spell:{notice.room}"] if _SPELLED.fullmatch(notice.room) else []
    return Announcement(language=language, prompts=(*marks, *kind, *room, "press_1"))
