"""The page of alarm states: each combination has one state of the standard."""

from __future__ import annotations

from itertools import product

import pytest

from alarms.lifecycle.alarm import Condition, Response, Suppression
from console.cli.docs_alarm_states import alarm_states, isa_state


@pytest.mark.parametrize(
    ("condition", "response", "suppressed", "letter"),
    [
        (Condition.ACTIVE, Response.NEW, None, "B"),
        (Condition.ACTIVE, Response.ACKNOWLEDGED, None, "C"),
        (Condition.ACTIVE, Response.ATTENDED, None, "C"),
        (Condition.CLEARED, Response.NEW, None, "E"),
        (Condition.CLEARED, Response.ATTENDED, None, "F"),
        (Condition.CLEARED, Response.RESOLVED, None, "A"),
        (Condition.ACTIVE, Response.NEW, Suppression.SHELVED, "G"),
        (Condition.CLEARED, Response.ACKNOWLEDGED, Suppression.PLANNED, "H"),
        (Condition.ACTIVE, Response.ATTENDED, Suppression.OUT_OF_SERVICE, "I"),
    ],
)
def test_the_standards_letter(
    condition: Condition, response: Response, suppressed: Suppression | None, letter: str
) -> None:
    assert isa_state(condition, response, suppressed)[0] == letter


def test_every_combination_stands_on_the_page_once() -> None:
    page = alarm_states()
    for condition, response, suppressed in product(Condition, Response, (None, *Suppression)):
        letter, sentence = isa_state(condition, response, suppressed)
        assert letter in "ABCEFGHI"
        row = f"| {condition} | {response} | {suppressed or '—'} | **{letter}**"
        assert page.count(row) == 1
        assert sentence.endswith(".")
