"""Statements of a ``queries.sql`` by their names."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingest.store.queries import load


def test_statements_are_found_by_their_names(tmp_path: Path) -> None:
    file = tmp_path / "queries.sql"
    file.write_text("-- name: one\n-- The first.\nSELECT 1;\n\n-- name: two\nSELECT 2;\n", "utf-8")
    assert load(file) == {"one": "-- The first.\nSELECT 1;", "two": "SELECT 2;"}


def test_two_statements_of_one_name_are_refused_and_named(tmp_path: Path) -> None:
    file = tmp_path / "queries.sql"
    file.write_text("-- name: one\nSELECT 1;\n-- name: two\nSELECT 2;\n-- name: one\nSELECT 3;\n", "utf-8")
    with pytest.raises(ValueError, match="more than one statement is called one"):
        load(file)
