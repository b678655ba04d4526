"""Documents that are made from the code are what the code says."""

from __future__ import annotations

import ast
import inspect
import itertools
import re
from pathlib import Path
from typing import Any

import msgspec
import pytest

from alarms.detect import intake as detect_intake
from alarms.engine import commands
from alarms.engine import loop as alarms_loop
from alarms.lifecycle.alarm import Alarm
from alarms.lifecycle.table import TRANSITIONS
from console.broker import Reply
from console.cli import docs_verbs
from gateway.commands import Command, Commands
from ingest.wire import pack, site_config, topics
from ingest.wire.senml import resolve
from ingest.wire.signals import BY_NAME, JUDGEMENT_PREFIX, SIGNALS
from ingest.wire.topics import Lane
from tests.mqtt_filters import matches

_DOCS = docs_verbs.ROOT / "docs"
_EXAMPLE = re.compile(r"^```json (\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\]\((?!https?:|#|mailto:)([^)#\s]+)(?:#[^)]*)?\)")


def test_generated_documents_are_fresh() -> None:
    assert docs_verbs.stale() == []


def test_every_signal_and_every_transition_is_told() -> None:
    made = {path.name: text for path, text in docs_verbs.documents().items()}
    for signal in SIGNALS:
        assert f"`{signal.name}`" in made["signals.md"]
    for response, event in TRANSITIONS:
        assert f"`{event.__name__}`" in made["alarm-states.md"]
        assert f"    {response} --> {TRANSITIONS[response, event]}: " in made["alarm-states.md"]


@pytest.mark.parametrize("page", sorted([*_DOCS.glob("**/*.md"), docs_verbs.ROOT / "README.md"]), ids=lambda p: p.name)
def test_links_between_documents_lead_somewhere(page: Path) -> None:
    broken = [target for target in _LINK.findall(page.read_text("utf-8")) if not (page.parent / target).exists()]
    assert broken == []


def test_every_decision_is_in_the_index() -> None:
    index = (_DOCS / "adr" / "README.md").read_text("utf-8")
    decisions = sorted(path.name for path in (_DOCS / "adr").glob("[0-9]*.md"))
    assert [name for name in decisions if f"({name})" not in index] == []
    numbers = [name[:4] for name in decisions]
    assert len(set(numbers)) == len(numbers)


_TOPICS = (_DOCS / "topics.md").read_text("utf-8")


def built_topics() -> list[str]:
    """Every topic that ``ingest.wire.topics`` builds, as the page writes it: gateways' without their prefix."""
    placeholders: dict[str, list[Any]] = {"shard": [7], "lane": list(Lane)}
    found = {text for text in vars(topics).values() if isinstance(text, str) and text.startswith(f"{topics.ROOT}/")}
    for name, build in inspect.getmembers(topics, inspect.isfunction):
        signature = inspect.signature(build)
        if signature.return_annotation == "str" and name not in ("every_gateway", "gateway_prefix", "native"):
            given = [placeholders.get(parameter, [f"{{{parameter}}}"]) for parameter in signature.parameters]
            found |= {build(*each) for each in itertools.product(*given)}
    prefix = topics.gateway_prefix(7, "{gateway_id}")
    return sorted(topic.removeprefix(f"{prefix}/") for topic in found if "+" not in topic)


@pytest.mark.parametrize("topic", built_topics())
def test_every_topic_is_on_the_page(topic: str) -> None:
    assert f"`{topic}`" in _TOPICS


def test_every_filter_is_one_of_a_topic_on_the_page() -> None:
    known = built_topics()
    for name, text in vars(topics).items():
        if isinstance(text, str) and "+" in text:
            assert any(matches(text, topic) for topic in known), name


def test_every_word_that_commands_an_alarm_is_on_the_page_and_no_other() -> None:
    (table,) = re.findall(r"^\| `do` \|.*\n((?:\|.*\n)+)", _TOPICS, re.MULTILINE)
    tree = ast.parse(inspect.getsource(commands.event_of))
    known = {str(case.value.value) for case in ast.walk(tree) if isinstance(case, ast.MatchValue)
             and isinstance(case.value, ast.Constant)}  # fmt: skip
    assert set(re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE)) == {*known, commands.LINK, "answer", "receipt"}


def test_who_hears_a_gateways_status_is_on_the_page() -> None:
    (row,) = re.findall(r"^\| `status` .*\| ([^|]+) \|$", _TOPICS, re.MULTILINE)
    hears = {"alarms": alarms_loop.SUBSCRIPTIONS, "detect": detect_intake.SUBSCRIPTIONS}
    assert all(topics.every_gateway("status") in heard for heard in hears.values())
    assert set(re.findall(r"`(\w+)`", row)) == {*hears, "console"}


_EXAMPLES = [
    pytest.param(kind, body.encode(), id=f"{kind}-{index}")
    for index, (kind, body) in enumerate(_EXAMPLE.findall(_TOPICS))
]


@pytest.mark.parametrize(("kind", "payload"), _EXAMPLES)
def test_the_examples_of_the_topics_are_what_the_programs_read(kind: str, payload: bytes) -> None:
    match kind:
        case "pack":
            _check_pack(pack.decode(payload))
        case "ack":
            told = msgspec.json.decode(payload)
            assert set(told) - {"boot"} <= set(Lane)
        case "status":
            assert msgspec.json.decode(payload)["state"] in ("online", "offline")
        case "cmd":
            now_s = msgspec.json.decode(payload)["expires_at"] - 60
            assert isinstance(Commands().accept(payload, retained=False, now_s=now_s), Command)
        case "config":
            signed, signature = site_config.open_envelope(payload)
            assert len(signature) == 64
            assert site_config.decode(signed).devices
        case "alarm":
            assert msgspec.json.decode(payload, type=Alarm).is_open
        case "do":
            command = commands.decode(payload)
            assert command is not None
            assert commands.event_of(command) is not None
            assert commands.reply_topic(command) is not None
        case "drill":
            command = commands.decode(payload)
            assert command is not None
            assert (command.do, bool(command.kind), commands.reply_topic(command) is not None) == ("drill", True, True)
        case "presence":
            assert set(msgspec.json.decode(payload)) == {"site_id", "room_id", "by", "since", "until"}
        case "reply":
            assert msgspec.json.decode(payload, type=Reply).id
        case _:
            pytest.fail(f"nobody checks examples of the kind {kind!r}")


def _check_pack(example: pack.Pack) -> None:
    names = [name for table in example.tables for name in table.n]
    for record in resolve(example.records):
        assert not isinstance(record, Exception)
        names.append(record.signal)
    for name in names:
        assert name.startswith(JUDGEMENT_PREFIX) or name.partition(":")[0] in BY_NAME
