"""The webhook channel: one POST of JSON per send, with the send's key as Idempotency-Key."""

from __future__ import annotations

import httpx
import msgspec

from alarms.errors import ChannelError
from alarms.notify.message import Notice

_ENCODE = msgspec.json.Encoder().encode


class Webhook:
    """Posts notices. Redirects are not followed; a 2xx answer means that the provider has it."""

    def __init__(self, timeout_s: float) -> None:
        self._client = httpx.Client(timeout=timeout_s, follow_redirects=False, trust_env=False)

    def close(self) -> None:
        self._client.close()

    def send(self, address: str, notice: Notice) -> str:
        """Post the notice.

        Raises
        ------
        ChannelError
            No answer, or one that is not 2xx; permanent for a wrong address and for 4xx except 408, 425 and 429.
        """
        headers = {"Idempotency-Key": notice.key, "Content-Type": "application/json"}
        try:
            answer = self._client.post(address, content=_ENCODE(notice), headers=headers)
        except (httpx.UnsupportedProtocol, httpx.InvalidURL) as error:
            raise ChannelError(f"the address is wrong: {error}", permanent=True) from error
        except httpx.HTTPError as error:
            raise ChannelError(f"{type(error).__name__}: {error}", permanent=False) from error
        if answer.is_success:
            return f"HTTP {answer.status_code}"
        permanent = answer.is_client_error and answer.status_code not in (408, 425, 429)
        raise ChannelError(f"HTTP {answer.status_code}", permanent=permanent)
