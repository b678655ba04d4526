"""What an electrical alarm says: which circuit, how far beyond what, in both languages."""

from __future__ import annotations

from typing import Any

from alarms.core.rules import Rule
from ingest.wire.signals import BY_NAME, shown_unit

_HEAT_PCT = 100


def of_overload(evidence: dict[str, Any], rule: Rule, *, rated: float, heat: float) -> None:  # Any: a JSON object
    """Add the rating and the heat, a share of what alarms."""
    unit = BY_NAME[rule.signal].unit
    share_pct = round(_HEAT_PCT * heat)
    now = f"{evidence.get('value', 0.0):g} {unit}"
    evidence["heat_pct"] = share_pct
    _draw(evidence, rule, "rated", rated)
    evidence["text"] = f"{now} where {rated:g} {unit} are rated: {share_pct} % of the heat that alarms"
    evidence["text_zh"] = f"当前 {now}，额定 {rated:g} {unit}：热量为报警值的 {share_pct}%"


def of_leakage(
    evidence: dict[str, Any],  # Any: a JSON object
    rule: Rule,
    *,
    natural_ma: float | None,
    rise_ma: float,
    setting_ma: float,
) -> None:
    """Add the natural leakage, None while it is not known, and what it was judged against."""
    value = float(evidence.get("value", 0.0))
    own = natural_ma is not None and natural_ma + rise_ma <= setting_ma
    limit = natural_ma + rise_ma if natural_ma is not None and own else setting_ma
    evidence["natural_ma"] = None if natural_ma is None else round(natural_ma, 1)
    _draw(evidence, rule, "rise" if own else "limit", round(limit, 1), cited=rise_ma if own else setting_ma)
    if natural_ma is None:
        evidence["text"] = f"residual current {value:g} mA; setting {setting_ma:g} mA, natural leakage not known yet"
        evidence["text_zh"] = f"剩余电流 {value:g} mA；设定值 {setting_ma:g} mA，固有漏电尚未学到"
        return
    evidence["text"] = (
        f"residual current {value:g} mA, natural leakage {natural_ma:.0f} mA; "
        f"alarms {rise_ma:g} mA above that or at {setting_ma:g} mA"
    )
    evidence["text_zh"] = (
        f"剩余电流 {value:g} mA，固有漏电 {natural_ma:.0f} mA；"
        f"超过固有漏电 {rise_ma:g} mA 或达到 {setting_ma:g} mA 报警"
    )


def of_outside(
    evidence: dict[str, Any],  # Any: a JSON object
    rule: Rule,
    *,
    low: float,
    high: float,
    wait_s: float,
) -> None:
    """Add the end of the band that the last value is past."""
    signal = BY_NAME[rule.signal]
    unit = shown_unit(signal.unit)
    value = float(evidence.get("value", 0.0))
    name, end = ("high", high) if value > (low + high) / 2 else ("low", low)
    _draw(evidence, rule, name, round(end, 6))
    evidence["text"] = f"{signal.en} not between {low:g} and {high:g} {unit} for {wait_s:g} s"
    evidence["text_zh"] = f"{signal.zh}持续 {wait_s:g} 秒不在 {low:g} 至 {high:g} {unit} 之间"


def _draw(
    evidence: dict[str, Any],  # Any: a JSON object
    rule: Rule,
    parameter: str,
    limit: float,
    *,
    cited: float | None = None,
) -> None:
    """The line in the drawing, and the standard behind it."""
    evidence["series"][0]["limit"] = limit
    source = rule.source(parameter, limit if cited is None else cited)
    if source is not None:
        evidence["standard"] = str(source)
