"""Reaches, rotas, policies and planned windows: in PostgreSQL, in files, and on the command line."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import msgspec
import psycopg
import pytest
from click.testing import CliRunner, Result

from console.cli.main import anxin
from ingest.registry import edit, edit_escalation, source
from ingest.registry.errors import ConflictingEntryError, InvalidEntryError, RegistryError, UnknownEntryError
from ingest.registry.model import (
    Device,
    Gateway,
    Policy,
    PolicyStep,
    Reach,
    Rota,
    RotaLayer,
    RotaOverride,
    Site,
    User,
    Window,
)
from ingest.store import migrate
from ingest.wire.signals import Kind

pytestmark = pytest.mark.database
Connection = psycopg.Connection[Any]
NOW = datetime(2026, 1, 5, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
change = msgspec.structs.replace

REACH = Reach(person="user:mei", rank=1, channel="wecom", address="mei@north", hourly_limit=20)
DAY = RotaLayer(members=("user:mei", "contact:north:son"), starts_on=date(2026, 1, 5), begin=time(8), end=time(20))
NIGHT = RotaLayer(
    members=("user:li",), starts_on=date(2026, 1, 5), begin=time(20), end=time(8), weekdays=(0, 1, 2, 3, 4, 5)
)
OVERRIDE = RotaOverride(begins_at=NOW, ends_at=NOW + HOUR, person="user:li", instead_of="user:mei")
ROTA = Rota(rota_id="carers", site_id="north", name="护理", layers=(DAY, NIGHT), overrides=(OVERRIDE,))
POLICY = Policy(
    policy_id="calls",
    site_id="north",
    name="呼叫",
    kinds=("help_call", "fall"),
    priorities=("emergency",),
    steps=(
        PolicyStep(after_s=0, who=("duty:carers",), channels=("wecom", "voice")),
        PolicyStep(after_s=7.5, who=("user:li", "contacts")),
    ),
    repeat_s=30,
    return_s=180,
    acknowledgements=2,
    hand_over_s=10,
)
WINDOW = Window(
    window_id="drill",
    site_id="north",
    begins_at=NOW,
    ends_at=NOW + HOUR,
    reason="消防演练",
    by="user:mei",
    kinds=("fire",),
    room_id="north:201",
    device_id="smoke",
)


def furnish(connection: Connection) -> None:
    for site_id, shard in (("north", 3), ("south", 4)):
        edit.add_site(connection, Site(site_id=site_id, name=site_id, shard=shard))
        edit.add_gateway(connection, Gateway(gateway_id=f"{site_id}-1", site_id=site_id))
        # contacts and rooms in words that a database of any release understands
        contact = "INSERT INTO contact (contact_id, site_id, name) VALUES (%s, %s, '儿子')"
        connection.execute(contact, (f"{site_id}:son", site_id))
    connection.execute("INSERT INTO room (room_id, site_id, name) VALUES ('north:201', 'north', '201')")
    smoke = Device(
        device_id="smoke", number=0, site_id="north", gateway_id="north-1", kind=Kind.FIRE, profile="smoke_alarm"
    )
    edit.add_device(connection, smoke)
    edit.add_user(connection, User(user_id="mei", name="梅", role="carer"))
    edit.add_user(connection, User(user_id="li", name="李", role="carer", site_ids=("north",)))
    edit.add_user(connection, User(user_id="zhao", name="赵", role="carer", site_ids=("south",)))


@pytest.fixture
def registry(database: str) -> Iterator[Connection]:
    with psycopg.connect(database, autocommit=True) as connection:
        furnish(connection)
        yield connection


def add_all(connection: Connection) -> None:
    edit_escalation.add_reach(connection, REACH)
    edit_escalation.add_rota(connection, ROTA)
    edit_escalation.add_policy(connection, POLICY)
    edit_escalation.add_window(connection, WINDOW)


def test_what_is_added_is_loaded_as_it_was(registry: Connection) -> None:
    add_all(registry)
    loaded = source.load(registry)
    assert loaded.reaches == (REACH,)
    assert loaded.rota == {"carers": ROTA}
    assert loaded.policy == {"calls": POLICY}
    assert loaded.window == {"drill": WINDOW}
    assert loaded.contact["north:son"].name == "儿子"
    assert edit_escalation.get_rota(registry, "carers") == ROTA
    assert edit_escalation.get_policy(registry, "calls") == POLICY
    assert edit_escalation.get_window(registry, "drill") == WINDOW
    assert edit_escalation.get_rota(registry, "none") is None


def test_a_moment_is_the_same_whatever_zone_the_session_is_in(registry: Connection) -> None:
    add_all(registry)
    registry.execute("SET timezone = 'Asia/Shanghai'")
    assert source.load(registry).window["drill"] == WINDOW
    assert source.load(registry).rota["carers"] == ROTA


def test_empty_lists_stay_empty_lists(registry: Connection) -> None:
    edit_escalation.add_rota(registry, Rota(rota_id="empty", site_id="north", name=""))
    quiet = Policy(policy_id="low", name="", priorities=("low",), steps=(), repeat_s=0, return_s=None)
    edit_escalation.add_policy(registry, quiet)
    assert edit_escalation.get_rota(registry, "empty") == Rota(rota_id="empty", site_id="north", name="")
    assert edit_escalation.get_policy(registry, "low") == quiet


def test_adding_again_changes(registry: Connection) -> None:
    add_all(registry)
    edit_escalation.add_rota(registry, change(ROTA, name="Carers", overrides=()))
    edit_escalation.add_policy(registry, change(POLICY, repeat_s=60))
    edit_escalation.add_window(registry, change(WINDOW, ends_at=NOW + HOUR / 2))
    loaded = source.load(registry)
    assert (loaded.rota["carers"].name, loaded.rota["carers"].overrides) == ("Carers", ())
    assert loaded.policy["calls"].repeat_s == 60
    assert loaded.window["drill"].ends_at == NOW + HOUR / 2


def test_a_channel_counts_once_a_test_was_answered_and_a_new_address_is_tested_anew(registry: Connection) -> None:
    edit_escalation.add_reach(registry, REACH)
    edit_escalation.set_reach_answered(registry, "user:mei", "wecom", "mei@north", NOW)
    edit_escalation.add_reach(registry, change(REACH, rank=2, language="en"))
    edit_escalation.add_reach(registry, change(REACH, address="mei@home"))
    first, second = source.load(registry).reaches_of["user:mei"]
    assert (first.address, first.counts) == ("mei@home", False)
    assert (second.rank, second.language, second.answered_at) == (2, "en", NOW)
    edit_escalation.set_reach_answered(registry, "user:mei", "wecom", "mei@north", None)
    edit_escalation.remove_reach(registry, "user:mei", "wecom", "mei@home")
    (left,) = source.load(registry).reaches
    assert (left.address, left.counts) == ("mei@north", False)
    with pytest.raises(UnknownEntryError, match="unknown reach: 'user:mei wecom'"):
        edit_escalation.remove_reach(registry, "user:mei", "wecom", "mei@home")
    with pytest.raises(UnknownEntryError, match="unknown reach"):
        edit_escalation.set_reach_answered(registry, "user:mei", "sms", "1", NOW)


def test_somebody_stands_in_and_takes_it_back(registry: Connection) -> None:
    add_all(registry)
    second = change(OVERRIDE, person="contact:north:son", instead_of=None)
    edit_escalation.add_override(registry, "carers", second)
    assert source.load(registry).rota["carers"].overrides == (OVERRIDE, second)
    edit_escalation.remove_override(registry, "carers", OVERRIDE)
    edit_escalation.remove_override(registry, "carers", OVERRIDE)
    assert source.load(registry).rota["carers"].overrides == (second,)
    with pytest.raises(UnknownEntryError, match="unknown rota: 'none'"):
        edit_escalation.add_override(registry, "none", second)
    with pytest.raises(InvalidEntryError, match=r"rota carers: overrides\[1\]"):
        edit_escalation.add_override(registry, "carers", change(second, ends_at=NOW))
    with pytest.raises(ConflictingEntryError, match="user zhao does not belong to site north"):
        edit_escalation.add_override(registry, "carers", change(second, person="user:zhao"))


ADDED: dict[str, Callable[[Connection], None]] = {
    "unknown user: 'nobody'": lambda c: edit_escalation.add_reach(c, change(REACH, person="user:nobody")),
    "unknown contact: 'mei'": lambda c: edit_escalation.add_reach(c, change(REACH, person="contact:mei")),
    "unknown site: 'nowhere'": lambda c: edit_escalation.add_rota(c, Rota(rota_id="r", site_id="nowhere", name="")),
    "unknown user: 'gone'": lambda c: edit_escalation.add_rota(
        c, change(ROTA, layers=(change(DAY, members=("user:gone",)),))
    ),
    "contact south:son does not belong to site north": lambda c: edit_escalation.add_rota(
        c, change(ROTA, layers=(change(DAY, members=("contact:south:son",)),))
    ),
    "rota carers belongs to another site": lambda c: edit_escalation.add_rota(
        c, Rota(rota_id="carers", site_id="south", name="")
    ),
    "unknown rota: 'nights'": lambda c: edit_escalation.add_policy(
        c, change(POLICY, steps=(PolicyStep(after_s=0, who=("duty:nights",)),))
    ),
    "unknown rota: 'carers'": lambda c: edit_escalation.add_policy(
        c, change(POLICY, policy_id="p", site_id="south", steps=(PolicyStep(after_s=0, who=("duty:carers",)),))
    ),
    "user li does not belong to site south": lambda c: edit_escalation.add_policy(
        c, change(POLICY, policy_id="p", site_id="south", steps=(PolicyStep(after_s=0, who=("user:li",)),))
    ),
    "unknown site: 'far'": lambda c: edit_escalation.add_policy(
        c, change(POLICY, policy_id="p", site_id="far", steps=(PolicyStep(after_s=0, who=("duty",)),))
    ),
    "policy calls belongs to another site": lambda c: edit_escalation.add_policy(
        c, change(POLICY, site_id=None, steps=(PolicyStep(after_s=0, who=("duty",)),))
    ),
    "unknown room: '9'": lambda c: edit_escalation.add_window(c, change(WINDOW, room_id="9")),
    "unknown device: 'other'": lambda c: edit_escalation.add_window(c, change(WINDOW, device_id="other")),
    "window drill belongs to another site": lambda c: edit_escalation.add_window(
        c, change(WINDOW, site_id="south", room_id=None, device_id=None)
    ),
    "a window is at most 31 days long": lambda c: edit_escalation.add_window(
        c, change(WINDOW, ends_at=NOW + 32 * 24 * HOUR)
    ),
    "'Mars/Crater' is no known time zone": lambda c: edit.add_site(
        c, Site(site_id="mars", name="mars", shard=1, timezone="Mars/Crater")
    ),
}


@pytest.mark.parametrize("said", list(ADDED))
def test_what_cannot_be_is_refused_in_words_and_changes_nothing(registry: Connection, said: str) -> None:
    add_all(registry)
    before = source.load(registry)
    with pytest.raises(RegistryError) as refused:
        ADDED[said](registry)
    assert said in str(refused.value)
    assert change(source.load(registry), version=before.version) == before


def test_a_rota_that_a_policy_names_stays(registry: Connection) -> None:
    add_all(registry)
    with pytest.raises(ConflictingEntryError, match="rota carers is named by policy calls: change that first"):
        edit_escalation.remove_rota(registry, "carers")
    edit_escalation.remove_policy(registry, "calls")
    edit_escalation.remove_rota(registry, "carers")
    edit_escalation.remove_window(registry, "drill")
    loaded = source.load(registry)
    assert (loaded.rotas, loaded.policies, loaded.windows) == ((), (), ())
    for remove in (edit_escalation.remove_rota, edit_escalation.remove_policy, edit_escalation.remove_window):
        with pytest.raises(UnknownEntryError, match="'drill'"):
            remove(registry, "drill")


def test_every_change_bumps_the_version(registry: Connection) -> None:
    changes: list[Callable[[], None]] = [
        lambda: edit_escalation.add_reach(registry, REACH),
        lambda: edit_escalation.set_reach_answered(registry, "user:mei", "wecom", "mei@north", NOW),
        lambda: edit_escalation.add_rota(registry, ROTA),
        lambda: edit_escalation.add_override(registry, "carers", OVERRIDE),
        lambda: edit_escalation.add_policy(registry, POLICY),
        lambda: edit_escalation.add_window(registry, WINDOW),
        lambda: edit_escalation.remove_window(registry, "drill"),
    ]
    for one in changes:
        before = source.version(registry)
        one()
        assert source.version(registry) > before


def test_the_database_itself_refuses_a_person_who_is_not_there(registry: Connection) -> None:
    for person, constraint in (
        ("user:nobody", "reach_user_fk"),
        ("contact:nobody", "reach_contact_fk"),
        ("mei", "reach_of_person"),
    ):
        with pytest.raises(psycopg.errors.IntegrityError) as refused:
            registry.execute("INSERT INTO reach (person, rank, channel, address) VALUES (%s, 1, 'sms', '1')", (person,))
        assert refused.value.diag.constraint_name == constraint


def test_a_reader_of_one_site_sees_its_own_people_and_plans_only(registry: Connection, database: str) -> None:
    add_all(registry)
    far = (PolicyStep(after_s=0, who=("duty",)),)
    edit_escalation.add_reach(registry, change(REACH, person="user:li", address="li"))
    edit_escalation.add_reach(registry, change(REACH, person="user:zhao", address="zhao"))
    edit_escalation.add_reach(registry, change(REACH, person="contact:south:son", address="son"))
    edit_escalation.add_rota(registry, Rota(rota_id="south", site_id="south", name=""))
    edit_escalation.add_policy(registry, change(POLICY, policy_id="south", site_id="south", steps=far))
    edit_escalation.add_policy(registry, change(POLICY, policy_id="every", site_id=None, steps=far))
    window = change(WINDOW, window_id="south", site_id="south", room_id=None, device_id=None)
    edit_escalation.add_window(registry, window)
    reader = f"reader_{registry.info.backend_pid}"
    registry.execute(f"CREATE ROLE {reader} LOGIN")
    registry.execute(f"GRANT SELECT ON reach, rota, escalation_policy, planned_window TO {reader}")
    try:
        with psycopg.connect(psycopg.conninfo.make_conninfo(database, user=reader), autocommit=True) as theirs:

            def seen(column: str, table: str) -> list[str]:
                return [row[0] for row in theirs.execute(f"SELECT {column} FROM {table} ORDER BY 1")]  # type: ignore[arg-type]

            assert len(seen("person", "reach")) == 4
            registry.execute("INSERT INTO board_reader (role_name, site_id) VALUES (%s, 'south')", (reader,))
            assert seen("person", "reach") == ["contact:south:son", "user:zhao"]
            assert seen("rota_id", "rota") == ["south"]
            assert seen("policy_id", "escalation_policy") == ["every", "south"]
            assert seen("window_id", "planned_window") == ["south"]
    finally:
        registry.execute(f"DROP OWNED BY {reader}")
        registry.execute(f"DROP ROLE {reader}")


def test_a_database_from_before_rotas_is_brought_forward_with_its_people(bare_database: str, tmp_path: Path) -> None:
    for migration in migrate.read():
        if migration.name < "0101":
            shutil.copy(Path(migrate.__file__).parent / "migrations" / migration.name, tmp_path)
    migrate.migrate(bare_database, tmp_path)
    with psycopg.connect(bare_database, autocommit=True) as connection:
        furnish(connection)
    assert "0101_escalation.sql" in migrate.migrate(bare_database)
    with psycopg.connect(bare_database, autocommit=True) as connection:
        add_all(connection)
        loaded = source.load(connection)
    assert loaded.user["mei"].name == "梅"
    assert loaded.rotas == (ROTA,)


class CommandLine:
    """``anxin`` with a data directory and a database."""

    def __init__(self, data: Path, dsn: str) -> None:
        self._data = data
        self._env = {"ANXIN_DATABASE": dsn}

    def __call__(self, *words: str) -> Result:
        return CliRunner().invoke(anxin, [*words, "--data", str(self._data)], env=self._env, standalone_mode=False)


@pytest.fixture
def command_line(database: str, tmp_path: Path) -> CommandLine:
    return CommandLine(tmp_path, database)


def test_a_registry_file_carries_all_of_it(registry: Connection, command_line: CommandLine, tmp_path: Path) -> None:
    add_all(registry)
    edit_escalation.set_reach_answered(registry, "user:mei", "wecom", "mei@north", NOW)
    before = source.load(registry)
    exported = command_line("registry", "export").stdout
    registry.execute("TRUNCATE reach, rota, escalation_policy, planned_window")
    assert source.load(registry).rotas == ()
    file = tmp_path / "north.json"
    file.write_text(exported, "utf-8")
    assert command_line("registry", "import", str(file)).return_value == 0
    after = source.load(registry)
    assert change(after, version=before.version) == before
    # again, without the answer: it is kept
    told = json.loads(exported)
    told["reaches"][0]["answered_at"] = None
    file.write_text(json.dumps(told), "utf-8")
    assert command_line("registry", "import", str(file)).return_value == 0
    assert source.load(registry).reaches[0].answered_at == NOW


def test_a_wrong_line_of_a_registry_file_is_named(
    registry: Connection, command_line: CommandLine, tmp_path: Path
) -> None:
    file = tmp_path / "north.json"
    layer = {"members": ["user:mei", "user:nobody"], "starts_on": "2026-01-05"}
    rotas = [{"rota_id": "r", "site_id": "north", "name": "R", "layers": [layer]}]
    file.write_text(json.dumps({"rotas": rotas}), "utf-8")
    refused = command_line("registry", "import", str(file))
    assert "unknown user: 'nobody'; nothing was changed" in str(refused.exception)
    file.write_text(json.dumps({"rotas": [{**rotas[0], "layers": [{**layer, "begin": "8 am"}]}]}), "utf-8")
    assert "$.rotas[0].layers[0].begin" in str(command_line("registry", "import", str(file)).exception)


def test_the_command_line_shows_who_is_on_duty(registry: Connection, command_line: CommandLine) -> None:
    add_all(registry)
    edit_escalation.set_reach_answered(registry, "user:mei", "wecom", "mei@north", NOW)
    shown = command_line("rota", "show", "north", "--from", "2026-01-05", "--days", "1")
    assert shown.return_value == 0
    assert shown.stdout.splitlines() == [
        "north north, Asia/Shanghai",
        "carers 护理",
        "  Mon 2026-01-05 00:00 – Mon 2026-01-05 08:00  nobody",
        "  Mon 2026-01-05 08:00 – Mon 2026-01-05 20:00  梅",
        "  Mon 2026-01-05 20:00 – Tue 2026-01-06 00:00  李 (no answered channel)",
    ]
    said = json.loads(command_line("rota", "show", "north", "--from", "2026-01-12T08:00", "--json").stdout)
    assert said["command"] == "rota show"
    assert said["settings"]["from"] == "2026-01-12T08:00:00+08:00"
    assert said["results"][0] == {
        "rota_id": "carers",
        "begins_at": "2026-01-12T00:00:00+00:00",
        "ends_at": "2026-01-12T12:00:00+00:00",
        "people": ["contact:north:son"],
        "names": ["儿子"],
        "unreachable": ["contact:north:son"],
    }


def test_the_command_line_tells_gaps_before_they_come(registry: Connection, command_line: CommandLine) -> None:
    asked = ("rota", "gaps", "north", "--from", "2026-01-05T08:00", "--days", "14")
    nothing = command_line(*asked)
    assert (nothing.return_value, nothing.stdout.strip()) == (
        0,
        "no rota here: whatever is for those on duty goes to everyone",
    )
    edit_escalation.add_rota(registry, ROTA)
    found = command_line(*asked)
    assert found.return_value == 1
    assert found.stdout.splitlines() == [
        "Sun 2026-01-11 20:00 – Mon 2026-01-12 08:00  nobody",
        "Sun 2026-01-18 20:00 – Mon 2026-01-19 08:00  nobody",
    ]
    # another rota covers the hole, but a policy calls only the first one
    sundays = change(NIGHT, members=("user:mei",), weekdays=(6,))
    edit_escalation.add_rota(registry, Rota(rota_id="sundays", site_id="north", name="", layers=(sundays,)))
    covered = command_line(*asked)
    assert (covered.return_value, covered.stdout.strip()) == (0, "no gap until Mon 2026-01-19 08:00")
    edit_escalation.add_policy(registry, POLICY)
    said = command_line(*asked, "--json")
    assert said.return_value == 1
    assert {row["rota_id"] for row in json.loads(said.stdout)["results"]} == {"carers"}


def test_a_site_that_is_not_there_is_wrong_usage(command_line: CommandLine) -> None:
    refused = command_line("rota", "gaps", "nowhere")
    assert getattr(refused.exception, "exit_code", None) == 2
    assert "there is no site 'nowhere'" in str(refused.exception)
