"""The command line's frame: verbs, help, exit codes."""

from __future__ import annotations

import socket
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from console.cli.exit_codes import CommandError
from console.cli.main import VERBS, anxin, main
from console.cli.ports import require_free
from ingest.errors import SettingsError


def anxin_command(*words: str, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "console.cli.main", *words], capture_output=True, text=True, env=env, check=False
    )


def test_help_names_every_verb_with_one_line() -> None:
    said = CliRunner().invoke(anxin, ["--help"]).output
    for name, verb in VERBS.items():
        assert name in said
        assert verb.about in said


@pytest.mark.parametrize("name", list(VERBS))
def test_every_verb_exists_and_explains_itself(name: str) -> None:
    result = CliRunner().invoke(anxin, [name, "--help"])
    assert result.exit_code == 0, result.output
    assert "Usage:" in result.output


def test_help_imports_no_program() -> None:
    script = (
        "import sys; from console.cli.main import main; sys.argv = ['anxin', '--help']; main(); "
        "print([m for m in ('numpy', 'psycopg', 'fastapi', 'paho') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


def test_wrong_usage_ends_with_2(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "argv", ["anxin", "no-such-verb"])
    assert main() == 2
    assert "no-such-verb" in capsys.readouterr().err


def test_a_wrong_setting_is_named_without_a_traceback(tmp_path: Path) -> None:
    done = anxin_command("up", "--data", str(tmp_path), ANXIN_BROKER_PORT="99999")
    assert done.returncode == 2
    assert "connection.broker_port" in done.stderr
    assert "99999" in done.stderr
    assert "Traceback" not in done.stderr
    assert SettingsError.__name__ not in done.stderr


def test_a_missing_database_ends_with_3(tmp_path: Path) -> None:
    done = anxin_command("migrate")
    assert done.returncode == 3
    assert "ANXIN_DATABASE" in done.stderr


def test_a_taken_port_says_what_to_do(free_port: int) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", free_port))
        other.listen()
        with pytest.raises(CommandError, match=rf"anxin up --port {free_port + 1}"):
            require_free("127.0.0.1", free_port, "The console", "--port")
    require_free("127.0.0.1", free_port, "The console", "--port")
