"""Test messages: a person's channel counts only after one of them was answered (docs/answering.md)."""

from __future__ import annotations

from datetime import datetime

import msgspec

from alarms.engine import commands
from alarms.engine.answers import LIFE_S, ChannelTicket, Links, mark_of
from alarms.engine.outbox import Outbox
from alarms.engine.telling import Sent
from alarms.journal.journal import Journal
from alarms.lifecycle.alarm import AlarmKind, Priority
from alarms.notify.dispatcher import Task
from alarms.notify.message import Language, Notice
from alarms.notify.voice import CallEvent, CallReport
from ingest.log import Log
from ingest.registry.model import Reach, Registry
from ingest.wire import topics

_PREFIX = "test/"
_MOST_TOKENS = 200
_ENCODE = msgspec.json.Encoder().encode


class _Wish(msgspec.Struct, frozen=True):
    """``mark`` stands for the address, which does not travel."""

    do: str
    by: str
    id: str
    channel: str
    mark: str
    reply_to: str = ""


_DECODER = msgspec.json.Decoder(_Wish)


class ChannelTests:
    """Sends test messages; the answer to a wish says what the channel's provider said.

    Only what the registry holds is tested. Those under way are in memory: a restart forgets them, and the console,
    which repeats its wish until it is answered, then gets another message sent.
    """

    def __init__(self, journal: Journal, links: Links) -> None:
        self._journal = journal
        self._links = links
        self._under_way: dict[str, _Wish] = {}
        self._tokens: dict[str, str] = {}
        self._log = Log("alarms")

    def ask(self, person: str, payload: bytes, registry: Registry, now: datetime, out: Outbox) -> None:
        """A message on a person's ``do`` topic."""
        try:
            wish = _DECODER.decode(payload)
        except (msgspec.MsgspecError, UnicodeDecodeError):
            self._log.warning("wish.unreadable")
            return
        known = self._journal.reply(wish.id)
        if known is not None:
            _answer(wish, known, out)
        elif wish.do != "test_message":
            _answer(wish, _reply(wish, ok=False, reason="bad_command"), out)
        elif not self._links.answer_url(ChannelTicket(person=person, channel="", mark="", expires_s=0)):
            _answer(wish, _reply(wish, ok=False, reason="no_public_url"), out)
        elif (reach := _reach(registry, person, wish)) is None:
            _answer(wish, _reply(wish, ok=False, reason="unknown_channel"), out)  # or not known yet: not kept
        else:
            self._under_way[_PREFIX + wish.id] = wish
            out.tasks.append(self._task(wish, reach, now))

    def sent(self, sent: Sent, now: datetime, out: Outbox) -> None:
        """What a channel said; it is tried once, because somebody waits and can press again."""
        wish = self._under_way.pop(sent.send_key, None)
        if wish is not None:
            reply = _reply(wish, ok=sent.ok, reason="" if sent.ok else "not_sent", detail=sent.result)
            self._journal.write_reply(wish.id, reply, now)
            _answer(wish, reply, out)

    def called(self, report: CallReport, out: Outbox) -> None:
        """What became of a test call, which carries no link: its key is the answer, and the consoles write it down."""
        if report.event is CallEvent.ANSWERED:
            return
        token = self._tokens.pop(report.send_key, None)
        if token is not None and report.event is CallEvent.ACKNOWLEDGED:
            out.messages.append((topics.CHANNEL_ANSWERED, _ENCODE({"token": token}), False))

    def _task(self, wish: _Wish, reach: Reach, now: datetime) -> Task:
        expires_s = int(now.timestamp()) + LIFE_S
        ticket = ChannelTicket(person=reach.person, channel=reach.channel, mark=wish.mark, expires_s=expires_s)
        url = self._links.answer_url(ticket)
        self._tokens[_PREFIX + wish.id] = url.rpartition("/")[2]
        if len(self._tokens) > _MOST_TOKENS:
            del self._tokens[next(iter(self._tokens))]
        text = Notice(
            key=_PREFIX + wish.id,
            collapse_key=f"{_PREFIX}{reach.person}/{reach.channel}/{wish.mark}",
            alarm_id="",
            kind=AlarmKind.TEST,
            priority=Priority.HIGH,
            title_zh="测试消息",
            title_en="Test message",
            body_zh="请打开并确认收到:今后的报警会发到这里。",
            body_en="Please open it and say that you got it: alarms will come here.",
            raised_at=now,
            reason=AlarmKind.TEST,
            test=True,
            language=Language(reach.language),
            answer_url=url,
        )
        return Task(notice=text, channel=reach.channel, address=reach.address, urgent=False, attempt=1)


def _reach(registry: Registry, person: str, wish: _Wish) -> Reach | None:
    of_person = registry.reaches_of.get(person, ())
    return next((r for r in of_person if r.channel == wish.channel and mark_of(r.address) == wish.mark), None)


def _reply(wish: _Wish, *, ok: bool, reason: str = "", detail: str = "") -> bytes:
    return _ENCODE({"id": wish.id, "ok": ok, "reason": reason, "detail": detail})


def _answer(wish: _Wish, reply: bytes, out: Outbox) -> None:
    topic = commands.as_reply_topic(wish.reply_to)
    if topic is not None:
        out.messages.append((topic, reply, False))
