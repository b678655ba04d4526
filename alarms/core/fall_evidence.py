"""The evidence of a fall: what is known at its stage, for the console to draw (docs/topics.md)."""

from __future__ import annotations

import math
from typing import Any

from alarms.core.falls import Did, Fall
from alarms.core.motion.impacts import IMPACT_G
from ingest.wire.fall_stage import Stage

_GRAVITY = {"signal": "accel_peak_g", "unit": "g"}
_TILT = {"signal": "tilt_deg", "unit": "°"}


def of_fall(fall: Fall, sensitivity: str) -> dict[str, Any]:  # Any: a JSON object
    """What is known now, to be laid over what was known before."""
    stage = str(fall.stage)
    stages: list[dict[str, Any]] = [  # Any: JSON objects
        *([_did("before", fall.before)] if fall.before is not None else []),
        {"stage": "slump" if fall.is_slump else "impact", "at_s": fall.impact_at, "peak_g": round(fall.peak_g, 2)},
        {"stage": "posture", "turn_deg": round(fall.turn_deg)},
        *(_did("after", did) for did in fall.after),
    ]
    evidence: dict[str, Any] = {  # Any: a JSON object
        "signal": _GRAVITY["signal"],
        "value": round(fall.peak_g, 2),
        "stage": stage,
        "score": round(_chance(fall.logit), 3),
        "threshold": round(_chance(fall.limit), 3),
        "placement": fall.placement.name.lower(),
        "sensitivity": str(sensitivity),
        "turn_deg": round(fall.turn_deg),
        "impact_at_s": fall.impact_at,
        "judged_at_s": fall.judged_at,
        "stages": stages,
    }
    evidence["text"], evidence["text_zh"] = _fall_texts(fall)
    if fall.drawn is not None:
        times_s = fall.drawn.times_s
        evidence["series"] = [
            {**_GRAVITY, "times_s": times_s, "values": fall.drawn.peaks_g, "limit": IMPACT_G},
            {**_TILT, "times_s": times_s, "values": fall.drawn.tilts_deg},
        ]
    return evidence


def _did(stage: str, did: Did) -> dict[str, Any]:  # Any: a JSON object
    return {"stage": stage, "what": str(did.doing), "from_s": did.from_s, "to_s": did.to_s}


def _chance(logit: float) -> float:
    return 1 / (1 + math.exp(-logit)) if logit > -50 else 0.0


def _fall_texts(fall: Fall) -> tuple[str, str]:
    how, how_zh = ("slump", "瘫倒") if fall.is_slump else ("impact", "冲击")
    begin = f"{how} of {fall.peak_g:.1f} g, body turned by {fall.turn_deg:.0f} degrees"
    begin_zh = f"{how_zh} {fall.peak_g:.1f} g，体位转动 {fall.turn_deg:.0f}°"
    after_s = fall.judged_at - fall.impact_at
    if fall.stage is Stage.CONFIRMED:
        return f"{begin}; lying still {after_s:.0f} s later", f"{begin_zh}；{after_s:.0f} 秒后仍静卧不动"
    if fall.stage is Stage.RECOVERED:
        return f"{begin}; walking again {after_s:.0f} s later", f"{begin_zh}；{after_s:.0f} 秒后已起身行走"
    return begin, begin_zh
