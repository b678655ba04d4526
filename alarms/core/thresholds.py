"""Thresholds of a site, a room and a device, laid over a profile's parameters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from alarms.core.errors import RuleFileError
from alarms.core.rule_file import complete
from alarms.core.rules import Rule

Thresholds = Mapping[str, Mapping[str, object]]
"""rule -> parameter -> number or text."""


@dataclass(frozen=True, slots=True)
class ThresholdProblem:
    """A threshold that was refused: the profile's value is used instead. ``text`` says why."""

    source: str
    rule: str
    parameter: str
    text: str


def parameters_of(
    rule: Rule, thresholds: Thresholds, source: str
) -> tuple[Mapping[str, float | str], list[ThresholdProblem]]:
    """The rule's parameters under ``thresholds``; a wrong one falls back alone, the others hold."""
    given = thresholds.get(rule.rule)
    if not given:
        return rule.parameters, []
    used: dict[str, float | str] = dict(rule.parameters)
    problems = []
    for parameter, value in rule.chosen(given).items():
        try:
            used = complete(source, rule.rule, rule.bounds(), {**used, parameter: value})
        except RuleFileError as error:
            problems.append(ThresholdProblem(source, rule.rule, parameter, str(error)))
    return used, problems
