"""The evidence of a room's fire: what it looks like and what stood out, for the console to draw (docs/topics.md)."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from alarms.core.fire.channels import CHANNELS, SMOKE
from alarms.core.fire.model import FIRES, Look
from alarms.core.fire.soiling import CLEAN
from alarms.core.judgement import series_of
from ingest.wire.signals import BY_NAME, shown_unit

_SHOWN = 0.05
"""A look less likely than this is not named."""

WORDS = {
    Look.FLAMING: ("open flames", "明火"),
    Look.SMOULDERING: ("smouldering", "阴燃"),
    Look.COOKING: ("cooking", "烹饪油烟"),
    Look.STEAM: ("steam", "水蒸气"),
    Look.DUST: ("dust or spray", "灰尘或喷雾"),
    Look.CIGARETTE: ("a cigarette or candle", "香烟或蜡烛"),
}


@dataclass(frozen=True, slots=True)
class Level:
    """How far a signal is above what is usual in the room; beyond ``calm`` it stands out. ``drawn``: times, values."""

    signal: str
    above: float
    usual: float
    calm: float
    drawn: tuple[list[float], list[float]]


def of_fire(looks: Mapping[Look, float], levels: Sequence[Level], *, raised: bool) -> dict[str, Any]:  # Any: JSON
    """What is known when a fire is raised, or is over."""
    if not raised:
        return {"text": "no longer looks like a fire", "text_zh": "已不再呈现火灾特征"}
    likely = sorted(looks.items(), key=lambda pair: -pair[1])
    named = [(look, share) for look, share in likely if share >= _SHOWN]
    stands_out = [level for level in levels if level.above > level.calm]
    score = sum(share for look, share in looks.items() if look in FIRES)
    text, text_zh = (_text(named, stands_out, language) for language in (0, 1))
    first = max(stands_out, key=lambda level: level.above / level.calm, default=None)
    evidence: dict[str, Any] = {  # Any: a JSON object
        "score": round(score, 3),
        "looks_like": {str(look): round(share, 3) for look, share in named},
        "text": text,
        "text_zh": text_zh,
        "series": [_series(level) for level in levels if level.drawn[0]],
    }
    if first is not None:
        evidence |= {"signal": first.signal, "value": _short(first.usual + first.above)}
    return evidence


def of_smoke(level: Level) -> dict[str, Any]:  # Any: a JSON object
    """What is known when smoke at a detector is dense, or no longer: ``calm`` is the limit."""
    series = _series(level)
    usual, above = f"{_short(level.usual):g}", f"{_short(level.above):g}"
    return {
        "signal": level.signal,
        "value": _short(level.usual + level.above),
        "series": [series] if level.drawn[0] else [],
        "text": f"smoke obscuration {above} dB/m above the usual {usual}",
        "text_zh": f"减光率高出平时 {above} dB/m（平时 {usual}）",
    }


def of_soiling(usual: float, limit: float, drawn: tuple[list[float], list[float]]) -> dict[str, Any]:  # Any: JSON
    """How dirty a smoke detector is: what is usual there, and from where on its rule says so, in dB/m."""
    signal = CHANNELS[SMOKE].signal
    part, whole = f"{usual / CLEAN:.0%}", f"{CLEAN:g}"
    text = f"usually {_short(usual):g} dB/m here: {part} of the {whole} dB/m of dirt that are made up for"
    text_zh = f"此处平时减光率 {_short(usual):g} dB/m，已达可补偿污染 {whole} dB/m 的 {part}"
    if limit >= CLEAN:
        text, text_zh = f"{text}; more is taken for smoke", f"{text_zh}；再脏将被误认为烟雾"
    return {
        "signal": signal,
        "value": _short(usual),
        "series": [{**series_of(signal, drawn), "limit": _short(limit)}] if drawn[0] else [],
        "text": text,
        "text_zh": text_zh,
    }


def _series(level: Level) -> dict[str, Any]:  # Any: a JSON object
    series = series_of(level.signal, level.drawn)
    if math.isfinite(level.calm):
        series["limit"] = _short(level.usual + level.calm)
    return series


def _text(named: Sequence[tuple[Look, float]], levels: Sequence[Level], language: int) -> str:
    looks = [f"{WORDS[look][language]} {share:.0%}" for look, share in named]
    rose = []
    for level in levels:
        signal = BY_NAME[level.signal]
        by = f"{_short(level.above):g} {shown_unit(signal.unit, of_difference=True)}"
        rose.append(f"{signal.zh}高出平时 {by}" if language else f"{signal.en.lower()} {by} above the usual")
    if language:
        return "看起来像" + "、".join(looks) + ("；" + "，".join(rose) if rose else "")
    return "looks like " + ", ".join(looks) + ("; " + ", ".join(rose) if rose else "")


def _short(value: float) -> float:
    return float(f"{value:.3g}")
