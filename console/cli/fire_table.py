"""The figures of ``anxin eval fire`` for people, in the language of their terminal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from console.cli.text_table import NOTHING, Language, in_columns
from evaluation.fire.rows import FUSED, HEAT, SMOKE, Outcome, Row
from evaluation.fire.run import Result
from evaluation.fire.simulated import Simulated
from evaluation.intervals import wilson

_TEXTS: dict[Language, dict[str, str]] = {
    "en": {
        "tests": "test|fused|dense smoke|heat|57 °C|first photoelectric|median recorded|fused in time",
        "sets": "data set|recordings|fused after, median, 95th|heat, median, 95th|heat by 57 °C + 10 s|false alarms",
        "scenes": "scene|any alarm before 250 kW|fused before 250 kW|kW at the fused alarm, median, most|fire alarms",
        "yes": "yes",
        "no": "no",
        "seconds": "{:.0f} s",
        "pair": "{:.0f} s, {:.0f} s",
        "kw": "{:.0f}, {:.0f}",
        "of": "{hits} of {of}, {share:.1f} % [{low:.1f}, {high:.1f}]",
        "false": "{count} in {hours:.2f} h",
        "noisy": "{count} in {hours:.2f} h, {noisy} of a broken thermocouple",
        "seeds": "in {hits} of {of} scenes{rules}",
        "note": "times on the recording's clock, delays from ignition; in brackets: 95 % intervals (Wilson)",
        "nist": "NIST: fused in time in {hits} of {of} tests",
        "fsri": "FSRI rooms and houses: heat in time in {of_text}",
        "electrical": "appliances: {count} electrical alarms in {days} days, {hours:.0f} h",
        "arcs": "arcs: {count} half-waves, not judged: nobody counted half-cycles a second",
    },
    "zh": {
        "tests": "试验|融合判断|浓烟|感温|57 °C|首个光电报警|实录中位数|融合及时",
        "sets": "数据集|记录数|融合延迟 中位数、95 %|感温延迟 中位数、95 %|57 °C 后 10 秒内感温报警|误报",
        "scenes": "场景|250 kW 前有报警|250 kW 前融合报警|融合报警时千瓦 中位数、最大|火警",
        "yes": "是",
        "no": "否",
        "seconds": "{:.0f} 秒",
        "pair": "{:.0f} 秒、{:.0f} 秒",
        "kw": "{:.0f}、{:.0f}",
        "of": "{hits}/{of}，{share:.1f} % [{low:.1f}, {high:.1f}]",
        "false": "{count} 次，共 {hours:.2f} 小时",
        "noisy": "{count} 次，共 {hours:.2f} 小时，其中 {noisy} 次来自损坏的热电偶",
        "seeds": "{of} 个场景中 {hits} 个{rules}",
        "note": "时刻按记录自身的时钟，延迟从点火算起；方括号内为 95 % 置信区间（Wilson）",
        "nist": "NIST：{of} 次试验中 {hits} 次融合判断及时",
        "fsri": "FSRI 房间与住宅：感温及时 {of_text}",
        "electrical": "电器：{days} 天、{hours:.0f} 小时中电气报警 {count} 次",
        "arcs": "电弧：{count} 个半波，未作判断：无人记录每秒半波数",
    },
}


def table(result: Result, language: Language) -> Iterator[str]:
    """Tests with alarms of their own, data sets, simulated scenes, each a table; then a sentence about each."""
    texts = _TEXTS[language]
    tests = [outcome for outcome in result.outcomes if outcome.test.alarms]
    if tests:
        yield from in_columns([texts["tests"].split("|"), *(_of_test(outcome, texts) for outcome in tests)])
        yield ""
    sets: dict[str, list[Outcome]] = {}
    for outcome in result.outcomes:
        sets.setdefault(outcome.test.dataset, []).append(outcome)
    if sets:
        yield from in_columns([texts["sets"].split("|"), *(_of_set(name, sets[name], texts) for name in sets)])
        yield ""
    if result.simulated:
        yield from in_columns([texts["scenes"].split("|"), *(_of_scenes(one, texts) for one in result.simulated)])
        yield ""
    yield from _sentences(result, texts)


def _of_test(outcome: Outcome, texts: Mapping[str, str]) -> list[str]:
    times_s = [
        outcome.first_s(FUSED),
        outcome.first_s(*SMOKE),
        outcome.first_s(*HEAT),
        outcome.reach_57c_s,
        *outcome.recorded_s,
    ]
    shown = [NOTHING if at_s is None else texts["seconds"].format(at_s) for at_s in times_s]
    return [outcome.test.name, *shown, _yes(outcome.fused_in_time, texts)]


def _of_set(name: str, outcomes: Sequence[Outcome], texts: Mapping[str, str]) -> list[str]:
    rows = [outcome.row for outcome in outcomes]
    return [
        name,
        str(len(rows)),
        _pair([row["fused_delay_s"] for row in rows], texts),
        _pair([row["heat_delay_s"] for row in rows], texts),
        _share([row["heat_in_time"] for row in rows], texts),
        _false(rows, texts),
    ]


def _of_scenes(one: Simulated, texts: Mapping[str, str]) -> list[str]:
    alarms = ", ".join(f"{rule} {count}" for rule, count in sorted(one.rules.items()))
    hits = int((one.false > 0).sum())
    if not one.fire:
        rules = f" ({alarms})" if alarms else ""
        return [one.kind, NOTHING, NOTHING, NOTHING, texts["seeds"].format(hits=hits, of=len(one.false), rules=rules)]
    reached, row = int(one.reached.sum()), one.row
    if not reached:
        alarms = texts["seeds"].format(hits=row["alarmed"], of=len(one.false), rules=f" ({alarms})" if alarms else "")
    return [
        one.kind,
        _of(one.caught, reached, texts),
        _of(one.caught_fused, reached, texts),
        NOTHING if row["fused_kw_max"] is None else texts["kw"].format(row["fused_kw_median"], row["fused_kw_max"]),
        alarms or NOTHING,
    ]


def _sentences(result: Result, texts: Mapping[str, str]) -> Iterator[str]:
    judged = [told for outcome in result.outcomes if (told := outcome.fused_in_time) is not None]
    if judged:
        yield texts["nist"].format(hits=sum(judged), of=len(judged))
    heat = [outcome.heat_in_time for outcome in result.outcomes if outcome.test.dataset.startswith("fsri")]
    if heat:
        yield texts["fsri"].format(of_text=_share(heat, texts))
    days = [row for row in result.electrical if "days" in row]
    if days:
        count, hours = sum(row["false_alarms"] for row in days), sum(row["hours"] for row in days)
        yield texts["electrical"].format(count=count, days=sum(row["days"] for row in days), hours=hours)
    arcs = [row["half_waves"] for row in result.electrical if "half_waves" in row]
    if arcs:
        yield texts["arcs"].format(count=sum(arcs))
    yield texts["note"]


def _false(rows: Sequence[Row], texts: Mapping[str, str]) -> str:
    count, noisy = (sum(row[name] for row in rows) for name in ("false_alarms", "false_alarms_of_noisy"))
    return texts["noisy" if noisy else "false"].format(
        count=count, noisy=noisy, hours=sum(row["hours"] for row in rows)
    )


def _pair(values: Sequence[float | None], texts: Mapping[str, str]) -> str:
    known = [value for value in values if value is not None]
    return texts["pair"].format(*np.percentile(known, (50, 95))) if known else NOTHING


def _share(told: Sequence[bool | None], texts: Mapping[str, str]) -> str:
    known = [one for one in told if one is not None]
    return _of(sum(known), len(known), texts)


def _of(hits: int, of: int, texts: Mapping[str, str]) -> str:
    interval = wilson(hits, of)
    if interval is None:
        return NOTHING
    low, high = interval
    return texts["of"].format(hits=hits, of=of, share=100 * hits / of, low=100 * low, high=100 * high)


def _yes(told: bool | None, texts: Mapping[str, str]) -> str:
    return NOTHING if told is None else texts["yes" if told else "no"]
