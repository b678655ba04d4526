"""The judgement of silence over many homes with a meter each: minutes of samples, and slots of five minutes."""

from __future__ import annotations

import time
from typing import Any

import numpy as np

from alarms.core.inactivity.clock import LocalClock
from alarms.core.inactivity.silence import SETTLE_S, Silence

HOMES = 100_000
START_S = 1_764_000_000.0 // 86_400 * 86_400 - 8 * 3600


def run(*, homes: int = HOMES, rounds: int = 20) -> dict[str, Any]:  # Any: the rows of `anxin bench core --json`
    """Every minute each home sends a sample; a round is five minutes with the slot that ends in them."""
    random = np.random.default_rng(7)
    silence = Silence(LocalClock(["Asia/Shanghai"] * homes), np.arange(homes), np.zeros(homes, np.bool_))
    silence.tick(START_S)
    for spell in (silence.any, silence.sure):
        spell.rhythm.heard[:] = np.uint32((1 << 28) - 1)
        spell.rhythm.signs[:] = random.integers(0, 1 << 28, spell.rhythm.signs.shape, np.uint32)
        spell.bar.alarm[:] = 12.0
    every = np.arange(homes)
    watts = 100.0 + random.integers(0, 300, homes)
    minute_ms, slot_ms = [], []
    for minute in range((rounds + 1) * 5):
        changed = random.random(homes) < 0.2
        watts = np.where(changed, 100.0 + random.integers(0, 2000, homes), watts)
        at_s = np.full(homes, START_S + minute * 60.0)
        began = time.perf_counter()
        silence.power(every, at_s, watts)
        fed = time.perf_counter()
        silence.tick(START_S + (minute + 1) * 60.0 + SETTLE_S)
        if minute >= 5:
            minute_ms.append((fed - began) * 1000)
            slot_ms.append((time.perf_counter() - fed) * 1000)
    ends = np.array(slot_ms).reshape(rounds, 5).max(axis=1)
    return {
        "settings": {"homes": homes, "rounds": rounds, "samples_per_s": round(homes / 60)},
        "results": [
            _row("inactivity, a minute of samples", homes, minute_ms, silence),
            _row("inactivity, the end of a slot", homes, ends.tolist(), silence),
        ],
    }


def _row(rules: str, homes: int, spent_ms: list[float], silence: Silence) -> dict[str, Any]:  # Any: a row
    return {
        "rules": rules,
        "signals": homes,
        "tick_ms_median": round(float(np.median(spent_ms)), 1),
        "tick_ms_p99": round(float(np.percentile(spent_ms, 99)), 1),
        "bytes_per_signal": round(silence.nbytes() / homes),
    }
