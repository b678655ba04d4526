"""Many seeds on several processes: how much was lived, and which promises were broken (``anxin nightly``)."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from typing import Any

from tests.simulation.run import Outcome, run

TELL_S = 10.0

Tell = Callable[[str], None]


def live(*, days: int, first_seed: int, each: int, jobs: int, tell: Tell) -> dict[str, Any]:  # Any: JSON
    """Live ``days`` days, ``each`` of every seed; a broken promise is told at once and does not end the others."""
    seeds = -(-days // each)
    began = told = time.monotonic()
    totals: Counter[str] = Counter()
    broken: list[dict[str, Any]] = []  # Any: JSON
    lived, worst_s, done = 0.0, 0.0, 0
    for outcome in _outcomes(range(first_seed, first_seed + seeds), each, jobs):
        done += 1
        lived += outcome.days
        worst_s = max(worst_s, outcome.worst_s)
        totals.update(outcome.counts)
        if outcome.broken is not None:
            broken.append(
                {
                    "seed": outcome.seed,
                    "day": outcome.broken.day,
                    "promise": outcome.broken.promise,
                    "text": outcome.broken.text,
                }
            )
            tell(_told(outcome, each))
        now = time.monotonic()
        if now - told >= TELL_S or done == seeds:
            told = now
            tell(f"{done} of {seeds} seeds, {lived:.0f} days, {now - began:.0f} s, {len(broken)} broken")
    row = {"days": round(lived, 2), "seeds": done, "broken": len(broken), "worst_s": round(worst_s, 3), **totals}
    row |= {"wall_s": round(time.monotonic() - began, 1), "found": broken}
    return {
        "settings": {"days": days, "seed": first_seed, "each": each, "jobs": jobs},
        "results": [row],
    }


def _outcomes(seeds: range, each: int, jobs: int) -> Iterator[Outcome]:
    """As they come; no more are handed out than are worked on."""
    if jobs == 1:
        yield from (run(seed, each) for seed in seeds)
        return
    left = iter(seeds)
    with ProcessPoolExecutor(jobs) as pool:
        under_way: set[Future[Outcome]] = set()
        for seed in left:
            under_way.add(pool.submit(run, seed, each))
            if len(under_way) < 2 * jobs:
                continue
            done, under_way = wait(under_way, return_when=FIRST_COMPLETED)
            yield from (future.result() for future in done)
        while under_way:
            done, under_way = wait(under_way, return_when=FIRST_COMPLETED)
            yield from (future.result() for future in done)


def _told(outcome: Outcome, each: int) -> str:
    broken = outcome.broken
    assert broken is not None
    return "\n".join(
        [
            f"seed {outcome.seed}, day {broken.day}: BROKEN: {broken.promise}",
            f"  {broken.text}",
            *(f"  {line}" for line in broken.story),
            f"  again, with the whole story: ./anxin nightly --seed {outcome.seed} --days {each} --each {each} --story",
        ]
    )
