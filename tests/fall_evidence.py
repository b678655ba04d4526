"""The evidence of a fall as ``detect`` sends it: walking, an impact, another posture, and what came after."""

from __future__ import annotations

from typing import Any

BEFORE_S, AFTER_S = 8.0, {"suspected": 2.0, "confirmed": 14.0, "recovered": 13.0}
"""Drawn before the impact and after it."""


def fall_evidence(stage: str = "confirmed", *, at_s: float = 1.77e9, **changes: Any) -> dict[str, Any]:
    """A fall whose impact is at ``at_s``; ``changes`` replace parts of it."""
    end_s = at_s + AFTER_S[stage]
    after = {
        "stage": "after",
        "what": "walking" if stage == "recovered" else "still",
        "from_s": at_s + 2,
        "to_s": end_s,
    }
    times_s = [at_s + n / 10 for n in range(round(-BEFORE_S * 10), round((end_s - at_s) * 10) + 1)]
    gait = stage == "recovered"
    return {
        "signal": "accel_peak_g",
        "value": 3.4,
        "stage": stage,
        "score": 0.93,
        "threshold": 0.5,
        "placement": "wrist",
        "sensitivity": "normal",
        "turn_deg": 78,
        "impact_at_s": at_s,
        "judged_at_s": end_s,
        "stages": [
            {"stage": "before", "what": "walking", "from_s": at_s - BEFORE_S, "to_s": at_s - 0.4},
            {"stage": "impact", "at_s": at_s, "peak_g": 3.4},
            {"stage": "posture", "turn_deg": 78},
            *([] if stage == "suspected" else [after]),
        ],
        "text": "impact of 3.4 g, body turned by 78 degrees",
        "text_zh": "冲击 3.4 g，体位转动 78°",
        "series": [
            {
                "signal": "accel_peak_g",
                "unit": "g",
                "times_s": times_s,
                "values": [_peak_g(time - at_s, gait=gait) for time in times_s],
                "limit": 1.4,
            },
            {
                "signal": "tilt_deg",
                "unit": "°",
                "times_s": times_s,
                "values": [_tilt_deg(time - at_s, gait=gait) for time in times_s],
            },
        ],
    } | changes


def _peak_g(after_s: float, *, gait: bool) -> float:
    steps = 1.1 + 0.15 * (round(after_s * 10) % 3)
    if after_s < -0.4 or (gait and after_s > 4):
        return steps
    return max(1.0, 3.4 - 2.4 * abs(after_s) / 0.4)


def _tilt_deg(after_s: float, *, gait: bool) -> float:
    if after_s < -0.4 or (gait and after_s > 4):
        return 4.0 + round(after_s * 10) % 5
    return min(78.0, 100 * (after_s + 0.4))
