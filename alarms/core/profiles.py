"""Device profiles: one TOML file per device family says how often it speaks and which rules it has (docs/rules.md)."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from alarms.core.errors import RuleFileError
from alarms.core.rule_file import read_profile, read_rules
from alarms.core.rules import Rule, RuleType, Where
from alarms.core.standards import load_standards
from ingest.wire.signals import FALL_CODES, Kind

EVERY_DEVICE = "every_device"
"""The file of the rules that every device has, also one that no registry knows."""

_SHIPPED = Path(__file__).with_suffix("")


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """What a family of devices is and how it is judged.

    ``heartbeat_s`` is how often it speaks at least; None: it is not supervised. ``fixed``: it hangs in its room, so a
    call from it comes from there, and a cancel on it was pressed there. ``rules`` are the family's own, then those of
    every device, with the profile's parameters.
    """

    name: str
    kind: Kind
    heartbeat_s: float | None
    rules: tuple[Rule, ...]
    en: str
    zh: str
    fixed: bool = False


class Profiles:
    """All profiles and rules; a rule id means one rule everywhere. ``every``: the rules of every device."""

    def __init__(self, profiles: Mapping[str, Profile], rules: Mapping[str, Rule], every: tuple[Rule, ...]) -> None:
        self._profiles = dict(profiles)
        self._rules = dict(rules)
        self.every = every
        self._every = _direct_table(every)
        self._direct = {name: _direct_table(profile.rules) for name, profile in self._profiles.items()}

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(sorted(self._profiles))

    @property
    def rules(self) -> tuple[Rule, ...]:
        """Every rule with its file's own parameters, by id."""
        return tuple(self._rules[rule_id] for rule_id in sorted(self._rules))

    def profile(self, name: str) -> Profile | None:
        """The profile, or None for a name that no file has."""
        return self._profiles.get(name)

    def rule(self, rule_id: str) -> Rule | None:
        """The rule with its file's own parameters, or None for an id that no file has."""
        return self._rules.get(rule_id)

    def judged(self, name: str, type_: RuleType, where: Where) -> list[Rule]:
        """The rules of one type that a profile's devices are judged by at a place."""
        profile = self.profile(name)
        rules = profile.rules if profile is not None else ()
        return [rule for rule in rules if rule.type is type_ and rule.where is where]

    def only(self, rule_id: str) -> Profiles:
        """The same profiles with this rule, judged at the platform wherever it is judged else: for a replay.

        Of the others those stay that tell which devices are silent: rules ask whose silence means nothing.
        """

        def kept(rules: Iterable[Rule]) -> tuple[Rule, ...]:
            stay = (rule for rule in rules if rule.rule == rule_id or rule.type is RuleType.SILENT)
            return tuple(replace(rule, where=Where.PLATFORM) for rule in stay)

        profiles = {name: replace(profile, rules=kept(profile.rules)) for name, profile in self._profiles.items()}
        return Profiles(profiles, {rule.rule: rule for rule in kept(self.rules)}, kept(self.every))

    def direct(self, profile: str | None, signal: str, value: float = 1.0) -> Rule | None:
        """The rule that an alarm-class record sets off by itself; None for telemetry.

        An unknown device or profile is judged by the rules of every device. ``value`` tells a suspected fall (1) from
        a confirmed one (2).
        """
        table = self._direct.get(profile, self._every) if profile is not None else self._every
        if signal == "fall":
            return table.get((signal, float(FALL_CODES["suspected"] if value == 1 else FALL_CODES["confirmed"])))
        return table.get((signal, None))


def load_profiles(extra_dir: Path | None = None) -> Profiles:
    """The shipped profiles, and over them those of ``extra_dir``: a file of the same name takes its place.

    Raises
    ------
    RuleFileError
        Names file, rule, key, value and what is allowed.
    """
    standards = load_standards()
    tables = dict(_tables(_SHIPPED))
    if extra_dir is not None:
        tables.update(_tables(extra_dir))
    rules: dict[str, Rule] = {}
    own: dict[str, tuple[Rule, ...]] = {}
    for name, table in tables.items():
        own[name] = read_rules(f"{name}.toml", table, standards)
        for rule in own[name]:
            if rule.rule in rules:
                raise RuleFileError(f"{name}.toml", rule.rule, "rule", rule.rule, "an id that no other file uses")
            rules[rule.rule] = rule
    _check_clears(own, rules)
    every = own.get(EVERY_DEVICE, ())
    profiles = {}
    for name, table in tables.items():
        if name == EVERY_DEVICE:
            continue
        frame = read_profile(f"{name}.toml", table, rules, standards)
        listed = {rule.rule: rule for rule in (*own[name], *(rules[used] for used in frame.uses), *every)}
        for rule_id, parameters in frame.parameters.items():
            if rule_id not in listed:
                raise RuleFileError(f"{name}.toml", rule_id, "parameters", rule_id, ", ".join(sorted(listed)))
            listed[rule_id] = replace(listed[rule_id], parameters=parameters, cited=frame.cited[rule_id])
        _check_pairs(f"{name}.toml", listed.values())
        profiles[name] = Profile(
            name=name,
            kind=frame.kind,
            heartbeat_s=frame.heartbeat_s,
            rules=tuple(listed.values()),
            en=frame.en,
            zh=frame.zh,
            fixed=frame.fixed,
        )
    return Profiles(profiles, rules, every)


def _tables(directory: Path) -> Iterator[tuple[str, dict[str, Any]]]:  # Any: TOML values
    for path in sorted(directory.glob("*.toml")):
        try:
            yield path.stem, tomllib.loads(path.read_text("utf-8"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
            raise RuleFileError(path.name, "", "file", str(error), "TOML in UTF-8") from error


def _direct_table(rules: tuple[Rule, ...]) -> dict[tuple[str, float | None], Rule]:
    """By signal; a fall also by its code. A family's own rule comes before the one of every device."""
    table: dict[tuple[str, float | None], Rule] = {}
    for rule in rules:
        if rule.type is RuleType.DIRECT:
            table.setdefault((rule.signal, rule.number("when") if rule.signal == "fall" else None), rule)
    return table


def _check_clears(own: Mapping[str, tuple[Rule, ...]], rules: Mapping[str, Rule]) -> None:
    for name, listed in own.items():
        for rule in listed:
            if rule.clears is not None and rule.clears not in rules:
                raise RuleFileError(f"{name}.toml", rule.rule, "clears", rule.clears, "the id of a rule")


def _check_pairs(file: str, rules: Iterable[Rule]) -> None:
    """A device's signal is judged against one other at most."""
    judged: set[str] = set()
    for rule in rules:
        if rule.type is RuleType.WITHOUT and rule.signal in judged:
            raise RuleFileError(file, rule.rule, "signal", rule.signal, "a signal that no other such rule of it judges")
        judged |= {rule.signal} if rule.type is RuleType.WITHOUT else set()
