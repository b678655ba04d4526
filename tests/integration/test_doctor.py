"""The doctor on installations that are well, sick or not there."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

import msgspec
import psycopg
import pytest

from console.cli.doctor import programs, spools
from console.cli.doctor.command import examine
from console.cli.doctor.connections import look_at_broker, look_at_console, look_at_database
from console.cli.doctor.finding import Finding, Verdict
from console.cli.doctor.links import look_at_links
from console.cli.doctor.logins import look_at_logins
from console.cli.doctor.settings import DoctorSettings
from console.cli.run_file import ProgramState, Run, RunFile
from console.cli.where import Where
from ingest.health import Health, read_health
from tests import parts
from tests.running_broker import RunningBroker

pytestmark = pytest.mark.once

NOW_S = 1_800_000_000.0


def where(data: Path, *, port: int = 1, database: str = "") -> Where:
    return Where(data=data, broker_host="127.0.0.1", broker_port=port, broker_ca=None, database=database)


def write_run(data: Path, **states: ProgramState) -> None:
    run = Run(os.getpid(), NOW_S - 3600, False, "", 1, "http://127.0.0.1:1", "", dict(states))
    (data / "run.json").write_bytes(msgspec.json.encode(run))


def write_health(data: Path, name: str, **facts: object) -> None:
    path = data / name / "health.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(facts))


def found(findings: list[Finding], check: str) -> Finding:
    (finding,) = [each for each in findings if each.check == check]
    return finding


def running(starts: int = 1) -> ProgramState:
    return ProgramState("running", os.getpid(), starts, None)


def test_a_program_whose_heart_beats_is_well(tmp_path: Path) -> None:
    write_run(tmp_path, alarms=running())
    write_health(tmp_path, "alarms", at=NOW_S - 1, pid=1, broker=True, open=3)
    finding = found(list(programs.look(tmp_path, NOW_S)), "alarms")
    assert finding.verdict is Verdict.OK
    assert finding.facts == {"broker": True, "open": 3}


def test_programs_that_share_no_data_directory_are_looked_at_too(tmp_path: Path) -> None:
    """As containers have it: a volume for each, and the alarms' one is ours."""
    ours, apart = tmp_path / "data", tmp_path / "programs"
    for name in ("detect", "ingest", "watch"):
        (apart / name).mkdir(parents=True)
    write_health(ours, "alarms", at=NOW_S - 1, pid=1, broker=True)
    write_health(apart / "detect", "detect", at=NOW_S - 60, pid=1, broker=True)
    write_health(apart / "watch", "watch", at=NOW_S - 1, pid=1, broker=True)
    findings = list(programs.look(ours, NOW_S, apart))
    assert {each.check: each.verdict for each in findings} == {
        "alarms": Verdict.OK, "detect": Verdict.BAD, "ingest": Verdict.BAD, "watch": Verdict.OK,
    }  # fmt: skip
    assert "never" in found(findings, "ingest").text
    assert "60 s" in found(findings, "detect").text


@pytest.mark.parametrize(
    ("facts", "verdict", "words"),
    [
        ({"at": NOW_S - 8}, Verdict.SLOW, "8 s old"),
        ({"at": NOW_S - 60}, Verdict.BAD, "said nothing for 60 s"),
        ({"at": NOW_S, "lag_s": 12.0}, Verdict.SLOW, "12 s behind"),
        ({"at": NOW_S, "broker": False}, Verdict.BAD, "no connection to the broker"),
    ],
)
def test_a_sick_heartbeat_is_told(tmp_path: Path, facts: dict[str, object], verdict: Verdict, words: str) -> None:
    write_run(tmp_path, ingest=running())
    write_health(tmp_path, "ingest", **facts)
    finding = found(list(programs.look(tmp_path, NOW_S)), "ingest")
    assert finding.verdict is verdict
    assert words in finding.text
    assert finding.advice


def test_a_program_that_does_not_run_says_what_it_costs(tmp_path: Path) -> None:
    write_run(tmp_path, alarms=ProgramState("restarting", None, 3, -9))
    finding = found(list(programs.look(tmp_path, NOW_S)), "alarms")
    assert finding.verdict is Verdict.BAD
    assert "alarms reach nobody" in finding.advice


def test_a_killed_supervisor_is_told(tmp_path: Path) -> None:
    run = Run(2**22 + 1, NOW_S, False, "", 1, "", "", {"alarms": running()})
    (tmp_path / "run.json").write_bytes(msgspec.json.encode(run))
    assert found(list(programs.look(tmp_path, NOW_S)), "up").verdict is Verdict.BAD


def test_a_spool_that_holds_alarms_is_bad_and_quiet_ones_are_counted(tmp_path: Path) -> None:
    for name, spool in {"gw-1": {"alarm": 40, "data": 0}, "gw-2": {"data": 3}, "gw-3": {"data": 5000}}.items():
        write_health(tmp_path / "gateway", name, at=NOW_S, broker=True, spool=spool)
        (tmp_path / "gateway" / name / "credentials.json").write_text("{}")
    findings = list(spools.look(tmp_path, NOW_S))
    assert found(findings, "gateway gw-1").verdict is Verdict.BAD
    assert found(findings, "gateway gw-3").verdict is Verdict.SLOW
    assert found(findings, "spools").text.startswith("1 gateways")


def test_programs_that_run_by_themselves_need_no_supervisor(tmp_path: Path) -> None:
    write_health(tmp_path, "alarms", at=NOW_S - 1, broker=True)
    assert [finding.check for finding in programs.look(tmp_path, NOW_S)] == ["alarms"]


