"""Carries sends to their channels on worker threads: emergencies have workers of their own."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from alarms.errors import ChannelError
from alarms.notify.message import Notice
from alarms.notify.port import Channel
from ingest.log import Log


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """One attempt of one send."""

    notice: Notice
    channel: str
    address: str
    urgent: bool
    attempt: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of an attempt."""

    task: Task
    ok: bool
    result: str
    permanent: bool = False


class Dispatcher:
    """Two pools of workers over one set of channels; a send that is under way is not started twice."""

    def __init__(self, channels: Mapping[str, Channel], report: Callable[[Outcome], None], workers: int) -> None:
        self._channels = channels
        self._report = report
        self._urgent: queue.SimpleQueue[Task | None] = queue.SimpleQueue()
        self._ordinary: queue.SimpleQueue[Task | None] = queue.SimpleQueue()
        self._under_way: set[str] = set()
        self._lock = threading.Lock()
        self._log = Log("notify")
        pools = [(self._urgent, workers), (self._ordinary, max(1, workers // 4))]
        self._threads = [
            threading.Thread(target=self._work, args=(pool,), name=f"notify-{number}", daemon=True)
            for pool, count in pools
            for number in range(count)
        ]
        self._ends = [(pool, count) for pool, count in pools]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Finish what is under way; what is queued stands in the journal and goes out after the next start."""
        for pool, count in self._ends:
            for _ in range(count):
                pool.put(None)
        for thread in self._threads:
            thread.join(6)

    def submit(self, task: Task) -> bool:
        """Queue an attempt; False when this send is under way already."""
        with self._lock:
            if task.notice.key in self._under_way:
                return False
            self._under_way.add(task.notice.key)
        (self._urgent if task.urgent else self._ordinary).put(task)
        return True

    def done(self, key: str) -> None:
        """The journal has taken note of this send's outcome: it may be started again when it is due again."""
        with self._lock:
            self._under_way.discard(key)

    def _work(self, pool: queue.SimpleQueue[Task | None]) -> None:
        while (task := pool.get()) is not None:
            self._report(self._attempt(task))

    def _attempt(self, task: Task) -> Outcome:
        channel = self._channels.get(task.channel)
        if channel is None:
            return Outcome(task=task, ok=False, result=f"no channel {task.channel!r}", permanent=True)
        try:
            return Outcome(task=task, ok=True, result=channel.send(task.address, task.notice))
        except ChannelError as error:
            self._log.warning("send.failed", send_key=task.notice.key, result=error)
            return Outcome(task=task, ok=False, result=str(error), permanent=error.permanent)
        except Exception as error:  # noqa: BLE001 - a fault in one channel's library must not end the worker
            self._log.exception("send.broke", send_key=task.notice.key)
            return Outcome(task=task, ok=False, result=repr(error), permanent=False)
