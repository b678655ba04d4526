"""The evidence of a dose: how much of it there is, and when the rest will be."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from alarms.core.judgement import series_of, span, span_zh
from alarms.core.rules import Rule
from ingest.wire.signals import BY_NAME


def of_dose(
    rule: Rule,
    given: Mapping[str, float | str],
    *,
    dose: float,
    at_s: float,
    reached_at: float,
    samples: tuple[list[float], list[float]],
) -> dict[str, Any]:  # Any: a JSON object
    """What was added up by ``at_s``; ``dose`` is a share of what alarms, ``reached_at`` inf where nothing is added."""
    signal, first = BY_NAME[rule.signal], float(given["level_1"])
    series = {**series_of(signal.name, samples), "limit": first}
    evidence: dict[str, Any] = {  # Any: a JSON object
        "signal": signal.name,
        "series": [series],
        "dose_pct": round(100 * dose, 1),
        "reached_at_s": None if math.isinf(reached_at) else reached_at,
    }
    source = rule.source("level_1", first)
    if source is not None:
        evidence["standard"] = str(source)
    value = samples[1][-1] if samples[1] else 0.0
    evidence["value"] = value
    text = f"{signal.en} {value:g} {signal.unit}, {100 * dose:.0f} % of the dose that alarms"
    text_zh = f"{signal.zh} {value:g} {signal.unit}，累积剂量已达报警剂量的 {100 * dose:.0f}%"
    left_s = reached_at - at_s
    if 0 < left_s < math.inf and dose < 1:
        text += f"; all of it in {span(left_s)} if it stays so"
        text_zh += f"；若浓度不变，{span_zh(left_s)}后达到报警剂量"
    return {**evidence, "text": text, "text_zh": text_zh}
