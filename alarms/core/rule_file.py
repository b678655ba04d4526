"""A rule file's tables to rules, every key and value checked: a wrong one is refused by name."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, TypeVar

from alarms.core.errors import RuleFileError
from alarms.core.rules import Bound, Rule, RuleType, Subject, Where, bounds
from alarms.core.standards import Cited, Standards, Value
from alarms.lifecycle.alarm import AlarmKind, Priority
from ingest.wire.signals import BY_NAME, Kind

_ID = re.compile(r"[a-z][a-z0-9_]{1,40}\Z")
_HEARTBEAT = Bound(1, 7 * 86_400)
_ELEMENTS = Bound(0, 6)
_FILE_KEYS = {"kind", "heartbeat_s", "fixed", "en", "zh", "uses", "rule", "parameters"}
_RULE_KEYS = {
    "rule", "type", "signal", "kind", "priority", "latching", "where", "subject", "siren", "verify", "elements",
    "clears", "presence", "only_away", "beside", "parameters", "settable", "choices", "en", "zh",
}  # fmt: skip
_AT_PLATFORM = (
    RuleType.SILENT,
    RuleType.FALL,
    RuleType.VISIT,
    RuleType.BED_LEFT,
    RuleType.EMPTY,
    RuleType.INACTIVITY,
)
_NO_SIGNAL = (RuleType.SILENT, RuleType.FALL, RuleType.VISIT, RuleType.FIRE, RuleType.INACTIVITY)
_Word = TypeVar("_Word", bound=StrEnum)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfileFrame:
    """A profile's file without its own rules; ``parameters`` of a rule are complete."""

    kind: Kind
    heartbeat_s: float | None
    fixed: bool
    en: str
    zh: str
    uses: tuple[str, ...]
    parameters: Mapping[str, Mapping[str, float | str]]
    cited: Mapping[str, Mapping[str, Cited]]


def read_rules(
    file: str,
    table: Mapping[str, Any],  # Any: TOML values
    standards: Standards,
) -> tuple[Rule, ...]:
    """The rules that the file defines.

    Raises
    ------
    RuleFileError
        At the first wrong key or value.
    """
    _only(file, "", table, _FILE_KEYS)
    listed = table.get("rule", [])
    if not isinstance(listed, list):
        raise RuleFileError(file, "", "rule", listed, "tables [[rule]]")
    return tuple(_rule(file, entry, standards) for entry in listed)


def read_profile(
    file: str,
    table: Mapping[str, Any],  # Any: TOML values
    rules: Mapping[str, Rule],
    standards: Standards,
) -> ProfileFrame:
    """What the file says of the family itself.

    Raises
    ------
    RuleFileError
        At the first wrong key or value.
    """
    heartbeat = table.get("heartbeat_s")
    if heartbeat is not None and not _HEARTBEAT.allows(heartbeat):
        raise RuleFileError(file, "", "heartbeat_s", heartbeat, f"{_HEARTBEAT}, or leave it out")
    uses = table.get("uses", [])
    if not isinstance(uses, list):
        raise RuleFileError(file, "", "uses", uses, "a list of ids")
    for used in uses:
        if not isinstance(used, str) or used not in rules:
            raise RuleFileError(file, "", "uses", used, "ids of rules in any file")
    overlaid: dict[str, Mapping[str, float | str]] = {}
    cited: dict[str, Mapping[str, Cited]] = {}
    for rule_id, given in table.get("parameters", {}).items():
        rule = rules.get(rule_id)
        if rule is None:
            raise RuleFileError(file, rule_id, "parameters", given, "parameters of a rule that this profile has")
        numbers, own = _numbers(file, rule_id, given, standards)
        overlaid[rule_id] = complete(file, rule_id, rule.bounds(), {**rule.parameters, **rule.chosen(numbers)})
        cited[rule_id] = {**{name: one for name, one in rule.cited.items() if name not in numbers}, **own}
    return ProfileFrame(
        kind=_word(file, "", table, "kind", Kind),
        heartbeat_s=None if heartbeat is None else float(heartbeat),
        fixed=_flag(file, "", table, "fixed"),
        en=_text(file, "", table, "en"),
        zh=_text(file, "", table, "zh"),
        uses=tuple(uses),
        parameters=overlaid,
        cited=cited,
    )


def complete(
    source: str, rule: str, allowed: Mapping[str, Bound], given: Mapping[str, object]
) -> dict[str, float | str]:
    """The given parameters checked, and the defaults of those that are not given.

    Raises
    ------
    RuleFileError
        Names ``source``, rule, parameter, value and what is allowed.
    """
    _only(source, rule, given, allowed)
    found: dict[str, float | str] = {}
    for name, bound in allowed.items():
        value = given.get(name, bound.default)
        if value is None:
            raise RuleFileError(source, rule, name, None, str(bound))
        if not bound.allows(value):
            raise RuleFileError(source, rule, name, value, str(bound))
        found[name] = value if isinstance(value, str) else float(value)  # type: ignore[arg-type] # a number: allows()
    return found


