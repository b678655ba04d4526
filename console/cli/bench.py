"""``anxin bench``: what this machine can do. The measurements themselves are in ``tests/bench``."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from importlib import import_module
from importlib.metadata import version
from typing import Any

import click

from console.cli.exit_codes import ExitCode
from console.cli.source_tree import ROOT, require_tools

_json = click.option("--json", "as_json", is_flag=True, help="One JSON object on the last line.")


@click.group()
def bench() -> None:
    """Measure this machine; keep it idle meanwhile."""


@bench.command()
@click.option("--signals", type=click.IntRange(1000), default=500_000, show_default=True)
@click.option("--rounds", type=click.IntRange(3), default=20, show_default=True)
@click.option("--falls", is_flag=True, help="The fall detector: a second of ten thousand wearers at 50 Hz.")
@click.option("--wearers", type=click.IntRange(100), default=10_000, show_default=True, help="With --falls.")
@click.option("--inactivity", is_flag=True, help="The judgement of silence: a sample a minute of every home.")
@click.option("--homes", type=click.IntRange(100), default=100_000, show_default=True, help="With --inactivity.")
@_json
def core(signals: int, rounds: int, wearers: int, homes: int, *, falls: bool, inactivity: bool, as_json: bool) -> int:
    """One tick of the detectors, all rules."""
    if inactivity:
        return _report("inactivity", as_json, lambda module: module.run(homes=homes, rounds=rounds), command="core")
    if falls:
        return _report("falls", as_json, lambda module: module.run(wearers=wearers, rounds=rounds), command="core")
    return _report("core", as_json, lambda module: module.run(signals=signals, rounds=rounds))


@bench.command()
@click.option("--shape", "shapes", multiple=True, type=click.Choice(["pack50", "pack10", "single"]), help="Only these.")
@click.option("--seconds", type=click.FloatRange(1), default=10.0, show_default=True)
@click.option("--gateways", type=click.IntRange(1), default=100, show_default=True)
@click.option("--detect", is_flag=True, help="Let the detectors listen too.")
@click.option("--dsn", default="", help="A PostgreSQL to make databases in; left out: the embedded one.")
@_json
def ingest(shapes: tuple[str, ...], seconds: float, gateways: int, dsn: str, *, detect: bool, as_json: bool) -> int:
    """Readings stored durably per second, through a real broker and database."""
    # Any: keyword arguments
    given: dict[str, Any] = {"seconds": seconds, "gateways": gateways, "dsn": dsn, "detect": detect}
    if shapes:
        given["shapes"] = shapes
    return _report("ingest", as_json, lambda module: module.run(**given))


@bench.command()
@click.option("--presses", type=click.IntRange(10), default=200, show_default=True)
@click.option(
    "--load", "loads", multiple=True, type=click.IntRange(0, 100), help="Telemetry in % of capacity: 0 and 50."
)
@click.option("--database", type=click.Choice(["up", "stopped", "hung"]), default="up", show_default=True)
@click.option("--outage", "outage_s", type=click.FloatRange(0), default=0.0, help="Press for at least so many seconds.")
@click.option(
    "--pixels",
    type=click.IntRange(0, 1000),
    default=0,
    help="Time so many presses until they are on a browser's screen.",
)
@click.option(
    "--hazards",
    type=click.IntRange(0, 10_000),
    default=0,
    help="Also so many alarms of smoke, water flow and electricity in turn.",
)
@click.option(
    "--silent", type=click.IntRange(0, 100), default=0, help="Let so many gateways hang, one after the other."
)
@click.option("--burst", type=click.IntRange(0, 10), default=0, help="So many times a thousand alarms in a second.")
@_json
def latency(
    presses: int,
    loads: tuple[int, ...],
    database: str,
    outage_s: float,
    pixels: int,
    hazards: int,
    silent: int,
    burst: int,
    *,
    as_json: bool,
) -> int:
    """From a press at the broker to the console's feed, while telemetry runs, with the database there or not."""
    given: dict[str, Any] = {  # Any: keyword arguments
        "presses": presses,
        "database": database,
        "outage_s": outage_s,
        "pixels": pixels,
        "hazards": hazards,
        "silent": silent,
        "burst": burst,
    }
    if loads:
        given["loads"] = loads
    return _report("latency", as_json, lambda module: module.run(**given))


@bench.command()
@click.option("--alarms", type=click.IntRange(1, 5000), default=500, show_default=True)
@_json
def desk(alarms: int, *, as_json: bool) -> int:
    """The desk in a browser with many open alarms: first paint, the whole list, a new emergency, keys, memory."""
    return _report("desk", as_json, lambda module: module.run(alarms=alarms))


Result = dict[str, Any]  # Any: JSON


def _report(name: str, as_json: bool, measure: Callable[[Any], Result], command: str = "") -> int:  # Any: a module
    require_tools("psutil")
    # the measurements are no part of the installed package
    sys.path.insert(0, str(ROOT))
    result = measure(import_module(f"tests.bench.bench_{name}"))
    body: Result = {"command": f"bench {command or name}", "version": version("anxin")} | result
    for row in body["results"]:
        click.echo("  ".join(f"{key} {value}" for key, value in row.items()), err=as_json)
    if as_json:
        click.echo(json.dumps(body, ensure_ascii=False))
    return ExitCode.OK
