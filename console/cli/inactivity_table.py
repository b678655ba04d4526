"""The figures of ``anxin eval inactivity`` for people, in the language of their terminal."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from console.cli.text_table import NOTHING, Language, in_columns
from evaluation.inactivity.rows import Row
from evaluation.inactivity.run import Result

_TEXTS: dict[Language, dict[str, str]] = {
    "en": {
        "head": "data set|home|days|false alarms a month|questions a month|removals|delay h, median|90 %"
        "|best timer T h|its delay h|ours to timer's",
        "all": "median over {count} homes of our delay to the timer's: {ratio:.0%}; the worst: {worst:.0%}",
        "note": "from the 8th day on; delays from the moment at which people are gone, 48 h at most; the timer was "
        "chosen with hindsight, with no more false alarms than ours",
    },
    "zh": {
        "head": "数据集|住宅|天数|每月误报|每月询问|移除次数|延迟 h，中位数|90 %|最佳定时器 T h|其延迟 h|与其之比",
        "all": "{count} 户住宅延迟与定时器之比的中位数：{ratio:.0%}；最差：{worst:.0%}",
        "note": "自第 8 天起统计；延迟自人离开之时算起，最多计 48 小时；定时器在事后挑选，误报不多于本方法",
    },
}

_COLUMNS = (
    "days",
    "false_alarms_per_month",
    "questions_per_month",
    "removals",
    "delay_h_median",
    "delay_h_p90",
    "fixed_timer_h",
    "fixed_timer_delay_h_median",
    "delay_to_fixed_timer",
)


def table(result: Result, language: Language) -> Iterator[str]:
    """A row per home, then a sentence about all."""
    texts = _TEXTS[language]
    yield from in_columns([texts["head"].split("|"), *(_of_home(row) for row in result.rows)])
    yield ""
    ratios = [outcome.ratio for outcome in result.outcomes if outcome.ratio is not None]
    if ratios:
        yield texts["all"].format(count=len(ratios), ratio=float(np.median(ratios)), worst=max(ratios))
    yield texts["note"]


def _of_home(row: Row) -> list[str]:
    shown = [NOTHING if row[name] is None else f"{row[name]:.4g}" for name in _COLUMNS]
    return [str(row["dataset"]), str(row["home"]), *shown]
