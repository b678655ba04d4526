"""Stands where ``alarms.notify.dispatcher.Dispatcher`` stands: the same two pools, without threads."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from alarms.notify.dispatcher import Outcome, Task
from tests.simulation.hazards import Hazards
from tests.simulation.phones import Answer, Phones


class SimDispatcher:
    """One life of the dispatcher; ``report`` gets every outcome."""

    def __init__(
        self,
        phones: Phones,
        hazards: Hazards,
        life: int,
        submitting: Callable[[Task], None],
        report: Callable[[Outcome], None],
        workers: int = 8,
    ) -> None:
        self._phones = phones
        self._hazards = hazards
        self._life = life
        self._submitting = submitting
        self._report = report
        self._free = {True: workers, False: max(1, workers // 4)}
        self._queued: dict[bool, deque[Task]] = {True: deque(), False: deque()}
        self._under_way: set[str] = set()
        self._alive = True

    @property
    def busy(self) -> bool:
        """A message is queued or with its provider."""
        return bool(self._under_way)

    def is_under_way(self, key: str) -> bool:
        return key in self._under_way

    def submit(self, task: Task) -> bool:
        """Queue an attempt; False when this send is under way already."""
        if task.notice.key in self._under_way:
            return False
        self._hazards.touch("before submitting")
        self._submitting(task)
        self._under_way.add(task.notice.key)
        self._queued[task.urgent].append(task)
        self._work(urgent=task.urgent)
        self._hazards.touch("after submitting")
        return True

    def done(self, key: str) -> None:
        """The journal has taken note of this send's outcome."""
        self._under_way.discard(key)

    def die(self) -> None:
        """The process is gone: what waits here is lost, what providers have they have."""
        self._alive = False
        for queue in self._queued.values():
            queue.clear()

    def _work(self, *, urgent: bool) -> None:
        queue = self._queued[urgent]
        while queue and self._free[urgent]:
            task = queue.popleft()
            self._free[urgent] -= 1
            self._phones.ask(task, self._life, lambda answer, task=task: self._answered(task, answer))

    def _answered(self, task: Task, answer: Answer) -> None:
        if not self._alive:
            return
        self._free[task.urgent] += 1
        outcome = Outcome(
            task=task, ok=answer.ok, result=answer.text, permanent=answer.permanent, gone=answer.gone
        )  # fmt: skip
        self._report(outcome)
        self._work(urgent=task.urgent)
