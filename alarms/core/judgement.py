"""A judgement: what the core found, with the readings behind it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from alarms.core.jumps import STAYS_S
from alarms.core.rules import Rule, RuleType
from alarms.core.visits import Overrun
from ingest.wire.signals import BY_NAME, Signal, shown_unit


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """A rule was raised or cleared.

    ``subject`` is what stands in the record's name: a device's id, ``room:…`` or ``gateway:…``. ``device_number`` is
    the device whose reading decided, None for a gateway. ``evidence`` is the record's ``ev`` (docs/topics.md).
    """

    rule: str
    subject: str
    device_number: int | None
    raised: bool
    at_s: float
    evidence: Mapping[str, Any] = field(default_factory=dict)  # Any: a JSON object


def of_samples(
    rule: Rule,
    element: int,
    turned_limit: float,
    window_s: float,
    on_s: float,
    samples: tuple[list[float], list[float]],
) -> dict[str, Any]:  # Any: a JSON object
    """The evidence of a rule about one signal; ``turned_limit`` is negative for "below"."""
    signal = BY_NAME[rule.signal]
    name = signal.name if not element else f"{signal.name}:{element}"
    below = rule.parameters.get("side") == "below"
    limit = -turned_limit if below else turned_limit
    series, values = series_of(name, samples), samples[1]
    evidence: dict[str, Any] = {"signal": name, "series": [series]}  # Any: a JSON object
    if values:
        evidence["value"] = values[-1]
    if rule.type in (RuleType.LIMIT, RuleType.DURATION) and signal.unit:
        series["limit"] = limit
        source = rule.source("limit", limit)
        if source is not None:
            evidence["standard"] = str(source)
    evidence["text"], evidence["text_zh"] = _texts(rule, signal, limit, window_s, on_s, below=below)
    return evidence


def series_of(name: str, samples: tuple[list[float], list[float]]) -> dict[str, Any]:  # Any: a JSON object
    """A signal's samples to be drawn; ``name`` may end in its element, as ``current_a:1``."""
    unit = BY_NAME[name.partition(":")[0]].unit
    return {"signal": name, "unit": unit, "times_s": samples[0], "values": samples[1]}


def of_without(
    rule: Rule,
    limit: float,
    hold_s: float,
    series: list[dict[str, Any]],  # Any: a JSON object
) -> dict[str, Any]:  # Any: a JSON object
    """The evidence of something that lasts while what belongs to it does not."""
    other = BY_NAME[str(rule.parameters["other"])]
    signal = BY_NAME[rule.signal]
    text, text_zh = _texts(rule, signal, limit, 0, hold_s, below=rule.parameters["side"] == "below")
    return {
        "signal": signal.name,
        "series": series,
        "text": f"{text}; {other.en}: no",
        "text_zh": f"{text_zh}；{other.zh}：否",
    }


def bed_texts(shown: str, wait_s: float, *, left: bool) -> dict[str, str]:
    """The words about a bed that was left at the time ``shown``, or is occupied again since then."""
    if not left:
        return {"text": f"back in bed at {shown}", "text_zh": f"{shown} 已回到床上"}
    return {
        "text": f"left the bed at {shown}, not back after {span(wait_s)}",
        "text_zh": f"{shown} 离床，{span_zh(wait_s)}后仍未返回",
    }


def of_visit(over: Overrun, began: str, seen: str) -> dict[str, Any]:  # Any: a JSON object
    """The evidence of a visit that lasts too long, or of its end; ``began`` and ``seen`` are what the clock showed."""
    lasted_s = over.at_s - over.began_at
    known = not math.isnan(over.usual_s)
    evidence: dict[str, Any] = {  # Any: a JSON object
        "since_s": over.began_at,
        "lasted_s": lasted_s,
        "limit_s": over.limit_s,
        "usual_s": over.usual_s if known else None,
    }
    if not over.raised:
        evidence["text"] = f"seen elsewhere at {seen}, after {span(lasted_s)} in the bathroom"
        evidence["text_zh"] = f"{seen} 在别处出现，此前在卫生间 {span_zh(lasted_s)}"
        return evidence
    usual, usual_zh = (
        (f"usually at most {span(over.usual_s)} at this time of day", f"此时段平时不超过 {span_zh(over.usual_s)}")
        if known
        else ("what is usual is not known yet", "尚未学到平时时长")
    )
    evidence["text"] = f"in the bathroom since {began}, for {span(lasted_s)}; {usual}"
    evidence["text_zh"] = f"{began} 进入卫生间，已 {span_zh(lasted_s)}；{usual_zh}"
    return evidence


