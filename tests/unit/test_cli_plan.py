"""What `anxin up` starts and when, and what it tells the person."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from console.cli.demo import guide
from console.cli.embedded import database
from console.cli.plan import Machine, programs
from console.cli.supervise.program import Program, Stage
from console.cli.up import second_factor_of
from console.settings import ConsoleSettings
from tests import parts


def machine(data: Path, *, demo: bool = False, dsn: str = "") -> Machine:
    return Machine(
        data=data,
        broker_listen="127.0.0.1",
        broker_port=parts.free_port(),
        console_host="127.0.0.1",
        console_port=parts.free_port(),
        database=dsn,
        demo=demo,
    )


def plan(of: Machine, *done: str) -> dict[str, Program]:
    made = programs(of, lambda name: name in done, lambda _name: True, lambda _line: None)
    return {program.name: program for program in made}


def test_the_alarm_path_starts_without_asking_for_the_database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def asked(_data: Path) -> bool:
        raise AssertionError("the alarm path asked for the database")

    monkeypatch.setattr(database, "ready", asked)
    monkeypatch.setattr("console.cli.plan.answers", lambda _host, _port: True)
    all_of_it = plan(machine(tmp_path, demo=True))
    for name in ("alarms", "detect", "console", "gateway"):
        assert all_of_it[name].after(), name
    with pytest.raises(AssertionError):
        all_of_it["migrate"].after()
    assert not all_of_it["ingest"].after()
    assert not all_of_it["sim"].after()


def test_the_alarm_engine_is_never_kept_down_for_more_than_a_second(tmp_path: Path) -> None:
    all_of_it = plan(machine(tmp_path))
    assert all_of_it["alarms"].cap_s <= 1.0
    assert all_of_it["broker"].cap_s <= 1.0


def test_what_others_stand_on_ends_last(tmp_path: Path) -> None:
    all_of_it = plan(machine(tmp_path, demo=True))
    assert {name for name, program in all_of_it.items() if program.stage is Stage.GROUND} == {"broker", "database"}
    assert {name for name, program in all_of_it.items() if program.stage is Stage.PRODUCE} == {"gateway", "sim"}


def test_with_a_database_of_your_own_none_is_run(tmp_path: Path) -> None:
    own = machine(tmp_path, dsn="postgresql://db/anxin")
    assert "database" not in plan(own)
    assert own.environment()["ANXIN_DATABASE"] == "postgresql://db/anxin"


def test_passwords_reach_the_programs_by_file(tmp_path: Path) -> None:
    environment = machine(tmp_path).environment()
    assert environment["ANXIN_ALARMS_PASSWORD_FILE"] == str(tmp_path / "secrets" / "alarms")
    assert not [name for name in environment if name.endswith("_PASSWORD")]


def test_a_newcomer_is_told_where_to_go_and_what_will_happen() -> None:
    seed = guide.Seed(
        login_path="/login/once/abc",
        family_path="/login/once/def",
        sites=7,
        devices=219,
        accounts=[{"user_id": "demo-operator", "role": "operator", "password": "word"}],
    )
    said = guide.text(
        console_url="http://127.0.0.1:8080",
        broker="127.0.0.1:1883",
        database="PostgreSQL",
        data=Path("/srv/my data"),
        command="./anxin",
        seed=seed,
        second_step=False,
    )
    assert "no code of a phone is asked" in said
    assert "http://127.0.0.1:8080/login/once/abc" in said
    assert "As family   http://127.0.0.1:8080/login/once/def" in said
    assert "demo-operator (operator), password word" in said
    assert "0:20" in said
    assert "--data '/srv/my data'" in said


def test_without_the_demo_it_says_how_to_make_the_first_user() -> None:
    said = guide.text(
        console_url="http://127.0.0.1:8080",
        broker="127.0.0.1:1883",
        database="PostgreSQL",
        data=Path("/srv/anxin"),
        command="anxin",
        seed=None,
    )
    assert "anxin user add NAME --role administrator --data /srv/anxin" in said
    assert "password" not in said
    assert "code of a phone" not in said


def test_only_the_demo_lets_a_password_alone_in_and_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ANXIN_CONSOLE_SECOND_FACTOR")
    assert second_factor_of(ConsoleSettings.load(), demo=False) == "required"
    assert second_factor_of(ConsoleSettings.load(), demo=True) == "offered"
    said = ConsoleSettings.load(second_factor="required")
    assert second_factor_of(said, demo=True) == "required", "what stands in the settings stays"
    one = machine(tmp_path)
    assert plan(one)["console"].command().env["ANXIN_CONSOLE_SECOND_FACTOR"] == "required"
    offered = replace(one, second_factor="offered")
    assert plan(offered)["console"].command().env["ANXIN_CONSOLE_SECOND_FACTOR"] == "offered"


def test_in_the_demo_the_links_of_messages_lead_to_this_machine(tmp_path: Path) -> None:
    demo = machine(tmp_path, demo=True)
    for name in ("alarms", "console"):
        assert plan(demo)[name].command().env["ANXIN_NOTIFY_PUBLIC_URL"] == demo.console_url
    assert "ANXIN_NOTIFY_PUBLIC_URL" not in replace(demo, public_url="https://anxin.example").environment()
    assert "ANXIN_NOTIFY_PUBLIC_URL" not in replace(demo, demo=False).environment()
