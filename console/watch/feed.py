"""Listens to the console's live feed, over HTTP as a browser does, in a thread of its own."""

from __future__ import annotations

import ssl
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import msgspec

from console.watch.route import PATH
from ingest.log import Log

_END = "-----END CERTIFICATE-----"
_CONNECT_S = 5.0
_SILENT_S = 12.0  # the feed beats every 5 s
_AGAIN_S = 1.0
_PATIENCE_S = 5.0  # a console that starts again is no trouble


@dataclass(frozen=True, slots=True)
class Heard:
    """The feed showed an alarm of the press ``name`` at ``at_s`` (of a clock that never goes back)."""

    name: str
    at_s: float


def trust(certificate: Path | None) -> ssl.SSLContext | bool:
    """Whom to believe: exactly the console's own certificate where it is given, whatever name it is reached by."""
    if certificate is None:
        return True
    own = certificate.read_text("ascii")
    context = ssl.create_default_context(cadata=own[: own.index(_END) + len(_END)])
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    context.check_hostname = False
    return context


class _Shown(msgspec.Struct):
    text: dict[str, str] = {}


class _Alarm(msgspec.Struct):
    alarm: _Shown


class _Snapshot(msgspec.Struct):
    alarms: list[_Shown] = []


_ALARM = msgspec.json.Decoder(_Alarm)
_SNAPSHOT = msgspec.json.Decoder(_Snapshot)


class FeedListener:
    """Tells ``heard`` of every alarm that the feed shows, and connects again for ever."""

    def __init__(
        self, console_url: str, token: str, certificate: Path | None, heard: Callable[[Heard], None], log: Log
    ) -> None:
        self._url = console_url.rstrip("/") + PATH
        self._headers = {"Accept": "text/event-stream"} | ({"Authorization": f"Bearer {token}"} if token else {})
        self._certificate = certificate
        self._heard = heard
        self._log = log
        self._trouble = ""
        self._away_since_s: float | None = None
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="watch-feed", daemon=True)
        self.connected = False

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Ask it to end; a read under way ends with the program."""
        self._stopping.set()

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                trouble = self._listen()
            except (httpx.HTTPError, OSError, ValueError) as error:
                trouble = f"{type(error).__name__}: {error}"
            self.connected = False
            self._tell(trouble)
            self._stopping.wait(_AGAIN_S)

    def _listen(self) -> str:
        """Until the feed ends; why it did."""
        timeout = httpx.Timeout(_CONNECT_S, read=_SILENT_S)
        with (
            httpx.Client(verify=trust(self._certificate), timeout=timeout, trust_env=False) as client,
            client.stream("GET", self._url, headers=self._headers) as answer,
        ):
            if answer.status_code != httpx.codes.OK:
                return f"the console answered {answer.status_code}{_ADVICE.get(answer.status_code, '')}"
            self.connected = True
            self._trouble, self._away_since_s = "", None
            for name in names(answer.iter_lines()):
                self._heard(Heard(name, time.monotonic()))
                if self._stopping.is_set():
                    break
        return "the console ended the feed"

    def _tell(self, trouble: str) -> None:
        """Say a trouble that lasts, and say it once."""
        now_s = time.monotonic()
        if self._away_since_s is None:
            self._away_since_s = now_s
        if now_s - self._away_since_s >= _PATIENCE_S and trouble != self._trouble:
            self._trouble = trouble
            self._log.warning("feed.away", url=self._url, reason=trouble)


def names(lines: Iterable[str]) -> Iterator[str]:
    """The names of presses in a stream of Server-Sent Events, each as soon as its event is complete."""
    event, data = "", ""
    for line in lines:
        if line:
            field, _, value = line.partition(": ")
            event, data = (value, data) if field == "event" else (event, value if field == "data" else data)
            continue
        for shown in _shown(event, data):
            if name := shown.text.get("en"):
                yield name
        event, data = "", ""


def _shown(event: str, data: str) -> list[_Shown]:
    try:
        match event:
            case "alarm":
                return [_ALARM.decode(data).alarm]
            case "snapshot":
                return _SNAPSHOT.decode(data).alarms
    except msgspec.MsgspecError:
        pass
    return []


_ADVICE = {
    403: ": give console and watch the same metrics_token (docs/operations.md)",
    404: ": is it the console of this version?",
}
