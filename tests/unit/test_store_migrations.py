"""The chain of migrations as files, and the schema held equal to the registry of signals."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ingest.store.errors import MigrationError
from ingest.store.migrate import Backend, read
from ingest.store.tables import HOURLY_KINDS, is_double, table_of
from ingest.wire.signals import Kind, SignalClass, columns


def test_headers_say_how_a_file_is_run(tmp_path: Path) -> None:
    (tmp_path / "0001_first.sql").write_text("SELECT 1;")
    (tmp_path / "0002_second.sql").write_text("-- transaction: no\n-- requires: timescaledb\nSELECT 1;")
    first, second = read(tmp_path)
    assert first.in_transaction
    assert first.requires is None
    assert not second.in_transaction
    assert second.requires is Backend.TIMESCALEDB


@pytest.mark.parametrize(
    "files",
    [
        {"1_first.sql": ""},
        {"0001_first.sql": "", "0001_other.sql": ""},
        {"0001_first.sql": "-- requires: oracle"},
        {"0001_first.sql": "-- transaction: maybe"},
    ],
)
def test_a_wrong_chain_is_refused(tmp_path: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    with pytest.raises(MigrationError):
        read(tmp_path)


def test_every_constraint_and_index_has_a_name() -> None:
    for migration in read():
        assert not re.search(r"(?<!CONSTRAINT )\b(\w+ )?PRIMARY KEY(?! \()", _without_named(migration.text)), (
            migration.name
        )
        assert not re.search(r"CREATE (UNIQUE )?INDEX ON", migration.text), migration.name


def test_the_wide_tables_have_the_columns_of_the_signals() -> None:
    text = next(migration.text for migration in read() if migration.name == "0003_reading.sql")
    for kind in Kind:
        body = re.search(rf"CREATE TABLE {table_of(kind)} \((.*?)\n\);", text, re.DOTALL)
        assert body is not None, kind
        given = dict(re.findall(r"^  (\w+) (real|double precision),", body[1], re.MULTILINE))
        assert given == {s.name: "double precision" if is_double(s) else "real" for s in columns(kind)}


@pytest.mark.parametrize("name", ["0004_reading_timescale.sql", "0005_reading_plain.sql"])
def test_the_views_of_hours_have_the_columns_of_the_signals(name: str) -> None:
    text = next(migration.text for migration in read() if migration.name == name)
    for kind in HOURLY_KINDS:
        wanted = {
            f"{signal.name}_{part}"
            for signal in columns(kind)
            for part in (("avg", "min", "max") if signal.of is SignalClass.MEASURE else ("max",))
        }
        body = re.search(rf"VIEW {kind}_hour .*?AS readings,(.*?)FROM reading_{kind}", text, re.DOTALL)
        assert body is not None, kind
        assert set(re.findall(r"AS (\w+)", body[1])) == wanted


def _without_named(text: str) -> str:
    return re.sub(r"CONSTRAINT \w+ (PRIMARY KEY|UNIQUE|REFERENCES|FOREIGN KEY|CHECK)", "", text)
