"""The dead-man ping: an outside watcher hears every few seconds that all is well, and notices when it does not."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import httpx

from ingest.log import Log

LIMIT_S = 5.0


class DeadMan:
    """Pings in a thread of its own while ``is_well``; the address is a secret and never told.

    ``count`` takes the outcome of each ping: ``sent`` or ``failed``.
    """

    def __init__(
        self, url: str, method: str, every_s: float, is_well: Callable[[], bool], count: Callable[[str], None], log: Log
    ) -> None:
        self._url = url
        self._method = method
        self._every_s = every_s
        self._is_well = is_well
        self._count = count
        self._log = log
        self._failing = False
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="watch-dead-man", daemon=True)

    def start(self) -> None:
        if self._url:
            self._thread.start()

    def stop(self) -> None:
        self._stopping.set()

    def _run(self) -> None:
        with httpx.Client(timeout=LIMIT_S) as client:
            next_s = time.monotonic()
            while not self._stopping.wait(max(0.0, next_s - time.monotonic())):
                next_s = max(next_s + self._every_s, time.monotonic())
                if self._is_well():
                    self._ping(client)

    def _ping(self, client: httpx.Client) -> None:
        try:
            answer = client.request(self._method, self._url)
            trouble = "" if answer.is_success else f"HTTP {answer.status_code}"
        except httpx.HTTPError as error:
            trouble = type(error).__name__
        self._count("failed" if trouble else "sent")
        if trouble and not self._failing:
            self._log.warning("ping.failed", reason=trouble)
        elif self._failing and not trouble:
            self._log.info("ping.sent_again")
        self._failing = bool(trouble)
