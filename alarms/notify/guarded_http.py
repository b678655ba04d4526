"""One POST to an address that somebody else chose: checked, and over in a fixed time whatever the other side does.

The name is looked up once, and the connection goes to the address that was checked; so a name server that gives another
answer the second time changes nothing. The certificate must still be that of the name. Redirects are not followed,
proxies of the environment are not used, and what the other side says after its headers is not read.
"""

from __future__ import annotations

import ssl
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import httpcore

from alarms.errors import ChannelError
from alarms.notify.guard import Guard

_WORTH_ANOTHER_TRY = frozenset({408, 425, 429})
_LONGEST_RETRY_S = 3600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a provider said."""

    status: int
    retry_after_s: float | None = None

    def accepted(self) -> str:
        """The answer in words, when it means that the provider has the message.

        Raises
        ------
        ChannelError
            It is not 2xx; permanent for 3xx, and for 4xx except 408, 425 and 429.
        """
        if 200 <= self.status < 300:
            return f"HTTP {self.status}"
        permanent = 300 <= self.status < 500 and self.status not in _WORTH_ANOTHER_TRY
        raise ChannelError(f"HTTP {self.status}", permanent=permanent, retry_after_s=self.retry_after_s)


class GuardedHttp:
    """Posts to guarded addresses, one connection per message; may be used from any thread."""

    def __init__(self, guard: Guard, timeout_s: float, tls: ssl.SSLContext | None = None) -> None:
        self._guard = guard
        self._timeout_s = timeout_s
        self._tls = tls

    def origin(self, url: str) -> str:
        """Scheme, host and port of an address that is in order.

        Raises
        ------
        ChannelError
            The address is refused.
        """
        target = self._guard.target(url)
        return f"{target.scheme}://{target.authority}"

    def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        """Post the body; all of it takes ``timeout_s`` at most.

        Raises
        ------
        ChannelError
            The address is refused (permanent), or no answer has come (not permanent).
        """
        target = self._guard.target(url)
        origin = httpcore.Origin(target.scheme.encode(), target.host.encode(), target.port)
        asked = httpcore.URL(
            scheme=target.scheme.encode(), host=target.host.encode(), port=target.port, target=target.path.encode()
        )
        backend = _Backend(self._guard, time.monotonic() + self._timeout_s)
        all_headers = {"Host": target.authority, "Content-Length": str(len(body)), **headers}
        try:
            with (
                httpcore.HTTPConnection(origin, ssl_context=self._tls, network_backend=backend) as connection,
                connection.stream("POST", asked, headers=_raw(all_headers), content=body) as answer,
            ):
                return Answer(status=answer.status, retry_after_s=_retry_after_s(answer.headers))
        except (httpcore.NetworkError, httpcore.TimeoutException, httpcore.ProtocolError) as error:
            raise ChannelError(f"{type(error).__name__}: {error}".rstrip(": "), permanent=False) from error


class _Backend(httpcore.NetworkBackend):
    """Connects to checked addresses, one after the other, until the moment ``end`` of the monotonic clock."""

    def __init__(self, guard: Guard, end: float) -> None:
        self._guard = guard
        self._end = end
        self._plain = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,  # Any: the library's signature
    ) -> httpcore.NetworkStream:
        del timeout
        addresses = self._guard.addresses(host, port)
        failed: httpcore.NetworkError | httpcore.TimeoutException = httpcore.ConnectError("no address")
        for left, address in zip(range(len(addresses), 0, -1), addresses, strict=True):
            share_s = max(self._end - time.monotonic(), 0.001) / left
            try:
                stream = self._plain.connect_tcp(address, port, share_s, local_address, socket_options)
            except (httpcore.NetworkError, httpcore.TimeoutException) as error:
                failed = error
            else:
                return _Stream(stream, self._end)
        raise failed


class _Stream(httpcore.NetworkStream):
    """A connection that ends at one moment, however slowly the other side speaks."""

    def __init__(self, inner: httpcore.NetworkStream, end: float) -> None:
        self._inner = inner
        self._end = end

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        del timeout
        return self._inner.read(max_bytes, self._left_s())

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        del timeout
        self._inner.write(buffer, self._left_s())

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        del timeout
        return _Stream(self._inner.start_tls(ssl_context, server_hostname, self._left_s()), self._end)

    def get_extra_info(self, info: str) -> Any:  # Any: the library's signature
        return self._inner.get_extra_info(info)

    def _left_s(self) -> float:
        left_s = self._end - time.monotonic()
        if left_s <= 0:
            raise httpcore.ReadTimeout("the time is up")
        return left_s


def _raw(headers: Mapping[str, str]) -> list[tuple[bytes | str, bytes | str]]:
    return [(name.encode("ascii"), value.encode()) for name, value in headers.items()]


def _retry_after_s(headers: Iterable[tuple[bytes, bytes]]) -> float | None:
    text = next((value.decode("latin-1").strip() for name, value in headers if name.lower() == b"retry-after"), "")
    if text.isdecimal():
        return min(float(text), _LONGEST_RETRY_S)
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return min(max((moment - datetime.now(UTC)).total_seconds(), 0.0), _LONGEST_RETRY_S)
