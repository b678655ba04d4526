"""The evidence of a missing sign of life as ``detect`` sends it: a usual day, a quiet morning, nothing since 22:41."""

from __future__ import annotations

from typing import Any

NOW_H, SINCE_H = 8.25, -1.32
"""08:15 today, and 22:41 yesterday, in hours after this midnight."""

_USUAL = (
    *(0.04, 0.0, 0.04, 0.07, 0.0, 0.0, 0.11, 0.04, 0.0, 0.04, 0.07, 0.11),
    *(0.25, 0.54, 0.82, 0.96, 1.0, 0.93, 0.68, 0.57, 0.5, 0.46, 0.64, 0.86),
    *(0.93, 0.79, 0.43, 0.29, 0.25, 0.32, 0.46, 0.54, 0.61, 0.57, 0.71, 0.89),
    *(0.96, 0.93, 0.82, 0.75, 0.71, 0.68, 0.64, 0.54, 0.39, 0.21, 0.14, 0.07),
)


def life_evidence(stage: str = "asked", *, at_s: float = 1.77e9, **changes: Any) -> dict[str, Any]:
    """Judged at ``at_s``; ``changes`` replace parts of it."""
    return {
        "stage": stage,
        "since_s": at_s - (NOW_H - SINCE_H) * 3600,
        "text": "by 08:15 there was a sign of life on 27 of the last 28 days, on 25 of them something that heats, as a "
        "kettle does; now nothing since yesterday 22:41",
        "text_zh": "近28天中有27天在08:15前已有活动迹象(其中25天用过电水壶一类的电热器具);"
        "现在自昨天22:41起没有任何活动迹象",
        "day": {
            "usual": list(_USUAL),
            "today": [False] * 7 + [None] * 2 + [False] * 8,
            "now_h": NOW_H,
            "since_h": SINCE_H,
        },
    } | changes
