"""``anxin test``: the tests. Outside CI a test whose part is missing is skipped, loudly and with a count."""

from __future__ import annotations

import subprocess
import sys

import click

from console.cli.exit_codes import ExitCode
from console.cli.source_tree import ROOT, require_tools


@click.command(context_settings={"ignore_unknown_options": True})
@click.argument("pytest_args", nargs=-1, type=click.UNPROCESSED)
def test(pytest_args: tuple[str, ...]) -> int:
    """Run the tests; PYTEST_ARGS go to pytest (after ``--`` when they look like options of ours).

    Benchmarks run only when named: anxin test tests/bench.

    ANXIN_TEST_PARTS=debian|embedded chooses the real parts, ANXIN_TEST_DATABASE names a PostgreSQL server, ANXIN_DATA
    the directory of recordings; with CI=true a missing part is an error.
    """
    require_tools("pytest", "hypothesis", "playwright")
    benches = [] if any("bench" in word for word in pytest_args) else ["--ignore=tests/bench"]
    done = subprocess.run([sys.executable, "-m", "pytest", *benches, *pytest_args], cwd=ROOT, check=False)
    return ExitCode.OK if done.returncode == 0 else ExitCode.FAILED
