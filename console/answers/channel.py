"""A person's channels: tested from here, and counted once the test message was answered."""

from __future__ import annotations

import asyncio
from functools import partial
from uuid import uuid4

import msgspec

from alarms.engine.answers import ChannelTicket, mark_of
from alarms.errors import AnswerTokenError
from console.broker import Reply
from console.errors import DatabaseAwayError, ProblemError
from console.parts import Parts
from ingest.log import Log
from ingest.registry import edit_escalation
from ingest.registry.errors import UnknownEntryError
from ingest.registry.model import Reach, Registry
from ingest.registry.times import Moment
from ingest.wire import topics

_PROVIDER_S = 15.0
"""How long a provider may take; what hangs is given up by ``alarms`` after 10 s."""

_KNOWN_S = 6.0
_AGAIN_S = 0.4


class _Called(msgspec.Struct):
    token: str


class _Ended(msgspec.Struct):
    """``mark`` stands for the address, ``proofs`` for the answers to test messages that count no more."""

    channel: str
    mark: str
    at: Moment
    reason: str
    proofs: tuple[Moment, ...] = ()

    def concerns(self, reach: Reach) -> bool:
        """Whether it is said about this entry: not about one that was answered anew."""
        is_same = (reach.channel, mark_of(reach.address)) == (self.channel, self.mark)
        return is_same and (reach.answered_at is None or reach.answered_at in self.proofs)


_CALLED = msgspec.json.Decoder(_Called)
_ENDED = msgspec.json.Decoder(_Ended)
_LONGEST_REASON = 300


def reach_of(registry: Registry, person: str, channel: str, mark: str) -> Reach | None:
    """One of a person's channels by the mark of its address."""
    reaches = registry.reaches_of.get(person, ())
    return next((r for r in reaches if r.channel == channel and mark_of(r.address) == mark), None)


async def ask_for_test(parts: Parts, reach: Reach, by: str) -> Reply:
    """Let ``alarms`` send a test message; the reply says what the provider said.

    A channel that has just been added is known there within a second: until then the same wish is asked again.

    Raises
    ------
    NoAnswerError
        Nobody answered in time.
    """
    if not topics.valid_id(reach.person):
        return Reply(id="", ok=False, reason="unknown_channel")
    wish = {
        "do": "test_message",
        "by": by,
        "id": str(uuid4()),
        "channel": reach.channel,
        "mark": mark_of(reach.address),
    }
    loop = asyncio.get_running_loop()
    end = loop.time() + _KNOWN_S
    while True:
        reply = await parts.broker.ask(topics.person_do(reach.person), wish, reply_s=_PROVIDER_S)
        if reply.reason != "unknown_channel" or loop.time() > end:
            return reply
        await asyncio.sleep(_AGAIN_S)


def listen_to_calls(parts: Parts) -> None:
    """A test call is answered by a key on the telephone: ``alarms`` hears it and hands the token on."""
    under_way: set[asyncio.Task[None]] = set()
    log = Log("console")

    async def answered(token: str) -> None:
        try:
            ticket = parts.answers.key.read(token, parts.clock.now())
            if isinstance(ticket, ChannelTicket):
                await confirm(parts, ticket)
        except (AnswerTokenError, ProblemError) as error:
            log.warning("channel.not_answered", error=error)

    def take(payload: bytes) -> None:
        try:
            token = _CALLED.decode(payload).token
        except (msgspec.MsgspecError, UnicodeDecodeError):
            log.warning("channel.answer_unreadable")
            return
        task = asyncio.create_task(answered(token), name="console-channel-answered")
        under_way.add(task)
        task.add_done_callback(under_way.discard)

    parts.broker.listen(topics.CHANNEL_ANSWERED, take)


def listen_to_ends(parts: Parts) -> None:
    """``alarms`` says that a provider gave an address up, and says it again until the registry knows."""
    under_way: set[asyncio.Task[None]] = set()
    log = Log("console")

    async def note(ended: _Ended) -> None:
        reason = ended.reason[:_LONGEST_REASON]
        for reach in filter(ended.concerns, parts.registry().reaches):
            end = partial(edit_escalation.end_reach, reach=reach, reason=reason, ended_at=ended.at)
            try:
                if await parts.answers.edits.run(end):
                    log.warning("channel.ended", person=reach.person, channel=reach.channel, reason=reason)
            except DatabaseAwayError:
                log.warning("channel.end_not_saved", person=reach.person, channel=reach.channel)

    def take(payload: bytes) -> None:
        try:
            ended = _ENDED.decode(payload)
        except (msgspec.MsgspecError, UnicodeDecodeError):
            log.warning("channel.end_unreadable")
            return
        task = asyncio.create_task(note(ended), name="console-channel-ended")
        under_way.add(task)
        task.add_done_callback(under_way.discard)

    parts.broker.listen(topics.CHANNEL_ENDED, take)


async def confirm(parts: Parts, ticket: ChannelTicket) -> None:
    """Somebody answered the test message: the channel counts from now on.

    Raises
    ------
    ProblemError
        The channel was taken off the list, or it could not be saved.
    """
    reach = reach_of(parts.registry(), ticket.person, ticket.channel, ticket.mark)
    if reach is None:
        raise ProblemError(410, "gone_channel")
    now = parts.clock.now()
    try:
        await parts.answers.edits.run(
            lambda c: edit_escalation.set_reach_answered(c, reach.person, reach.channel, reach.address, now)
        )
    except UnknownEntryError:
        if not reach.counts:  # else a contact's own webhook, which is no entry of its own and counts anyhow
            raise ProblemError(410, "gone_channel") from None
    except DatabaseAwayError:
        raise ProblemError(503, "not_saved") from None
    Log("console").info("channel.answered", person=reach.person, channel=reach.channel)
