"""The boards as files: what is committed is what the builders make, in both languages, with nothing lost."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from typing import Any

import pytest

from alarms.core.routine.note import NoteKind, Sureness
from alarms.lifecycle.alarm import AlarmKind, Condition, Priority, Response
from dashboards.src import words
from dashboards.src.boards import BOARDS
from dashboards.src.generate import files, stale
from dashboards.src.lint import faults, queries
from dashboards.src.render import render
from dashboards.src.sdk import JSONEncoder, model
from dashboards.src.text import Language
from ingest.wire.signals import Kind

Json = dict[str, Any]
_EVERY = [(board, language) for board in BOARDS for language in Language]
_NAMES = [f"{board.name}-{language}" for board, language in _EVERY]


def _json(board: Any, language: Language) -> Json:
    made: Json = json.loads(json.dumps(render(board, language), cls=JSONEncoder))
    return made


def _lost(made: Any, again: Any, where: str = "") -> Iterator[str]:
    """Keys and values of ``made`` that ``again`` lacks; the SDK may add defaults of its own."""
    if isinstance(made, dict):
        for key, value in made.items():
            yield from _lost(value, again.get(key), f"{where}.{key}")
    elif isinstance(made, list):
        for index, (value, other) in enumerate(zip(made, again, strict=True)):
            yield from _lost(value, other, f"{where}[{index}]")
    elif made != again:
        yield f"{where}: {made!r} became {again!r}"


@pytest.fixture
def alarms_board() -> Json:
    return _json(BOARDS[0], Language.EN)


def test_committed_boards_are_what_the_builders_make() -> None:
    assert stale() == []


@pytest.mark.parametrize(("board", "language"), _EVERY, ids=_NAMES)
def test_a_board_has_no_fault(board: Any, language: Language) -> None:
    assert faults(_json(board, language)) == []


@pytest.mark.parametrize(("board", "language"), _EVERY, ids=_NAMES)
def test_nothing_is_lost_in_the_sdk(board: Any, language: Language) -> None:
    made = _json(board, language)
    again = json.loads(json.dumps(model.Dashboard.from_json(copy.deepcopy(made)), cls=JSONEncoder))
    assert not list(_lost(made, again))


@pytest.mark.parametrize("board", BOARDS, ids=lambda board: board.name)
def test_languages_differ_in_words_only(board: Any) -> None:
    zh, en = _json(board, Language.ZH), _json(board, Language.EN)
    assert queries(zh) == queries(en)
    assert [panel["gridPos"] for panel in zh["panels"]] == [panel["gridPos"] for panel in en["panels"]]
    for panel in en["panels"]:
        assert panel["title"].isascii() or "≤" in panel["title"], panel["title"]
    for panel in zh["panels"]:
        assert not panel["title"].isascii(), panel["title"]


def test_every_board_has_its_own_address() -> None:
    uids = [_json(board, language)["uid"] for board, language in _EVERY]
    assert len(set(uids)) == len(uids)


@pytest.mark.parametrize(
    ("shown", "members"),
    [
        (words.PRIORITY, Priority),
        (words.ALARM_KIND, AlarmKind),
        (words.RESPONSE, Response),
        (words.CONDITION, Condition),
        (words.DEVICE_KIND, Kind),
        (words.ROUTINE_NOTE, NoteKind),
        (words.ROUTINE_SURENESS, Sureness),
    ],
    ids=["priority", "alarm kind", "response", "condition", "device kind", "routine note", "routine sureness"],
)
def test_every_value_of_the_platform_has_a_word(shown: Any, members: Any) -> None:
    assert set(shown) == {str(member) for member in members}


def test_alert_rules_are_about_the_platform_only() -> None:
    text = next(text for path, text in files().items() if path.name == "platform.json")
    rules = [rule for group in json.loads(text)["groups"] for rule in group["rules"]]
    assert rules
    for rule in rules:
        assert rule["labels"] == {"subject": "platform"}
        assert "g.answer" not in json.dumps(rule)
        assert "g.alarm" not in json.dumps(rule)


def _drop_title(board: Json) -> None:
    board["panels"][1]["title"] = ""


def _overlap(board: Json) -> None:
    board["panels"][2]["gridPos"]["x"] = 0


def _same_id(board: Json) -> None:
    board["panels"][2]["id"] = board["panels"][1]["id"]


def _fast_refresh(board: Json) -> None:
    board["refresh"] = "1s"


def _unknown_unit(board: Json) -> None:
    board["panels"][1]["fieldConfig"]["overrides"][0]["properties"][1]["value"] = "furlong"


def _fixed_source(board: Json) -> None:
    board["panels"][1]["datasource"]["uid"] = "mine"


def _no_limit(board: Json) -> None:
    target = _table(board)["targets"][0]
    target["rawSql"] = target["rawSql"].replace("LIMIT 200", "")


def _every_column(board: Json) -> None:
    _table(board)["targets"][0]["rawSql"] = "SELECT * FROM g.open_alarm LIMIT 5"


def _base_table(board: Json) -> None:
    _table(board)["targets"][0]["rawSql"] = "SELECT name FROM resident LIMIT 5"


def _lost_variable(board: Json) -> None:
    board["templating"]["list"] = [v for v in board["templating"]["list"] if v["name"] != "site"]


def _other_link(board: Json) -> None:
    text = json.dumps(board).replace("/alarms/${__data", "/nowhere/${__data")
    board.update(json.loads(text))


def _editable(board: Json) -> None:
    board["editable"] = True


def _table(board: Json) -> Json:
    found: Json = next(panel for panel in board["panels"] if panel["type"] == "table")
    return found


@pytest.mark.parametrize(
    "break_it",
    [
        _drop_title,
        _overlap,
        _same_id,
        _fast_refresh,
        _unknown_unit,
        _fixed_source,
        _no_limit,
        _every_column,
        _base_table,
        _lost_variable,
        _other_link,
        _editable,
    ],
    ids=lambda break_it: break_it.__name__,
)
def test_the_lint_sees_a_broken_board(alarms_board: Json, break_it: Any) -> None:
    break_it(alarms_board)
    assert faults(alarms_board)
