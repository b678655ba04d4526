"""The rules about sensors that cannot be believed, and what the other rules of a signal hear of one meanwhile."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from alarms.core.change import fed, moved
from alarms.core.intake import Samples
from alarms.core.jumps import Jumps
from alarms.core.latch import Flips, Latch
from alarms.core.plan import Plan
from alarms.core.rules import RuleType
from alarms.core.saved import Array, matching


class Implausible:
    """While a sensor is broken the rules that raise above a limit hear the least of what it said lately.

    So it raises nothing by leaping, and a fire at a broken sensor is told once it stays hot. A sound sensor's samples
    are handed on as they are.
    """

    def __init__(self, plan: Plan) -> None:
        rows = plan.of_type(RuleType.IMPLAUSIBLE)
        self._own = plan.own
        self._rows = rows
        self._feed = plan.feed((RuleType.IMPLAUSIBLE,))
        self._jumps = Jumps(
            jump=plan.limit[rows],
            within_s=plan.norm[rows],
            window_s=plan.window_s[rows],
            count=plan.count[rows],
            low=plan.low[rows],
            high=plan.high[rows],
        )

    def judge(self, samples: Samples, latch: Latch) -> tuple[list[Flips], Samples]:
        """The changes of one round, their ``row`` counting in ``samples``; and the samples that others may hear."""
        found: list[Flips] = []
        for slot, rows in fed(self._feed, samples):
            at_s, received_s = samples.at_s[rows], samples.received_s[rows]
            part, until_s, stays, outside = self._jumps.update(
                self._own[slot], at_s, samples.value[rows], samples.repeated[rows], latch.active[slot]
            )
            if not part.size:
                continue
            slot, of = slot[part], part if isinstance(rows, slice) else rows[part]  # noqa: PLW2901 - its few
            found += moved(latch.hold(slot, at_s[part], received_s[part], until_s), of)
            broken = np.flatnonzero(latch.raised[slot] | outside)
            if broken.size:
                value = samples.value.copy()
                value[of[broken]] = stays[broken]
                samples = replace(samples, value=value)
        return found, samples

    def clock_set(self, by_s: float) -> None:
        """The clock of the samples was set."""
        self._jumps.clock_set(by_s)

    def saved(self, keys: NDArray[np.int64]) -> dict[str, Array]:
        """The arrays to be kept; ``keys`` name all slots of the plan."""
        kept = {f"implausible.{name}": array for name, array in self._jumps.saved().items()}
        return {"implausible.keys": keys[self._rows], **kept}

    def restore(self, arrays: Mapping[str, Array], keys: NDArray[np.int64]) -> None:
        """Take over what is still there."""
        if "implausible.keys" not in arrays:
            return  # saved before there were such rules
        here, there = matching(keys[self._rows], arrays["implausible.keys"])
        prefix = "implausible."
        own = {name.removeprefix(prefix): array for name, array in arrays.items() if name.startswith(prefix)}
        self._jumps.restore(own, here, there)

    def nbytes(self) -> int:
        """Bytes of all arrays."""
        return self._jumps.nbytes() + self._feed.nbytes()