def of_silence(heard_at: float | None, period_s: float, *, gateway: bool) -> dict[str, Any]:  # Any: a JSON object
    """The evidence of something that is no longer heard, or never was."""
    who, who_zh = ("none of its devices", "其所有设备") if gateway else ("nothing", "该设备")
    if heard_at is None:
        return {"text": f"{who} was ever heard", "text_zh": f"{who_zh}从未上报数据", "heard_at_s": None}
    return {
        "text": f"{who} heard for {span(period_s)}",
        "text_zh": f"{who_zh}已超过 {span_zh(period_s)}无数据",
        "heard_at_s": heard_at,
    }


def span(seconds: float) -> str:
    """A length of time in the unit that fits."""
    number, unit = _parts(seconds)
    return f"{number:g} {('s', 'min', 'h')[unit]}"


def span_zh(seconds: float) -> str:
    """The same in Chinese."""
    number, unit = _parts(seconds)
    return f"{number:g} {('秒', '分钟', '小时')[unit]}"


def _texts(rule: Rule, signal: Signal, limit: float, window_s: float, on_s: float, *, below: bool) -> tuple[str, str]:
    is_difference = rule.type in (RuleType.RATE, RuleType.IMPLAUSIBLE)
    unit = f" {shown_unit(signal.unit, of_difference=is_difference)}" if signal.unit else ""
    if rule.type is RuleType.RATE:
        verb, verb_zh = ("fell", "下降") if below else ("rose", "上升")
        return (
            f"{signal.en} {verb} by {limit:g}{unit} or more within {span(window_s)}",
            f"{signal.zh}在 {span_zh(window_s)}内{verb_zh}至少 {limit:g}{unit}",
        )
    if rule.type is RuleType.COUNT:
        count = int(rule.number("count"))
        return (
            f"{signal.en}: {count} times or more within {span(window_s)}",
            f"{signal.zh}：{span_zh(window_s)}内至少 {count} 次",
        )
    if rule.type is RuleType.IMPLAUSIBLE:
        times, after, after_zh = int(rule.number("count")), span(window_s), span_zh(window_s)
        jumps = f"{signal.en} leaps by {limit:g}{unit} or more and back, {times} times within {after}"
        jumps_zh = f"{signal.zh}在 {after_zh}内至少 {times} 次骤变 {limit:g}{unit} 以上又骤回"
        return (
            f"{jumps}, or is out of the sensor's range; until that ends, only what stays for {STAYS_S:g} s is believed",
            f"{jumps_zh}，或超出传感器量程；恢复正常前，仅持续 {STAYS_S:g} 秒的读数有效",
        )
    if rule.type is RuleType.FROZEN:
        return f"{signal.en} has not moved for {span(limit)}", f"{signal.zh}已 {span_zh(limit)}毫无变化"
    after, after_zh = (f" for {span(on_s)}", f"，持续 {span_zh(on_s)}") if on_s else ("", "")
    if not signal.unit:
        return f"{signal.en}: {'no' if below else 'yes'}{after}", f"{signal.zh}：{'否' if below else '是'}{after_zh}"
    sign = "at or under" if below else "at or over"
    return (
        f"{signal.en} {sign} {limit:g}{unit}{after}",
        f"{signal.zh}{'不高于' if below else '不低于'} {limit:g}{unit}{after_zh}",
    )


def _parts(seconds: float) -> tuple[float, int]:
    if seconds >= 7200:
        return round(seconds / 3600, 1), 2
    return (round(seconds / 60, 1), 1) if seconds >= 120 else (round(seconds, 1), 0)
