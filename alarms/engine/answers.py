"""What comes back from a phone: a token in every message says who was told what, and proves it.

A token is base64url of a ticket and its HMAC-SHA256. Nothing is kept until it is used: the command that it becomes has
an id made of the token, so that the journal answers the same token the same way for ever.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path

import msgspec

from alarms.engine.sends import by_of
from alarms.errors import AnswerTokenError
from alarms.journal.records import Send
from alarms.notify.secret_file import load_or_create, text_secret
from ingest.log import Log

FILE = "answer_key"
LIFE_S = 24 * 3600
ON_MY_WAY = "在路上 On my way"
"""The note that goes with the answer of this name."""

_MAC_BYTES = 16
_LONGEST = 1000
_SHORTEST_KEY = 32


class Answer(StrEnum):
    """What a person says to a message; both take the alarm."""

    ACKNOWLEDGE = "acknowledge"
    ON_MY_WAY = "on_my_way"


class SendTicket(msgspec.Struct, frozen=True, array_like=True, tag="s"):
    """The bearer was told of an alarm by this send."""

    site_id: str
    send_key: str
    expires_s: int

    @property
    def alarm_id(self) -> str:
        return self.send_key.partition("/")[0]

    @property
    def target(self) -> str:
        """Whom the message was for: ``user:{id}``, ``contact:{id}`` or ``duty:{n}``."""
        return self.send_key.split("/", 3)[-1].rpartition("/")[0]

    @property
    def by(self) -> str:
        """The person as commands name them."""
        return by_of(self.target)


class ChannelTicket(msgspec.Struct, frozen=True, array_like=True, tag="c"):
    """The bearer got a test message over this channel of a person; ``mark`` stands for the address."""

    person: str
    channel: str
    mark: str
    expires_s: int


Ticket = SendTicket | ChannelTicket
_ENCODE = msgspec.msgpack.Encoder().encode
_DECODER: msgspec.msgpack.Decoder[Ticket] = msgspec.msgpack.Decoder(Ticket)


class AnswerKey:
    """Makes tokens and proves them."""

    def __init__(self, secret: bytes) -> None:
        if len(secret) < _SHORTEST_KEY:
            raise ValueError(f"the key of answers has {len(secret)} bytes: it must have at least {_SHORTEST_KEY}")
        self._secret = secret

    def issue(self, ticket: Ticket) -> str:
        """The token of a ticket: fit for the path of a URL, the same every time."""
        body = _ENCODE(ticket)
        return base64.urlsafe_b64encode(body + self._mac(body)).rstrip(b"=").decode()

    def read(self, token: str, now: datetime) -> Ticket:
        """The ticket of a token.

        Raises
        ------
        AnswerTokenError
            It is not one of ours, or it is too old.
        """
        raw = _bytes_of(token)
        body, mac = raw[:-_MAC_BYTES], raw[-_MAC_BYTES:]
        if not hmac.compare_digest(mac, self._mac(body)):
            raise AnswerTokenError("wrong_token")
        try:
            ticket = _DECODER.decode(body)
        except msgspec.MsgspecError as error:  # of another version
            raise AnswerTokenError("wrong_token") from error
        if ticket.expires_s <= now.timestamp():
            raise AnswerTokenError("expired_token")
        return ticket

    def _mac(self, body: bytes) -> bytes:
        return hmac.digest(self._secret, body, hashlib.sha256)[:_MAC_BYTES]


@dataclass(frozen=True, slots=True, kw_only=True)
class Links:
    """Makes the links of messages; without ``public_url``, where phones reach the console, there are none."""

    key: AnswerKey | None = None
    public_url: str = ""

    def answer_url(self, ticket: Ticket) -> str:
        """The page that takes the answer."""
        return self._url("a", ticket)

    def receipt_url(self, ticket: SendTicket) -> str:
        """Where a phone says, by a POST without a body, that it has shown the message."""
        return self._url("api/v1/receipts", ticket)

    def _url(self, path: str, ticket: Ticket) -> str:
        if self.key is None or not self.public_url:
            return ""
        return f"{self.public_url.rstrip('/')}/{path}/{self.key.issue(ticket)}"


NO_LINKS = Links()


def ticket_of(send: Send, site_id: str) -> SendTicket:
    """The ticket of a send; every attempt carries the same one."""
    return SendTicket(site_id=site_id, send_key=send.send_key, expires_s=int(send.due_s) + LIFE_S)


def use_id(token: str) -> str:
    """The id of the command that a token becomes: a token is used once."""
    return f"answer-{hashlib.sha256(token.encode()).hexdigest()[:32]}"


def mark_of(address: str) -> str:
    """Stands for an address where the address itself, which is a secret, must not stand."""
    return hashlib.sha256(address.encode()).hexdigest()[:16]


def load_or_create_answer_key(folder: Path) -> AnswerKey:
    """The key from ``answer_key`` in the folder of secrets, made at the first call, readable by its owner only.

    Raises
    ------
    ValueError
        The file holds too little for a key.
    """
    return AnswerKey(load_or_create(folder / FILE, text_secret).strip())


def load_links(folder: Path, public_url: str) -> Links:
    """The links of messages; without a usable key there are none, and people are told all the same."""
    try:
        return Links(key=load_or_create_answer_key(folder), public_url=public_url)
    except (OSError, ValueError) as error:
        Log("alarms").error("answers.no_key", error=error)
        return NO_LINKS


def _bytes_of(token: str) -> bytes:
    """The token's bytes; only the one right spelling counts, so that one token is one use."""
    if len(token) > _LONGEST:
        raise AnswerTokenError("wrong_token")
    try:
        raw = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError) as error:
        raise AnswerTokenError("wrong_token") from error
    if base64.urlsafe_b64encode(raw).rstrip(b"=").decode() != token:
        raise AnswerTokenError("wrong_token")
    return raw
