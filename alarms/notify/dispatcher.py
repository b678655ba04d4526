"""Carries sends to their channels on worker threads: emergencies have workers of their own."""

from __future__ import annotations

import queue
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from alarms.errors import ChannelError
from alarms.notify.message import Notice
from alarms.notify.port import Channel
from ingest.log import Log

_MOST_HUNG = 2
_STOP_S = 6.0


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
    """What came of an attempt; ``gone`` and ``retry_after_s`` as in ``ChannelError``."""

    task: Task
    ok: bool
    result: str
    permanent: bool = False
    gone: bool = False
    retry_after_s: float | None = None


class Dispatcher:
    """Two pools of workers over one set of channels; a send that is under way is not started twice.

    An attempt that takes longer than ``limit_s`` is reported as failed, so that nobody holds a worker; until it has
    really ended its send is still under way, and an address that holds on to two attempts gets no third.
    """

    def __init__(
        self,
        channels: Mapping[str, Channel],
        report: Callable[[Outcome], None],
        workers: int,
        *,
        ordinary: int | None = None,
        limit_s: float = 10.0,
    ) -> None:
        self._channels = channels
        self._report = report
        self._limit_s = limit_s
        self._urgent: queue.SimpleQueue[Task | None] = queue.SimpleQueue()
        self._ordinary: queue.SimpleQueue[Task | None] = queue.SimpleQueue()
        self._unsettled: set[str] = set()
        self._hung: set[str] = set()
        self._hung_at: Counter[tuple[str, str]] = Counter()
        self._lock = threading.Lock()
        self._log = Log("notify")
        self._pools = [(self._urgent, workers), (self._ordinary, ordinary or max(1, workers // 4))]
        self._threads = [
            threading.Thread(target=self._work, args=(pool,), name=f"notify-{number}", daemon=True)
            for pool, count in self._pools
            for number in range(count)
        ]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Finish what is under way; what is queued stands in the journal and goes out after the next start."""
        end = time.monotonic() + _STOP_S
        for pool, count in self._pools:
            for _ in range(count):
                pool.put(None)
        for thread in self._threads:
            thread.join(max(0.0, end - time.monotonic()))

    def is_under_way(self, key: str) -> bool:
        """An attempt of this send is queued, with its channel, or not yet noted by the journal."""
        with self._lock:
            return key in self._unsettled or key in self._hung

    def submit(self, task: Task) -> bool:
        """Queue an attempt; False when this send is under way already."""
        with self._lock:
            if task.notice.key in self._unsettled or task.notice.key in self._hung:
                return False
            self._unsettled.add(task.notice.key)
        (self._urgent if task.urgent else self._ordinary).put(task)
        return True

    def done(self, key: str) -> None:
        """The journal has taken note of this send's outcome: it may be started again when it is due again."""
        with self._lock:
            self._unsettled.discard(key)

    def _work(self, pool: queue.SimpleQueue[Task | None]) -> None:
        while (task := pool.get()) is not None:
            self._report(self._attempt(task))

    def _attempt(self, task: Task) -> Outcome:
        channel = self._channels.get(task.channel)
        if channel is None:
            return Outcome(task=task, ok=False, result=f"no channel {task.channel!r}", permanent=True)
        if self._hung_at[task.channel, task.address] >= _MOST_HUNG:
            return Outcome(task=task, ok=False, result="earlier messages to this address are still under way")
        answer: queue.SimpleQueue[Outcome] = queue.SimpleQueue()
        threading.Thread(
            target=self._carry, args=(channel, task, answer), name=f"send-{task.channel}", daemon=True
        ).start()
        try:
            return answer.get(timeout=self._limit_s)
        except queue.Empty:
            return self._give_up(task, answer)

    def _carry(self, channel: Channel, task: Task, answer: queue.SimpleQueue[Outcome]) -> None:
        outcome = self._send(channel, task)
        with self._lock:
            answer.put(outcome)
            if task.notice.key in self._hung:
                self._hung.discard(task.notice.key)
                self._hung_at[task.channel, task.address] -= 1
                self._log.warning("send.late", send_key=task.notice.key, ok=outcome.ok, result=outcome.result)

    def _give_up(self, task: Task, answer: queue.SimpleQueue[Outcome]) -> Outcome:
        with self._lock:
            if not answer.empty():
                return answer.get()
            self._hung.add(task.notice.key)
            self._hung_at[task.channel, task.address] += 1
        self._log.warning("send.hangs", send_key=task.notice.key)
        return Outcome(task=task, ok=False, result=f"no answer within {self._limit_s:g} s")

    def _send(self, channel: Channel, task: Task) -> Outcome:
        try:
            return Outcome(task=task, ok=True, result=channel.send(task.address, task.notice))
        except ChannelError as error:
            self._log.warning("send.failed", send_key=task.notice.key, result=error)
            return Outcome(
                task=task,
                ok=False,
                result=str(error),
                permanent=error.permanent,
                gone=error.gone,
                retry_after_s=error.retry_after_s,
            )
        except Exception as error:  # noqa: BLE001 - a fault in one channel's library must not end the worker
            self._log.exception("send.broke", send_key=task.notice.key)
            return Outcome(task=task, ok=False, result=type(error).__name__)
