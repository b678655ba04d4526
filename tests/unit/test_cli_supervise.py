"""The pure parts of the supervisor: when a program starts again, what its log looks like, who may hold the data."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from console.cli.exit_codes import AlreadyRunningError
from console.cli.supervise.backoff import STABLE_S, Backoff
from console.cli.supervise.lock import DataLock
from console.cli.supervise.output import Output


def test_the_first_restart_is_immediate_and_later_ones_wait_longer_up_to_the_cap() -> None:
    backoff = Backoff(cap_s=5.0)
    assert [backoff.ended(ran_s=1.0) for _ in range(7)] == [0.0, 0.5, 1.0, 2.0, 4.0, 5.0, 5.0]


def test_the_alarm_path_never_waits_more_than_a_second() -> None:
    backoff = Backoff(cap_s=1.0)
    assert max(backoff.ended(ran_s=0.0) for _ in range(200)) == 1.0


def test_a_program_that_ran_well_starts_at_once_again() -> None:
    backoff = Backoff(cap_s=5.0)
    for _ in range(5):
        backoff.ended(ran_s=0.1)
    assert backoff.ended(ran_s=STABLE_S) == 0.0


def test_every_line_of_the_log_names_its_program(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    output = Output(tmp_path)
    output.line("alarms", "2026-01-01T00:00:00.000Z alarms   INFO    alarm.raised")
    output.close()
    assert (tmp_path / "anxin.log").read_text() == (
        "alarms   | 2026-01-01T00:00:00.000Z alarms   INFO    alarm.raised\n"
    )
    assert "alarm.raised" in capsys.readouterr().out


def test_quiet_keeps_information_off_the_terminal_but_not_out_of_the_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    output = Output(tmp_path, quiet=True)
    output.line("ingest", "2026 ingest   INFO    batch.stored")
    output.line("ingest", "2026 ingest   WARNING broker.lost")
    output.line("broker", "something without a level")
    output.close()
    said = capsys.readouterr().out
    assert "batch.stored" not in said
    assert "broker.lost" in said
    assert "something without a level" in said
    assert "batch.stored" in (tmp_path / "anxin.log").read_text()


def test_the_log_is_turned_over_by_size_and_only_a_few_old_ones_are_kept(tmp_path: Path) -> None:
    output = Output(tmp_path, quiet=True, limit_bytes=100)
    for number in range(200):
        output.line("sim", f" INFO line {number}")
    output.close()
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "anxin.log",
        "anxin.log.1",
        "anxin.log.2",
        "anxin.log.3",
    ]
    assert "line 199" in "".join(path.read_text() for path in tmp_path.iterdir())


def test_a_second_holder_of_a_data_directory_is_told_who_the_first_one_is(tmp_path: Path) -> None:
    first = DataLock(tmp_path)
    first.take()
    with pytest.raises(AlreadyRunningError, match=f"process {os.getpid()}") as refused:
        DataLock(tmp_path).take()
    assert refused.value.exit_code == 4
    first.release()
    again = DataLock(tmp_path)
    again.take()
    again.release()
