"""``docs/standards.md``: every standard's numbers, and which rule of which profile takes them."""

from __future__ import annotations

from collections.abc import Mapping

from alarms.core.profiles import Profiles, load_profiles
from alarms.core.standards import Standard, Sure, Value, load_standards
from console.cli.docs_tables import notice, table

_SURE = {
    Sure.VERIFIED: "read in the standard 已核对原文",
    Sure.SECONDARY: "read in somebody's page about it 二手资料",
    Sure.KNOWN: "common knowledge of the trade, not looked up 行业常识，未核对",
}
_HEAD = ("value", "English", "中文", "number", "clause 条款", "sure 可信度", "taken by 采用的规则")


def standards() -> str:
    """The page."""
    takers = _takers(load_profiles())
    lines = [
        "# Standards 标准",
        "",
        notice("alarms/core/standards and alarms/core/profiles"),
        "",
        "Numbers of standards that rules name instead of a number of their own ([rules](rules.md)). A parameter that",
        "is set otherwise for a site, room or device is no longer the standard's, and its alarms do not name it.",
        "规则引用的标准数值；场所、房间或设备另行设定后，报警不再注明该标准。",
        "",
        *(f"- *{sure}*: {meaning}" for sure, meaning in _SURE.items()),
    ]
    for standard in load_standards():
        lines += ["", f"## {standard.id}", "", f"{standard.en} {standard.zh}", "", *_table(standard, takers)]
    return "\n".join([*lines, ""])


def _table(standard: Standard, takers: Mapping[tuple[str, str], list[str]]) -> list[str]:
    return table(
        _HEAD,
        [
            (
                f"`{value.name}`",
                value.en,
                value.zh,
                _number(value),
                value.clause or "—",
                value.sure,
                ", ".join(takers.get((standard.id, value.name), ["—"])),
            )
            for value in standard.values.values()
        ],
    )


def _number(value: Value) -> str:
    number = f"{value.low:g}" if value.low == value.high else f"{value.low:g} … {value.high:g}"
    return f"{number} {value.unit}".strip()


def _takers(profiles: Profiles) -> dict[tuple[str, str], list[str]]:
    """(standard, value) to the parameters that are it, or may be set within it."""
    found: dict[tuple[str, str], list[str]] = {}
    for rule in profiles.rules:
        for name, cited in rule.cited.items():
            found.setdefault((cited.value.standard, cited.value.name), []).append(f"`{rule.rule}` {name}")
        for name, value in rule.settable.items():
            found.setdefault((value.standard, value.name), []).append(f"`{rule.rule}` {name} (settable 可设)")
    return found
