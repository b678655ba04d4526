"""``anxin preview``: who would be woken by an alarm, when and over what, while nobody answers."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import UTC, datetime
from importlib.metadata import version
from typing import Any
from zoneinfo import ZoneInfo

import click

from alarms.engine.preview import preview as engine_preview
from alarms.lifecycle.alarm import AlarmKind, Priority
from alarms.settings import AlarmsSettings
from console.cli.exit_codes import CommandError, ExitCode
from console.cli.registry import registry_connection
from console.cli.where import Where, connection_options
from ingest.clock import SystemClock
from ingest.registry import source


@click.command()
@click.argument("site_id", metavar="SITE")
@connection_options
@click.option("--kind", type=click.Choice([kind.value for kind in AlarmKind]), default="help_call", show_default=True)
@click.option("--priority", type=click.Choice([one.value for one in Priority]), default="emergency", show_default=True)
@click.option("--at", type=click.DateTime(["%Y-%m-%dT%H:%M"]), help="Local time of the site; left out: now.")
@click.option("--device", "device_id", help="Whose alarm it is; left out: nobody's in particular.")
@click.option("--seconds", type=click.FloatRange(0, 86_400), default=600.0, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="One JSON object on the last line.")
def preview(
    site_id: str,
    where: Where,
    kind: str,
    priority: str,
    at: datetime | None,
    device_id: str | None,
    seconds: float,
    *,
    as_json: bool,
) -> int:
    """Who is woken at 03:00? Asks the alarm engine itself, with the rotas, policies and addresses of now."""
    with registry_connection(where) as connection:
        registry = source.load(connection)
    site = registry.site.get(site_id)
    if site is None:
        raise CommandError(f"no site is called {site_id!r}; `anxin registry export` shows them")
    if device_id is not None and device_id not in registry.device:
        raise CommandError(f"no device is called {device_id!r}; `anxin registry export` shows them")
    zone = ZoneInfo(site.timezone)
    moment = SystemClock().now() if at is None else at.replace(tzinfo=zone).astimezone(UTC)
    woken = engine_preview(
        registry,
        [str(url) for url in AlarmsSettings.load().duty_webhooks],
        site_id=site_id,
        kind=AlarmKind(kind),
        priority=Priority(priority),
        at=moment,
        device_id=device_id,
        within_s=seconds,
    )
    rows: list[dict[str, Any]] = [asdict(one) for one in woken]  # Any: JSON values
    if not rows:
        click.echo("nobody: no channel of anybody here has answered a test message", err=as_json)
    for row in rows:
        click.echo("{after_s:>7g} s  {target:<24} {channel:<12} {reason}".format(**row), err=as_json)
    if as_json:
        settings = {"site": site_id, "kind": kind, "priority": priority, "at": moment.isoformat(), "seconds": seconds}
        body = {"command": "preview", "version": version("anxin"), "settings": settings, "results": rows}
        click.echo(json.dumps(body, ensure_ascii=False))
    return ExitCode.OK