def _rule(file: str, entry: Mapping[str, Any], standards: Standards) -> Rule:  # Any: TOML values
    name = entry.get("rule")
    if not isinstance(name, str) or _ID.match(name) is None:
        raise RuleFileError(file, "", "rule", name, "an id of small letters, digits and _")
    _only(file, name, entry, _RULE_KEYS)
    type_ = _word(file, name, entry, "type", RuleType)
    signal = entry.get("signal", "")
    if type_ not in _NO_SIGNAL and signal not in BY_NAME:
        raise RuleFileError(file, name, "signal", signal, "a name of docs/signals.md")
    where = _word(file, name, entry, "where", Where, Where.ALARMS if type_ is RuleType.DIRECT else None)
    if (type_ is RuleType.DIRECT) != (where is Where.ALARMS):
        raise RuleFileError(file, name, "where", str(where), "'alarms' for direct rules, else 'gateway' or 'platform'")
    if type_ in _AT_PLATFORM and where is not Where.PLATFORM:
        raise RuleFileError(file, name, "where", str(where), f"'platform' for {', '.join(_AT_PLATFORM)} rules")
    elements = entry.get("elements", 0)
    if not _ELEMENTS.allows(elements):
        raise RuleFileError(file, name, "elements", elements, str(_ELEMENTS))
    only_away = _flag(file, name, entry, "only_away")
    if only_away and where is not Where.PLATFORM:
        raise RuleFileError(file, name, "only_away", only_away, "false, but at the platform: only it knows who is away")
    clears = entry.get("clears")
    if clears is not None and not isinstance(clears, str):
        raise RuleFileError(file, name, "clears", clears, "the id of a rule")
    beside = entry.get("beside", [])
    if not isinstance(beside, list) or any(one not in BY_NAME for one in beside):
        raise RuleFileError(file, name, "beside", beside, "a list of names of docs/signals.md")
    numbers, cited = _numbers(file, name, entry.get("parameters", {}), standards)
    rule = Rule(
        rule=name,
        type=type_,
        signal=signal,
        kind=_word(file, name, entry, "kind", AlarmKind),
        priority=_word(file, name, entry, "priority", Priority),
        latching=_flag(file, name, entry, "latching"),
        where=where,
        subject=_word(file, name, entry, "subject", Subject, Subject.DEVICE),
        siren=_flag(file, name, entry, "siren"),
        verify=_flag(file, name, entry, "verify"),
        elements=int(elements),
        clears=clears,
        presence=_flag(file, name, entry, "presence"),
        only_away=only_away,
        beside=tuple(beside),
        cited=cited,
        settable=_settable(file, name, entry.get("settable", {}), standards, bounds(type_, signal)),
        choices=_choices(file, name, entry.get("choices", {}), bounds(type_, signal)),
        text_en=_text(file, name, entry, "en"),
        text_zh=_text(file, name, entry, "zh"),
    )
    return replace(rule, parameters=complete(file, name, rule.bounds(), numbers))


def _choices(
    file: str,
    rule: str,
    given: Mapping[str, Any],  # Any: TOML values
    allowed: Mapping[str, Bound],
) -> dict[str, dict[str, dict[str, float]]]:
    found: dict[str, dict[str, dict[str, float]]] = {}
    for name, words in given.items():
        if name in allowed or not isinstance(words, dict) or not words:
            raise RuleFileError(file, rule, "choices", name, "a table of words under a name that no parameter has")
        for word, numbers in words.items():
            _only(file, rule, numbers, allowed)
            wrong = next((one for one, value in numbers.items() if not allowed[one].allows(value)), None)
            if wrong is not None:
                raise RuleFileError(file, rule, wrong, numbers[wrong], str(allowed[wrong]))
            found.setdefault(name, {})[word] = {one: float(value) for one, value in numbers.items()}
    return found


def _numbers(
    file: str, rule: str, given: Mapping[str, object], standards: Standards
) -> tuple[dict[str, object], dict[str, Cited]]:
    """Parameters with the numbers of the standards that they name, and which those are."""
    cited = {
        name: standards.cited(file, rule, name, value)
        for name, value in given.items()
        if isinstance(value, str) and "/" in value
    }
    return {**given, **{name: one.number for name, one in cited.items()}}, cited


def _settable(
    file: str, rule: str, given: Mapping[str, str], standards: Standards, allowed: Mapping[str, Bound]
) -> dict[str, Value]:
    _only(file, rule, given, allowed)
    return {name: standards.value(file, rule, name, value) for name, value in given.items()}


def _only(file: str, rule: str, table: Mapping[str, object], known: Iterable[str]) -> None:
    names = set(known)
    for key, value in table.items():
        if key not in names:
            raise RuleFileError(file, rule, key, value, f"the keys {', '.join(sorted(names))}")


def _word(
    file: str,
    rule: str,
    table: Mapping[str, Any],  # Any: TOML values
    key: str,
    words: type[_Word],
    default: _Word | None = None,
) -> _Word:
    value = table.get(key, default)
    if isinstance(value, str) and value in tuple(words):
        return words(value)
    raise RuleFileError(file, rule, key, value, " or ".join(words))


def _flag(file: str, rule: str, table: Mapping[str, Any], key: str) -> bool:  # Any: TOML values
    value = table.get(key, False)
    if not isinstance(value, bool):
        raise RuleFileError(file, rule, key, value, "true or false")
    return value


def _text(file: str, rule: str, table: Mapping[str, Any], key: str) -> str:  # Any: TOML values
    value = table.get(key)
    if not isinstance(value, str) or not value:
        raise RuleFileError(file, rule, key, value, "a text")
    return value
