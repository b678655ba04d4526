"""What silence in a home is told with: words in both languages, and the learned day to be drawn."""

from __future__ import annotations

from typing import Any

from alarms.core.inactivity.clock import LocalClock
from alarms.core.inactivity.silence import Silence, Step, Told

HALF_HOUR_S = 1800.0


def evidence(silence: Silence, told: Told, clock: LocalClock) -> dict[str, Any]:  # Any: a JSON object
    """The evidence of a step; ``usual`` has the share of days with a sign for each half hour, None: not known."""
    text, text_zh = texts(told, clock.shown(told.home, told.since_s), clock.shown(told.home, told.at_s))
    shares = silence.rhythm.shares(told.home)
    return {
        "since_s": told.since_s,
        "lasted_s": told.at_s - told.since_s,
        "score": round(told.score, 2),
        "days": told.days,
        "of_days": told.of_days,
        "usual": [None if share != share else round(share, 3) for share in shares.tolist()],
        "usual_step_s": HALF_HOUR_S,
        "text": text,
        "text_zh": text_zh,
    }


def texts(told: Told, since: str, now: str) -> tuple[str, str]:
    """A step in English and Chinese; ``since`` and ``now`` are what the home's clock showed."""
    if told.step is Step.OVER:
        return f"a sign of life again by {now}", f"{now} 又有生活迹象"
    days, of = told.days, told.of_days
    return (
        f"no sign of life since {since}; by {now} there was one on {days} of {of} days",
        f"自 {since} 起无生活迹象；过去 {of} 天中有 {days} 天在 {now} 前已有迹象",
    )
