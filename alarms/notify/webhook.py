"""The webhook channel: one signed POST of JSON per send, with the send's key as Idempotency-Key."""

from __future__ import annotations

import msgspec

from alarms.notify import signature
from alarms.notify.guarded_http import GuardedHttp
from alarms.notify.message import Notice
from ingest.clock import Clock

_ENCODE = msgspec.json.Encoder().encode


class Webhook:
    """Posts notices; a 2xx answer means that the receiver has it."""

    def __init__(self, http: GuardedHttp, secret: bytes, clock: Clock) -> None:
        self._http = http
        self._secret = secret
        self._clock = clock

    def send(self, address: str, notice: Notice) -> str:
        """Post the notice.

        Raises
        ------
        ChannelError
            The address is refused, no answer has come, or one that is not 2xx.
        """
        body = _ENCODE(notice)
        now_s = int(self._clock.now().timestamp())
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "Anxin",
            "Idempotency-Key": notice.key,
            signature.TIMESTAMP: str(now_s),
            signature.SIGNATURE: signature.sign(self._secret, now_s, body),
        }
        return self._http.post(address, body, headers).accepted()
