"""How often something may be asked for, counted in memory: enough to keep one caller from keeping everybody busy."""

from __future__ import annotations

_MOST_KEYS = 10_000


class Limit:
    """At most ``most`` in any window of ``window_s``, for each key by itself."""

    def __init__(self, most: int, window_s: float) -> None:
        self._most = most
        self._window_s = window_s
        self._counts: dict[str, tuple[float, int]] = {}

    def allows(self, key: str, now_s: float) -> bool:
        """Count one more; False when it is one too many."""
        began_s, count = self._counts.get(key, (now_s, 0))
        if not 0 <= now_s - began_s < self._window_s:
            began_s, count = now_s, 0
        if len(self._counts) >= _MOST_KEYS:
            self._counts.clear()
        self._counts[key] = (began_s, count + 1)
        return count < self._most
