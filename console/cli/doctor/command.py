"""``anxin doctor``."""

from __future__ import annotations

import json
import time
from importlib.metadata import version

import click

from console.cli.doctor import machine, programs, spools
from console.cli.doctor.certificate import look_at_certificate
from console.cli.doctor.connections import look_at_broker, look_at_console, look_at_database
from console.cli.doctor.finding import Finding, Verdict, worst
from console.cli.doctor.journal import look_at_journal
from console.cli.doctor.links import look_at_links
from console.cli.doctor.logins import look_at_logins
from console.cli.doctor.settings import DoctorSettings
from console.cli.exit_codes import ExitCode
from console.cli.where import Where, connection_options
from ingest.clock import SystemClock

_SIGN = {Verdict.OK: "ok  ", Verdict.SLOW: "SLOW", Verdict.BAD: "BAD "}


@click.command()
@connection_options
@click.option("--json", "as_json", is_flag=True, help="One JSON object on the last line.")
def doctor(where: Where, *, as_json: bool) -> int:
    """Say what is up, what is slow and what to do. 0: nothing is bad, 1: something is."""
    findings = examine(where)
    if as_json:
        body = {
            "command": "doctor",
            "version": version("anxin"),
            "settings": {"data": str(where.data), "broker": f"{where.broker_host}:{where.broker_port}"},
            "results": [finding.row() for finding in findings],
        }
        click.echo(json.dumps(body, ensure_ascii=False))
    else:
        for finding in findings:
            click.echo(f"{_SIGN[finding.verdict]}  {finding.check:<12} {finding.text}")
            if finding.advice:
                click.echo(f"      {'':<12} -> {finding.advice}")
    return ExitCode.FAILED if worst(findings) is Verdict.BAD else ExitCode.OK


def examine(where: Where) -> list[Finding]:
    """Every finding, from the ground up."""
    now_s, settings = time.time(), DoctorSettings.load()
    findings = [*machine.look(where.data, now_s), look_at_broker(where), *look_at_database(where)]
    if not any(finding.check == "journal" for finding in findings):
        findings += look_at_journal(where.data, None)
    return [
        *findings,
        *programs.look(where.data, now_s, settings.programs),
        *spools.look(where.data, now_s),
        *look_at_console(where, settings),
        *look_at_certificate(where.data, settings, SystemClock().now()),
        look_at_links(where.data),
        *look_at_logins(where.data),
    ]