def test_after_the_end_only_the_end_is_told(tmp_path: Path) -> None:
    write_health(tmp_path, "alarms", at=NOW_S - 3600, broker=True)
    (finding,) = programs.look(tmp_path, NOW_S)
    assert finding.advice.startswith("start it")


def test_where_nothing_runs_it_says_how_to_start(tmp_path: Path) -> None:
    findings = examine(where(tmp_path, port=parts.free_port()))
    assert found(findings, "up").advice.startswith("start it")
    assert found(findings, "broker").verdict is Verdict.BAD
    assert found(findings, "database").verdict is Verdict.SLOW


def test_health_is_written_whole_and_at_most_once_in_its_interval(tmp_path: Path) -> None:
    path = tmp_path / "ingest" / "health.json"
    health = Health(path, interval_s=60)
    assert health.due()
    health.report(lag_s=0.5)
    health.report(lag_s=9.0)
    facts = read_health(path)
    assert facts is not None
    assert facts["lag_s"] == 0.5
    assert facts["pid"] == os.getpid()
    assert abs(facts["at"] - time.time()) < 60
    assert not health.due()


def test_a_health_file_that_cannot_be_written_stops_nobody(tmp_path: Path) -> None:
    (tmp_path / "ingest").write_text("a file where a directory should be")
    Health(tmp_path / "ingest" / "health.json").report(lag_s=0.0)


def test_it_logs_in_at_the_broker(broker: RunningBroker) -> None:
    finding = look_at_broker(where(broker.data, port=broker.port))
    assert finding.verdict is Verdict.OK, finding
    (broker.data / "secrets" / "sim").write_text("another install's")
    finding = look_at_broker(where(broker.data, port=broker.port))
    assert finding.verdict is Verdict.BAD
    assert "right data directory" in finding.advice


def test_it_counts_the_quarantine_by_reason(database: str, tmp_path: Path) -> None:
    with psycopg.connect(database) as connection:
        for reason in ("unknown_device", "unknown_device", "bad_time"):
            connection.execute(
                "INSERT INTO quarantine (received_at, gateway_id, topic, reason, detail, payload)"
                " VALUES (now(), 'gw', 't', %s, '', '')",
                (reason,),
            )
    findings = list(look_at_database(where(tmp_path, database=database)))
    assert found(findings, "database").verdict is Verdict.OK
    assert found(findings, "quarantine").facts == {"counts": {"unknown_device": 2, "bad_time": 1}}


def test_it_asks_for_missing_migrations(bare_database: str, tmp_path: Path) -> None:
    findings = list(look_at_database(where(tmp_path, database=bare_database)))
    assert found(findings, "schema").advice == "run: anxin migrate"


def test_the_console_of_the_settings_is_asked(tmp_path: Path) -> None:
    url = f"https://127.0.0.1:{parts.free_port()}"
    assert list(look_at_console(where(tmp_path), DoctorSettings())) == []
    (away,) = look_at_console(where(tmp_path), DoctorSettings(console_url=f"{url}/"))
    assert (away.check, away.verdict, away.text.split()[0]) == ("page", Verdict.BAD, url)
    lost = DoctorSettings(console_url=url, console_certificate=tmp_path / "console.crt")
    (untrusted,) = look_at_console(where(tmp_path), lost)
    assert "console.crt" in untrusted.text


def test_a_database_that_is_away_is_bad_and_harmless(tmp_path: Path) -> None:
    dsn = f"postgresql://nobody@127.0.0.1:{parts.free_port()}/none"
    (finding,) = look_at_database(where(tmp_path, database=dsn))
    assert finding.verdict is Verdict.BAD
    assert "alarms go on" in finding.advice


def test_it_says_that_messages_need_an_address_for_their_links(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ANXIN_NOTIFY_PUBLIC_URL", raising=False)
    unset = look_at_links(tmp_path)
    assert unset.verdict is Verdict.SLOW
    assert "notify.public_url" in unset.text
    facts = {"broker": "", "broker_port": 1, "console_url": "http://127.0.0.1:8000", "dsn": ""}
    RunFile(tmp_path, demo=True, **facts).write([])
    assert "demo" in look_at_links(tmp_path).text
    assert look_at_links(tmp_path).verdict is Verdict.OK
    monkeypatch.setenv("ANXIN_NOTIFY_PUBLIC_URL", "https://anxin.example")
    assert "https://anxin.example" in look_at_links(tmp_path).text


def test_it_says_that_a_password_alone_lets_administrators_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANXIN_CONSOLE_SECOND_FACTOR", "offered")
    assert [one.verdict for one in look_at_logins(tmp_path)] == [Verdict.SLOW]
    monkeypatch.setenv("ANXIN_CONSOLE_SECOND_FACTOR", "required")
    assert list(look_at_logins(tmp_path)) == [], "whether a console elsewhere requires it is not known here"
    facts = {"broker": "", "broker_port": 1, "console_url": "http://127.0.0.1:8000", "dsn": ""}
    for demo, second_factor, verdict in (
        (False, "required", Verdict.OK),
        (True, "offered", Verdict.OK),
        (False, "offered", Verdict.SLOW),
    ):
        RunFile(tmp_path, demo=demo, second_factor=second_factor, **facts).write([])
        assert [one.verdict for one in look_at_logins(tmp_path)] == [verdict]
