"""The command line's ways into the registry: a file of places and people, users."""

from __future__ import annotations

import json
from pathlib import Path

import psycopg
import pytest
from click.testing import CliRunner, Result

from console.cli.main import anxin
from ingest.registry import edit
from ingest.registry.model import Gateway, Site
from ingest.store.connection import connect

HOUSE = {
    "sites": [{"site_id": "north", "name": "北院", "shard": 3}],
    "rooms": [{"room_id": "north:201", "site_id": "north", "name": "201"}],
    "residents": [{"resident_id": "north:wang", "site_id": "north", "name": "王桂兰", "room_id": "north:201"}],
}
BUTTON = {
    "device_id": "north:201-sos",
    "number": 0,
    "site_id": "north",
    "gateway_id": "north-1",
    "kind": "button",
    "profile": "sos_button",
    "native": "zigbee2mqtt:SOS room 201",
    "room_id": "north:201",
}


class CommandLine:
    """``anxin`` with a data directory and a database."""

    def __init__(self, data: Path, dsn: str) -> None:
        self.data = data
        self._env = {"ANXIN_DATABASE": dsn}

    def __call__(self, *words: str, text: str = "") -> Result:
        return CliRunner().invoke(anxin, [*words, "--data", str(self.data)], env=self._env, input=text)


@pytest.fixture
def command_line(database: str, tmp_path: Path) -> CommandLine:
    return CommandLine(tmp_path, database)


def written(path: Path, content: object) -> str:
    path.write_text(json.dumps(content), "utf-8")
    return str(path)


def test_a_file_of_places_goes_in_and_comes_out_again(command_line: CommandLine, database: str, tmp_path: Path) -> None:
    first = command_line("registry", "import", written(tmp_path / "house.json", HOUSE))
    assert first.exit_code == 0, first.output
    assert "1 sites, 0 zones, 1 rooms, 1 residents" in first.output
    with connect(database, "test") as connection:
        edit.add_gateway(connection, Gateway(gateway_id="north-1", site_id="north"))
    second = command_line("registry", "import", written(tmp_path / "all.json", {**HOUSE, "devices": [BUTTON]}))
    assert second.exit_code == 0, second.output
    whole = json.loads(command_line("registry", "export").stdout)
    assert whole["residents"][0]["name"] == "王桂兰"
    assert whole["devices"][0]["device_id"] == "north:201-sos"
    assert whole["devices"][0]["number"] > 0
    # what came out goes in
    assert command_line("registry", "import", written(tmp_path / "again.json", whole)).exit_code == 0


def test_a_file_with_one_wrong_line_changes_nothing(command_line: CommandLine, database: str, tmp_path: Path) -> None:
    wrong = {**HOUSE, "devices": [{**BUTTON, "gateway_id": "nobody"}]}
    refused = command_line("registry", "import", written(tmp_path / "wrong.json", wrong))
    assert refused.exit_code == 1
    assert "unknown gateway: 'nobody'" in refused.output
    with psycopg.connect(database) as connection:
        assert connection.execute("SELECT count(*) FROM site").fetchone() == (0,)


def test_an_unknown_field_is_named(command_line: CommandLine, tmp_path: Path) -> None:
    refused = command_line("registry", "import", written(tmp_path / "odd.json", {"rooom": []}))
    assert refused.exit_code == 1
    assert "rooom" in refused.output


def test_a_user_gets_a_password_once_or_a_link(command_line: CommandLine, database: str) -> None:
    made = command_line("user", "add", "mei", "--role", "operator", "--name", "梅")
    assert made.exit_code == 0, made.output
    password = made.output.partition("password: ")[2].strip()
    assert len(password) >= 16
    with psycopg.connect(database) as connection:
        row = connection.execute("SELECT role, password_hash FROM app_user WHERE user_id = 'mei'").fetchone()
    assert row is not None
    assert row[0] == "operator"
    assert row[1].startswith("$argon2id$")
    assert password not in row[1]
    linked = command_line("user", "add", "mei", "--role", "carer", "--link")
    assert "/login/once/" in linked.output
    assert "password:" not in linked.output
    assert "mei\tcarer\tevery site" in command_line("user", "list").output


def test_a_short_password_is_refused(command_line: CommandLine) -> None:
    refused = command_line("user", "add", "mei", "--role", "operator", "--password-stdin", text="short\n")
    assert refused.exit_code == 2


def test_a_user_for_one_site(command_line: CommandLine, database: str) -> None:
    with connect(database, "test") as connection:
        edit.add_site(connection, Site(site_id="north", name="北院", shard=3))
    made = command_line(
        "user", "add", "li", "--role", "carer", "--site", "north", "--password-stdin", text="long enough!\n"
    )
    assert made.exit_code == 0, made.output
    assert "li\tcarer\tnorth" in command_line("user", "list").output


def test_a_family_is_set_up_and_what_is_shared_is_written_down(
    command_line: CommandLine, database: str, tmp_path: Path
) -> None:
    daughter = {"contact_id": "north:mei", "site_id": "north", "name": "王丽", "resident_id": "north:wang"}
    command_line("registry", "import", written(tmp_path / "house.json", {**HOUSE, "contacts": [daughter]}))
    command_line("user", "add", "mei", "--role", "family", "--password-stdin", text="long enough!\n")
    assert command_line("family", "link", "north:mei", "mei").exit_code == 0
    shared = command_line("family", "share", "north:mei", "calls", "place", "--by", "王桂兰")
    assert shared.output.splitlines() == ["taken back\tendings", "given\tcalls", "given\tplace"]
    assert "north:wang\tnorth:mei\tmei\tcalls,place" in command_line("family", "list").output
    ledger = command_line("family", "ledger", "north:wang").output
    assert "north:mei\tcalls\tgiven\t王桂兰\tcli:" in ledger
    assert command_line("family", "link", "nobody", "mei").exit_code == 1
    assert command_line("family", "unlink", "north:mei").exit_code == 0
    assert "no account" in command_line("family", "list").output
