"""``anxin rota``: who is on duty at a site, and when nobody is."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib.metadata import version
from typing import Any

import click

from alarms.engine.escalation import rotas
from alarms.lifecycle.errors import RotaError
from alarms.lifecycle.rota import Rota, Shift, shifts, together
from console.cli.exit_codes import CommandError, ExitCode
from console.cli.registry import registry_connection
from console.cli.where import Where, connection_options
from ingest.clock import SystemClock
from ingest.registry import source
from ingest.registry.checks import rotas_of_policy
from ingest.registry.model import Registry, Site

LONGEST_DAYS = 366
Row = dict[str, Any]  # Any: a JSON object


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """The time that is asked about, at one site."""

    registry: Registry
    site: Site
    rotas: list[Rota]
    begin: datetime
    end: datetime


@click.group()
def rota() -> None:
    """Who is on duty at a site, and when nobody is."""


def _span_options(days: int) -> Callable[[Callable[..., int]], Callable[..., int]]:
    """Add SITE, --from, --days and --json to a command, which gets ``span`` and ``as_json``."""

    def decorate(command: Callable[..., int]) -> Callable[..., int]:
        @click.argument("site_id", metavar="SITE")
        @connection_options
        @click.option(
            "--from",
            "start",
            type=click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M"]),
            help="From this local time of the site; left out: from now.",
        )
        @click.option("--days", type=click.IntRange(1, LONGEST_DAYS), default=days, show_default=True)
        @click.option("--json", "as_json", is_flag=True, help="One JSON object on the last line.")
        @functools.wraps(command)
        def wrapped(site_id: str, where: Where, start: datetime | None, days: int, *, as_json: bool) -> int:
            try:
                return command(_span(where, site_id, start, days), as_json=as_json)
            except RotaError as error:
                raise CommandError(f"the rotas of site {site_id} cannot be read: {error}") from error

        return wrapped

    return decorate


@rota.command()
@_span_options(days=7)
def show(span: Span, *, as_json: bool) -> int:
    """Print who is on duty at SITE: every rota, shift by shift, in the site's local time."""
    found = [(one, shift) for one in span.rotas for shift in shifts(one, span.begin, span.end)]
    if as_json:
        _print_json("rota show", span, [_row(span.registry, one.rota_id, shift) for one, shift in found])
        return ExitCode.OK
    click.echo(f"{span.site.site_id} {span.site.name}, {span.site.timezone}")
    for one in span.rotas:
        click.echo(f"{one.rota_id} {one.name}")
        for shift in (shift for of, shift in found if of is one):
            click.echo(f"  {_times(span, shift)}  {_said(span.registry, shift)}")
    if not span.rotas:
        click.echo(_NO_ROTA)
    return ExitCode.OK


@rota.command("gaps")
@_span_options(days=28)
def gaps_(span: Span, *, as_json: bool) -> int:
    """Print when nobody is on duty at SITE; then everyone is told.

    Looked at are all rotas of the site together, and each rota that a policy names by itself. Exit codes: 0 no gap, 1
    there is one, 2 there is no such site.
    """
    found = list(_gaps(span))
    if as_json:
        _print_json("rota gaps", span, [_row(span.registry, rota_id, gap) for rota_id, gap in found])
    elif not span.rotas:
        click.echo(_NO_ROTA)
    elif not found:
        click.echo(f"no gap until {_local(span, span.end)}")
    else:
        for rota_id, gap in found:
            click.echo(f"{_times(span, gap)}  nobody{'' if rota_id is None else f' in rota {rota_id}'}")
    return ExitCode.FAILED if found else ExitCode.OK


_NO_ROTA = "no rota here: whatever is for those on duty goes to everyone"


def _span(where: Where, site_id: str, start: datetime | None, days: int) -> Span:
    with registry_connection(where) as connection:
        registry = source.load(connection)
    site = registry.site.get(site_id)
    if site is None:
        raise click.BadParameter(f"there is no site {site_id!r}", param_hint="SITE")
    of_site = rotas(registry).get(site_id, [])
    begin = SystemClock().now()
    if start is not None and of_site:
        begin = start.replace(tzinfo=of_site[0].zone())
    return Span(registry=registry, site=site, rotas=of_site, begin=begin, end=begin + timedelta(days=days))


def _gaps(span: Span) -> Iterator[tuple[str | None, Shift]]:
    """Every gap of all rotas together (None), then of those that a policy names."""
    if span.rotas:
        yield from ((None, shift) for shift in together(span.rotas, span.begin, span.end) if not shift.people)
    named = {rota_id for policy in span.registry.policies for rota_id in rotas_of_policy(policy)}
    for one in span.rotas:
        if one.rota_id in named:
            yield from ((one.rota_id, shift) for shift in shifts(one, span.begin, span.end) if not shift.people)


def _row(registry: Registry, rota_id: str | None, shift: Shift) -> Row:
    return {
        "rota_id": rota_id,
        "begins_at": shift.begins_at.isoformat(),
        "ends_at": shift.ends_at.isoformat(),
        "people": list(shift.people),
        "names": [_name(registry, person) for person in shift.people],
        "unreachable": [person for person in shift.people if not _reachable(registry, person)],
    }


def _print_json(command: str, span: Span, rows: list[Row]) -> None:
    settings = {
        "site_id": span.site.site_id,
        "timezone": span.site.timezone,
        "from": span.begin.isoformat(),
        "to": span.end.isoformat(),
        "rotas": [one.rota_id for one in span.rotas],
    }
    body = {"command": command, "version": version("anxin"), "settings": settings, "results": rows}
    click.echo(json.dumps(body, ensure_ascii=False))


def _times(span: Span, shift: Shift) -> str:
    return f"{_local(span, shift.begins_at)} – {_local(span, shift.ends_at)}"


def _local(span: Span, at: datetime) -> str:
    return at.astimezone(span.rotas[0].zone()).strftime("%a %Y-%m-%d %H:%M")


def _said(registry: Registry, shift: Shift) -> str:
    if not shift.people:
        return "nobody"
    return ", ".join(
        _name(registry, person) + ("" if _reachable(registry, person) else " (no answered channel)")
        for person in shift.people
    )


def _name(registry: Registry, person: str) -> str:
    kind, _, entry_id = person.partition(":")
    entry = (registry.user if kind == "user" else registry.contact).get(entry_id)
    return entry_id if entry is None else entry.name


def _reachable(registry: Registry, person: str) -> bool:
    return any(reach.counts for reach in registry.reaches_of.get(person, ()))
