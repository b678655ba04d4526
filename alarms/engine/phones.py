"""What people send back from their phones: answers and receipts, each with the token of the message they got."""

from __future__ import annotations

from datetime import datetime

import msgspec

from alarms.engine import commands
from alarms.engine.answers import ON_MY_WAY, Answer, AnswerKey, SendTicket, use_id
from alarms.engine.engine import Engine
from alarms.engine.outbox import Outbox
from alarms.errors import AnswerTokenError
from ingest.log import Log

_ENCODE = msgspec.json.Encoder().encode


class _FromPhone(msgspec.Struct, frozen=True):
    """Who speaks is the token, never a field beside it."""

    do: str
    token: str
    answer: Answer = Answer.ACKNOWLEDGE
    id: str = ""
    reply_to: str = ""


_DECODER = msgspec.json.Decoder(_FromPhone)


class Phones:
    """Turns proved tokens into commands of the engine. Without a key every token is wrong."""

    def __init__(self, engine: Engine, key: AnswerKey | None) -> None:
        self._engine = engine
        self._key = key
        self._log = Log("alarms")

    def command(self, alarm_id: str, payload: bytes, now: datetime, out: Outbox) -> None:
        """A message on an alarm's ``do`` topic: by token, or as an account of the console."""
        try:
            told = _DECODER.decode(payload)
        except (msgspec.MsgspecError, UnicodeDecodeError):
            self._engine.command(alarm_id, payload, now, out)
            return
        try:
            ticket = self._ticket(told.token, alarm_id, now)
        except AnswerTokenError as error:
            self._log.warning("token.refused", alarm_id=alarm_id, reason=error.reason)
            _reply(told, out, ok=False, reason=error.reason)
            return
        match told.do:
            case "receipt":
                self._engine.telling.receipt(ticket.send_key, now)
                _reply(told, out, ok=True)
            case "answer":
                self._engine.telling.receipt(ticket.send_key, now)  # who answers has seen it
                self._engine.command(alarm_id, _as_command(told, ticket), now, out)
            case _:
                _reply(told, out, ok=False, reason="bad_command")

    def _ticket(self, token: str, alarm_id: str, now: datetime) -> SendTicket:
        if self._key is None:
            raise AnswerTokenError("wrong_token")
        ticket = self._key.read(token, now)
        if not isinstance(ticket, SendTicket) or ticket.alarm_id != alarm_id:
            raise AnswerTokenError("wrong_token")
        return ticket


def _as_command(told: _FromPhone, ticket: SendTicket) -> bytes:
    note = ON_MY_WAY if told.answer is Answer.ON_MY_WAY else ""
    command = {"do": "acknowledge", "by": ticket.by, "id": use_id(told.token), "note": note}
    return _ENCODE(command | {"reply_to": told.reply_to})


def _reply(told: _FromPhone, out: Outbox, *, ok: bool, reason: str = "") -> None:
    """Nothing is kept of this: the same token is judged the same way, or a receipt noted twice is one."""
    topic = commands.as_reply_topic(told.reply_to)
    if topic is not None:
        out.messages.append((topic, _ENCODE({"id": told.id, "ok": ok, "reason": reason}), False))
