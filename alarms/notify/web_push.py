"""The Web Push channel: encrypted for one browser (RFC 8291), handed to that browser's push service (RFC 8030)."""

from __future__ import annotations

import base64
import hashlib
from typing import Any

import msgspec
from http_ece import ECEException
from pywebpush import WebPusher, WebPushException

from alarms.errors import ChannelError
from alarms.lifecycle.alarm import Priority
from alarms.notify.guarded_http import GuardedHttp
from alarms.notify.message import Notice
from alarms.notify.vapid import VapidKey
from ingest.clock import Clock

_ENCODE = msgspec.json.Encoder().encode
_ENDED = frozenset({404, 410})
_URGENCY = {
    Priority.EMERGENCY: "high",
    Priority.HIGH: "high",
    Priority.MEDIUM: "normal",
    Priority.LOW: "low",
}
_KEEP_S = {Priority.EMERGENCY: 900, Priority.HIGH: 3600, Priority.MEDIUM: 3600, Priority.LOW: 6 * 3600}
_TOPIC_LENGTH = 32  # RFC 8030 §5.4
_LONGEST_TITLE, _LONGEST_BODY = 100, 200  # a push is 4,096 bytes at most, with its links


class _Keys(msgspec.Struct):
    p256dh: str
    auth: str


class _Subscription(msgspec.Struct):
    endpoint: str
    keys: _Keys


class WebPush:
    """Pushes notices. The address is a subscription as the browser gives it, in JSON."""

    def __init__(self, http: GuardedHttp, key: VapidKey, clock: Clock) -> None:
        self._http = http
        self._key = key
        self._clock = clock

    def send(self, address: str, notice: Notice) -> str:
        """Encrypt the notice and hand it to the push service.

        Raises
        ------
        ChannelError
            The subscription is unusable (permanent) or has ended (``gone``), or the service did not take it.
        """
        subscription = _subscription(address)
        body = _encrypt(subscription, _ENCODE(payload(notice)))
        priority = Priority(notice.priority)
        headers = {
            "Content-Type": "application/octet-stream",
            "Content-Encoding": "aes128gcm",
            "TTL": str(_KEEP_S[priority]),
            "Urgency": _URGENCY[priority],
            "Topic": topic(notice.collapse_key),
        }
        headers |= self._key.headers(self._http.origin(subscription.endpoint), self._clock.now().timestamp())
        answer = self._http.post(subscription.endpoint, body, headers)
        if answer.status in _ENDED:
            raise ChannelError(f"HTTP {answer.status}: the subscription has ended", permanent=True, gone=True)
        return answer.accepted()


def payload(notice: Notice) -> dict[str, Any]:  # Any: a JSON object
    """What the service worker gets: texts in the language of the address, and where to answer."""
    return {
        "v": 1,
        "key": notice.key,
        "tag": topic(notice.collapse_key),
        "alarm_id": notice.alarm_id,
        "kind": notice.kind,
        "priority": notice.priority,
        "title": notice.title[:_LONGEST_TITLE],
        "body": notice.body[:_LONGEST_BODY],
        "language": notice.language,
        "raised_at": notice.raised_at,
        "drill": notice.drill,
        "test": notice.test,
        "answer_url": notice.answer_url,
        "receipt_url": notice.receipt_url,
        **({"path": notice.page} if notice.page else {}),
    }


def topic(collapse_key: str) -> str:
    """A name that tells others nothing, the same for all rounds of a step: the newer message replaces the older."""
    return base64.urlsafe_b64encode(hashlib.sha256(collapse_key.encode()).digest())[:_TOPIC_LENGTH].decode()


def _subscription(address: str) -> _Subscription:
    try:
        return msgspec.json.decode(address, type=_Subscription)
    except msgspec.DecodeError as error:
        raise ChannelError(f"the address is no push subscription: {error}", permanent=True) from error


def _encrypt(subscription: _Subscription, plain: bytes) -> bytes:
    try:
        encoded = WebPusher(msgspec.to_builtins(subscription)).encode(plain, content_encoding="aes128gcm")
    except (WebPushException, ECEException, ValueError, IndexError) as error:
        raise ChannelError(f"the subscription's keys are wrong: {type(error).__name__}", permanent=True) from error
    return bytes(encoded["body"])
