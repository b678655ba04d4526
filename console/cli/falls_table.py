"""The figures of ``anxin eval falls`` for people, in the language of their terminal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from console.cli.text_table import NOTHING, Language, in_columns
from evaluation.falls.rows import Figures, Interval, percentile

_TEXTS: dict[Language, dict[str, str]] = {
    "en": {
        "head": "data set|worn at|age|falls found|daily recordings with an alarm|false alarms per hour"
        "|delay median, 95th|confirmed|people",
        "waist": "waist",
        "wrist": "wrist",
        "chest": "chest",
        "pocket": "pocket",
        "ankle": "ankle",
        "unknown": "unknown",
        "young": "young",
        "elder": "elder",
        "of": "{hits} of {of}, {share} {interval}",
        "rate": "{rate:.2f} {interval} in {hours:.2f} h",
        "delay": "{median:.2f} s, {p95:.2f} s",
        "confirmed": "{hits}, {median:.1f} s",
        "dishonest": "* not an honest figure: the weights were fitted to {count} of these people",
        "intervals": "in brackets: 95 % intervals; delays from the impact to the arrival of the window that decided",
    },
    "zh": {
        "head": "数据集|佩戴部位|年龄组|检出跌倒|有误报的日常记录|每小时误报|延迟 中位数、95 %|已确认|人数",
        "waist": "腰部",
        "wrist": "手腕",
        "chest": "胸前",
        "pocket": "裤袋",
        "ankle": "脚踝",
        "unknown": "未知",
        "young": "年轻",
        "elder": "老年",
        "of": "{hits}/{of}，{share} {interval}",
        "rate": "{rate:.2f} {interval}，共 {hours:.2f} 小时",
        "delay": "{median:.2f} 秒、{p95:.2f} 秒",
        "confirmed": "{hits}，{median:.1f} 秒",
        "dishonest": "* 此数字不客观：模型训练时用过其中 {count} 人的数据",
        "intervals": "方括号内为 95 % 置信区间；延迟从撞击时刻算到作出判断的数据窗到达",
    },
}


def table(figures: Sequence[Figures], language: Language) -> Iterator[str]:
    """A line for each row, below a head; then what is to be known about them."""
    texts = _TEXTS[language]
    yield from in_columns([texts["head"].split("|"), *(_cells(one, texts) for one in figures)])
    yield texts["intervals"]
    seen = max((one.trained_on for one in figures), default=0)
    if seen:
        yield texts["dishonest"].format(count=f"1 … {seen}" if seen > 1 else seen)


def _cells(one: Figures, texts: Mapping[str, str]) -> list[str]:
    median_s, p95_s = percentile(one.delays_s, 50), percentile(one.delays_s, 95)
    confirm_s, rate = percentile(one.confirms_s, 50), one.false_per_hour
    return [
        one.dataset + ("" if one.honest else " *"),
        texts.get(one.placement, one.placement),
        texts[one.group],
        _of(one.detected, one.falls, one.detected_share, one.detected_interval, texts),
        _of(one.adl_false, one.adl, one.adl_false_share, one.adl_false_interval, texts),
        NOTHING
        if rate is None
        else texts["rate"].format(rate=rate, interval=_both(one.false_per_hour_interval, 1), hours=one.adl_hours),
        NOTHING if median_s is None or p95_s is None else texts["delay"].format(median=median_s, p95=p95_s),
        NOTHING if confirm_s is None else texts["confirmed"].format(hits=one.confirmed, median=confirm_s),
        str(one.subjects),
    ]


def _of(hits: int, of: int, share: float | None, interval: Interval, texts: Mapping[str, str]) -> str:
    if share is None:
        return NOTHING
    return texts["of"].format(hits=hits, of=of, share=f"{100 * share:.1f} %", interval=_both(interval, 100))


def _both(interval: Interval, times: float) -> str:
    return f"[{times * interval[0]:.1f}, {times * interval[1]:.1f}]" if interval else ""
