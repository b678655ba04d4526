"""``anxin backtest``: what a rule would have raised on the stored history."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from importlib.metadata import version
from typing import Any

import click

from alarms.core.judgement import Judgement
from alarms.core.profiles import Profiles, load_profiles
from alarms.core.rules import RuleType
from alarms.detect.detector import core_devices
from alarms.detect.replay import replay
from console.cli.exit_codes import CommandError, ExitCode
from console.cli.registry import registry_connection
from console.cli.text_table import terminal_language
from console.cli.where import Where, connection_options
from ingest.registry import source
from ingest.store.stored import stored
from ingest.wire.batch import ReadingBatch

_MONTH_DAYS = 30.0
_DATES = ["%Y-%m-%d", "%Y-%m-%dT%H:%M"]


@click.command()
@click.argument("rule")
@click.option("--from", "first", type=click.DateTime(_DATES), required=True, help="UTC.")
@click.option("--to", "last", type=click.DateTime(_DATES), required=True, help="UTC.")
@click.option("--site", "site_id", help="Only the devices of this site.")
@click.option("--learn-days", type=click.FloatRange(0, 366), default=28.0, show_default=True,
              help="Judge from so many days before; what is raised then is not shown.")  # fmt: skip
@connection_options
@click.option("--json", "as_json", is_flag=True, help="One JSON object on the last line.")
def backtest(
    rule: str, first: datetime, last: datetime, site_id: str | None, learn_days: float, where: Where, *, as_json: bool
) -> int:
    """Judge stored readings once more by RULE, a rule's id or `inactivity`, with the thresholds of now.

    Exit codes: 0 done, 2 wrong usage, 3 there is no database.
    """
    profiles = load_profiles()
    rule_id = _rule_id(profiles, rule)
    first, last = first.replace(tzinfo=UTC), last.replace(tzinfo=UTC)
    if last <= first:
        raise CommandError("--to must be later than --from")
    begins = first - timedelta(days=learn_days)
    with registry_connection(where) as connection:
        registry = source.load(connection)
        if site_id is not None and site_id not in registry.site:
            raise CommandError(f"no site is called {site_id!r}; `anxin registry export` shows them")
        devices = [one for one in core_devices(registry) if site_id in (None, registry.device[one.device_id].site_id)]
        history = _shown(stored(connection, begins, last), begins, last)
        rows = [
            _row(found)
            for found in replay(profiles.only(rule_id), devices, history, begins)
            if found.rule == rule_id and found.at_s >= first.timestamp()
        ]
    raised = sum(bool(row["raised"]) for row in rows)
    days = (last - first) / timedelta(days=1)
    language = terminal_language()
    for row in rows:
        text = row["text_zh"] if language == "zh" else row["text"]
        click.echo(f"{row['at']}  {'+' if row['raised'] else '-'} {row['subject']:<24} {text}", err=as_json)
    per_month = raised / days * _MONTH_DAYS
    click.echo(f"{rule_id}: {raised} raised in {days:g} days, {per_month:.2f} per 30 days", err=as_json)
    if as_json:
        settings = {
            "rule": rule_id, "from": first.isoformat(), "to": last.isoformat(), "site": site_id,
            "learn_days": learn_days,
        }  # fmt: skip
        summary = {"raised": raised, "days": days, "raised_per_month": per_month}
        body = {"command": "backtest", "version": version("anxin"), "settings": settings, **summary, "results": rows}
        click.echo(json.dumps(body, ensure_ascii=False))
    return ExitCode.OK


def _rule_id(profiles: Profiles, word: str) -> str:
    """The rule that is meant: by its id, or the one of its type.

    Raises
    ------
    CommandError
        There is none, or what it judges is not stored.
    """
    exact = [one for one in profiles.rules if one.rule == word]
    named = exact or [one for one in profiles.rules if one.type == word]
    fit = [one for one in named if one.type not in (RuleType.DIRECT, RuleType.FALL, RuleType.VERIFY)]
    if len(fit) == 1:
        return fit[0].rule
    if named and not fit:
        raise CommandError(f"{word!r} does not judge stored readings: what it hears reaches people by itself")
    known = ", ".join(one.rule for one in (fit or profiles.rules) if one.type is not RuleType.DIRECT)
    raise CommandError(f"no single rule is called {word!r}; there are {known}")


def _row(found: Judgement) -> dict[str, Any]:  # Any: JSON values
    return {
        "at": datetime.fromtimestamp(found.at_s, UTC).isoformat(timespec="seconds"),
        "rule": found.rule,
        "subject": found.subject,
        "raised": found.raised,
        "stage": found.evidence.get("stage"),
        "text": found.evidence.get("text", ""),
        "text_zh": found.evidence.get("text_zh", ""),
    }


def _shown(
    history: Iterator[tuple[datetime, ReadingBatch]], first: datetime, last: datetime
) -> Iterator[tuple[datetime, ReadingBatch]]:
    """The same hours, with a bar that shows how far it has come."""
    hours = max(1, round((last - first) / timedelta(hours=1)))
    with click.progressbar(history, length=hours, label="replay", file=sys.stderr) as bar:
        yield from bar
