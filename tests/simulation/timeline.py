"""True time, the wall clock that the programs read, and everything that will happen: one queue, one generator."""

from __future__ import annotations

import heapq
import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

DAY_S = 86_400.0
_UP_SINCE_S = 30.0

Act = Callable[[], None]


class Timeline:
    """``now_s`` is true time, in seconds since the run began; nothing ever sets it back.

    The wall clock is what people and programs call the time. It may be stepped; true time does not notice.
    """

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.now_s = 0.0
        self.stepped_s = 0.0
        self.booted_s = 0.0
        self.boots = 1
        self._start = datetime.min.replace(tzinfo=UTC)
        self._queue: list[tuple[float, int, Act]] = []
        self._count = 0

    def begin(self, start: datetime) -> None:
        """``start``: the aware moment at which the run begins."""
        self._start = start

    def now(self) -> datetime:
        """The wall clock: aware UTC."""
        return self._start + timedelta(seconds=self.now_s + self.stepped_s)

    def steady_s(self) -> float:
        """The clock of the machine that nobody sets."""
        return self.now_s + _UP_SINCE_S - self.booted_s

    def boot(self) -> str:
        return f"boot-{self.boots}"

    def reboot(self) -> None:
        """The machine starts anew."""
        self.boots += 1
        self.booted_s = self.now_s

    def true_moment(self, at_s: float) -> datetime:
        """What a wall clock that nobody has stepped shows at ``at_s``."""
        return self._start + timedelta(seconds=at_s)

    def at(self, at_s: float, act: Act) -> None:
        """Let ``act`` happen at ``at_s``, after what is planned for the same moment already."""
        self._count += 1
        heapq.heappush(self._queue, (max(at_s, self.now_s), self._count, act))

    def after(self, delay_s: float, act: Act) -> None:
        """Let ``act`` happen ``delay_s`` seconds from now."""
        self.at(self.now_s + delay_s, act)

    def often(self, per_day: float, act: Act, own: random.Random | None = None) -> None:
        """Let ``act`` happen again and again without a pattern, ``per_day`` times a day on average.

        With a generator of its ``own`` nothing else in the story is drawn differently because of it.
        """
        if per_day <= 0:
            return

        def again() -> None:
            self.often(per_day, act, own)
            act()

        self.after((own or self.random).expovariate(per_day / DAY_S), again)

    def next_s(self) -> float:
        """When the next thing happens."""
        return self._queue[0][0] if self._queue else float("inf")

    def run_next(self) -> None:
        """Let the next thing happen."""
        at_s, _, act = heapq.heappop(self._queue)
        self.now_s = at_s
        act()

    def run_until(self, end_s: float) -> None:
        """Let everything happen up to ``end_s``; that is the time then."""
        while self.next_s() <= end_s:
            self.run_next()
        self.now_s = max(self.now_s, end_s)
