"""What a silence is judged from, in words and as a picture: this home's usual day, and today."""

from __future__ import annotations

import math
from datetime import timedelta
from typing import Any

from alarms.core.inactivity.clock import LocalClock
from alarms.core.inactivity.silence import Silence, Step, Told
from ingest.wire.life_stage import Stage


def of_silence(told: Told, clock: LocalClock, silence: Silence) -> dict[str, Any]:  # Any: a JSON object
    """The evidence of a step; of a silence that is over only that it is."""
    if told.step is Step.OVER:
        by = f"{clock.local(told.home, told.at_s):%H:%M}"
        return {"text": f"a sign of life again by {by}", "text_zh": f"{by}又有活动迹象"}
    now, since = clock.local(told.home, told.at_s), clock.local(told.home, told.since_s)
    by, at = f"{now:%H:%M}", f"{since:%H:%M}"
    match now.date() - since.date():
        case timedelta(days=0):
            day_en, day_zh = "", ""
        case timedelta(days=1):
            day_en, day_zh = "yesterday ", "昨天"
        case _:
            day_en, day_zh = f"{since:%Y-%m-%d} ", f"{since.month}月{since.day}日"
    usual_en = usual_zh = ""
    if told.of_days:
        usual_en = f"by {by} there was a sign of life on {told.days} of the last {told.of_days} days; "
        usual_zh = f"近{told.of_days}天中有{told.days}天在{by}前已有活动迹象;"
    shares = silence.rhythm.shares(told.home).tolist()
    return {
        "stage": Stage.ASKED if told.step is Step.ASK else Stage.MISSING,
        "since_s": told.since_s,
        "score": round(told.score, 2),
        "text": f"{usual_en}now nothing since {day_en}{at}",
        "text_zh": f"{usual_zh}现在自{day_zh}{at}起没有任何活动迹象",
        "day": {
            "usual": [None if math.isnan(share) else round(share, 3) for share in shares],
            "today": silence.today(told.home, told.at_s),
            "now_h": round(now.hour + now.minute / 60, 2),
        },
    }
