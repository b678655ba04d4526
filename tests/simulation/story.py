"""What happened, in words that a person can follow; the last lines are kept for when something goes wrong."""

from __future__ import annotations

import zlib
from collections import Counter, deque
from zoneinfo import ZoneInfo

from tests.simulation.timeline import DAY_S, Timeline

KEPT = 50


class Story:
    """Lines are put into words only when somebody reads them. ``fingerprint`` tells two runs apart, ``told`` counts."""

    def __init__(self, timeline: Timeline, *, kept: int | None = KEPT) -> None:
        self._timeline = timeline
        self._lines: deque[tuple[float, float, str, tuple[object, ...]]] = deque(maxlen=kept)
        self._zone = ZoneInfo("UTC")
        self.fingerprint = 0
        self.told: Counter[str] = Counter()

    def set_zone(self, name: str) -> None:
        """Tell times as they are at the home."""
        self._zone = ZoneInfo(name)

    def tell(self, text: str, *facts: object) -> None:
        """``text`` with ``{}`` for each of ``facts``; they must not change afterwards."""
        now_s = self._timeline.now_s
        self.told[text] += 1
        self._lines.append((now_s, self._timeline.stepped_s, text, facts))
        self.fingerprint = zlib.crc32(f"{now_s:.6f}{text}{facts}".encode(), self.fingerprint)

    def lines(self) -> list[str]:
        """Day, true local time, what happened; ``±s`` where the wall clock is off."""
        return [self._line(*line) for line in self._lines]

    def _line(self, at_s: float, stepped_s: float, text: str, facts: tuple[object, ...]) -> str:
        moment = self._timeline.true_moment(at_s).astimezone(self._zone)
        off = f" (clock {stepped_s:+.1f} s)" if stepped_s else ""
        return f"day {int(at_s // DAY_S) + 1} {moment:%H:%M:%S.%f}"[:-3] + f"{off}  {text.format(*facts)}"
