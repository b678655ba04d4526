"""Every query of every board on a real PostgreSQL, as the login that Grafana uses."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import psycopg
import pytest

from dashboards.src.generate import ROOT
from dashboards.src.macros import MacroError, Raw, Single, Value, View, expand
from dashboards.src.variables import ALL_SITES_SQL

Json = dict[str, Any]
_NOW = datetime.now(UTC)
_BOARDS = {path.stem: json.loads(path.read_text("utf-8")) for path in sorted((ROOT / "json" / "en").glob("*.json"))}
_ALERTS = json.loads((ROOT / "provisioning/alerting/platform.json").read_text("utf-8"))
_SITES = ("home", "O'Brien", "empty")
_TIME_BUCKET = """
CREATE FUNCTION time_bucket(width interval, at timestamptz) RETURNS timestamptz LANGUAGE sql IMMUTABLE AS
$$ SELECT date_bin(width, at, TIMESTAMPTZ '2000-01-03 00:00:00+00') $$
"""
"""What the extension's function does, so that both forms of the macros run on any PostgreSQL."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """One SQL of a board and what Grafana wants back."""

    where: str
    sql: str
    form: str
    columns: frozenset[str] = frozenset()
    interval_s: float = 1.0


def _queries(board: Json) -> Iterator[Query]:
    for panel in board["panels"]:
        columns = frozenset(
            override["matcher"]["options"] for override in panel.get("fieldConfig", {}).get("overrides", ())
        )
        for target in panel.get("targets", ()):
            yield Query(
                where=panel["title"],
                sql=target["rawSql"],
                form=target["format"],
                columns=columns,
                interval_s={"10m": 600.0, "1h": 3600.0}.get(panel.get("interval", ""), 1.0),
            )
    for marks in board["annotations"]["list"]:
        yield Query(where=marks["name"], sql=marks["target"]["rawSql"], form="annotation")
    for variable in board["templating"]["list"]:
        if variable["type"] == "query":
            yield Query(where=f"${variable['name']}", sql=variable["query"], form="variable")


_RANGES = (timedelta(minutes=15), timedelta(days=1), timedelta(days=30))
_CHOSEN: tuple[dict[str, Value], ...] = (
    {"site": Raw(sql=ALL_SITES_SQL), "priority": ["emergency", "high", "medium", "low"], "kind": ["meter", "fire"]},
    {"site": ["O'Brien"], "priority": ["emergency"], "kind": ["button"]},
    {"site": ["home", "O'Brien", "gone"], "priority": ["emergency", "high"], "kind": ["meter", "wearable"]},
)


def _view(length: timedelta, chosen: dict[str, Value], *, timescaledb: bool, interval_s: float = 1.0) -> View:
    return View(
        start=_NOW - length,
        end=_NOW + timedelta(seconds=5),
        values=chosen | {"operators": Single(text="2")},
        timescaledb=timescaledb,
        min_interval_s=interval_s,
    )


def _everything(length: timedelta = timedelta(days=2)) -> View:
    return _view(length, _CHOSEN[0], timescaledb=False)


@pytest.fixture(autouse=True)
def _today() -> None:
    """The stories of each test end now: the boards ask the database's clock, which cannot be moved."""
    global _NOW, _STORIES
    _NOW = datetime.now(UTC)
    _STORIES = _stories()


@pytest.fixture
def owner(database: str) -> Iterator[psycopg.Connection[Any]]:
    """The owner of a database with two sites, an empty one, alarms with known answers, and devices in every state."""
    with psycopg.connect(database, autocommit=True) as connection:
        _seed_registry(connection)
        with connection.pipeline():
            _seed_alarms(connection)
        _seed_devices(connection)
        _seed_routine(connection)
        if connection.execute("SELECT 1 FROM pg_extension WHERE extname = 'timescaledb'").fetchone() is None:
            connection.execute(_TIME_BUCKET)
        connection.execute("GRANT USAGE ON SCHEMA public TO grafana_ro")
        yield connection


@pytest.fixture
def grafana(database: str, owner: psycopg.Connection[Any]) -> Iterator[psycopg.Connection[Any]]:
    """A connection as Grafana's login: a member of ``grafana_ro`` and of nothing else."""
    login = "grafana_" + owner.info.dbname[-12:]
    owner.execute(f"CREATE ROLE {login} LOGIN IN ROLE grafana_ro")
    try:
        with psycopg.connect(database, autocommit=True) as connection:
            connection.execute(f"SET SESSION AUTHORIZATION {login}")
            yield connection
    finally:
        owner.execute(f"DROP ROLE {login}")


def _rows(connection: psycopg.Connection[Any], sql: str) -> tuple[list[str], list[tuple[Any, ...]]]:
    cursor = connection.execute(sql)
    assert cursor.description is not None
    return [column.name for column in cursor.description], cursor.fetchall()


def _one(connection: psycopg.Connection[Any], board: str, title: str, view: View | None = None) -> Json:
    query = next(query for query in _queries(_BOARDS[board]) if query.where == title)
    names, rows = _rows(connection, expand(query.sql, view or _everything()))
    assert len(rows) == 1
    return dict(zip(names, rows[0], strict=True))


def _all(connection: psycopg.Connection[Any], board: str, title: str, view: View | None = None) -> list[Json]:
    query = next(query for query in _queries(_BOARDS[board]) if query.where == title)
    names, rows = _rows(connection, expand(query.sql, view or _everything()))
    return [dict(zip(names, row, strict=True)) for row in rows]


# every query runs, and gives what Grafana can draw


@pytest.mark.parametrize("name", list(_BOARDS))
def test_every_query_runs_and_has_the_shape_that_grafana_needs(grafana: psycopg.Connection[Any], name: str) -> None:
    for query in _queries(_BOARDS[name]):
        for timescaledb in (False, True):
            for length in _RANGES:
                for chosen in _CHOSEN:
                    view = _view(length, chosen, timescaledb=timescaledb, interval_s=query.interval_s)
                    names, rows = _rows(grafana, expand(query.sql, view))
                    _check_shape(query, names, rows)


def _check_shape(query: Query, names: list[str], rows: list[tuple[Any, ...]]) -> None:
    match query.form:
        case "time_series":
            assert names[0] == "time", query.where
            times = [float(row[0].timestamp() if isinstance(row[0], datetime) else row[0]) for row in rows]
            assert times == sorted(set(times))
            assert len(rows) < 10_000
            assert all(value is None or float(value) == float(value) for row in rows for value in row[1:])
            assert set(names) - {"time"} == query.columns
        case "annotation":
            assert {"time", "text"} <= set(names) <= {"time", "timeend", "text", "tags"}
        case "variable":
            assert len(names) in (1, 2)
        case _:
            assert set(names) == query.columns, f"{query.where}: every column has a title in the reader's language"


def test_the_boards_show_something(grafana: psycopg.Connection[Any]) -> None:
    for name, board in _BOARDS.items():
        for query in _queries(board):
            if query.where != "Readings per minute":
                assert _rows(grafana, expand(query.sql, _everything()))[1], f"{name}: {query.where} is empty"


def test_a_platform_with_no_site_at_all_breaks_no_query(database: str) -> None:
    with psycopg.connect(database, autocommit=True) as connection:
        for board in _BOARDS.values():
            for query in _queries(board):
                _rows(connection, expand(query.sql, _everything()))


def test_alert_rules_run_and_give_one_number(grafana: psycopg.Connection[Any]) -> None:
    for rule in _ALERTS["groups"][0]["rules"]:
        names, rows = _rows(grafana, expand(rule["data"][0]["model"]["rawSql"], _everything()))
        assert names == ["value"]
        assert float(rows[0][0]) >= 0


# golden numbers: what people would count by hand


def test_alarms_answered_in_time_are_a_share_of_all_that_were_raised(grafana: psycopg.Connection[Any]) -> None:
    told = _one(grafana, "alarms", "Acknowledged in time")
    assert float(told["within_60_s"]) == pytest.approx(_share(60))
    assert float(told["within_180_s"]) == pytest.approx(_share(180))


def test_stages_have_the_median_and_the_tail_of_those_that_came_so_far(grafana: psycopg.Connection[Any]) -> None:
    stages = {row["stage"]: row for row in _all(grafana, "alarms", "Time by stage")}
    counted = [story for story in _STORIES if story.counts]
    expected: dict[str, list[float | None]] = {
        "way": [story.way_s for story in counted],
        "notify": [story.notify_s for story in counted],
        "acknowledge": [story.acknowledge_s for story in counted],
        "attend": [story.attend_s for story in counted],
        "resolve": [story.resolve_s if story.resolved_by != "system" else None for story in counted],
    }
    for stage, seconds in expected.items():
        known = np.array([value for value in seconds if value is not None])
        row = stages[stage]
        assert (row["alarms"], row["without"]) == (len(known), len(counted) - len(known))
        assert float(row["median_s"]) == pytest.approx(np.percentile(known, 50), abs=1e-3)
        assert float(row["p95_s"]) == pytest.approx(np.percentile(known, 95), abs=1e-3)
        assert float(row["max_s"]) == pytest.approx(known.max(), abs=1e-3)


def test_what_waits_now_is_counted_by_priority(grafana: psycopg.Connection[Any]) -> None:
    waiting = [story for story in _STORIES if story.counts and story.response == "new"]
    told = _one(grafana, "alarms", "Unacknowledged alarms")
    for priority in ("emergency", "high", "medium", "low"):
        assert told[priority] == sum(story.priority == priority for story in waiting)
    oldest_s = float(_one(grafana, "alarms", "Oldest unacknowledged")["oldest_s"])
    assert oldest_s == pytest.approx(max(story.age_s for story in waiting), abs=30)


def test_standing_alarms_come_most_urgent_first_and_lead_to_their_page(grafana: psycopg.Connection[Any]) -> None:
    standing = _all(grafana, "alarms", "Standing alarms")
    open_stories = [story for story in _STORIES if story.response != "resolved" and story.counts]
    assert {row["alarm_id"] for row in standing} == {story.alarm_id for story in open_stories}
    ranks = [["emergency", "high", "medium", "low"].index(row["priority"]) for row in standing]
    assert ranks == sorted(ranks)


def test_totals_count_escalations_and_false_alarms(grafana: psycopg.Connection[Any]) -> None:
    counted = [story for story in _STORIES if story.counts]
    ended = [story for story in counted if story.disposition is not None]
    told = _one(grafana, "alarms", "Totals")
    assert told["raised"] == len(counted)
    assert float(told["escalated_pct"]) == pytest.approx(100 * np.mean([story.steps >= 1 for story in counted]))
    assert float(told["false_pct"]) == pytest.approx(100 * np.mean([s.disposition == "false_alarm" for s in ended]))
    by_kind = {row["kind"]: row for row in _all(grafana, "alarms", "By kind")}
    assert sum(row["raised"] for row in by_kind.values()) == len(counted)
    assert by_kind["fall"]["raised"] == sum(story.kind == "fall" for story in counted)
    by_site = {row["site"]: row for row in _all(grafana, "alarms", "By site")}
    assert by_site["O'Brien House"]["raised"] == sum(story.site_id == "O'Brien" for story in counted)


def test_a_flood_is_seen_although_the_average_is_low(grafana: psycopg.Connection[Any]) -> None:
    per_operator = _all(grafana, "alarms", "Alarms per 10 minutes and operator")
    times = np.array([story.received_at.timestamp() // 600 for story in _STORIES if story.counts])
    most = max(np.unique(times, return_counts=True)[1])
    assert max(float(row["alarms"]) for row in per_operator) == pytest.approx(most / 2)
    assert float(_one(grafana, "alarms", "Time in flood")["flood_pct"]) == 0
    alone = replace(_everything(), values=dict(_everything().values) | {"operators": Single(text="1")})
    windows = (alone.end - alone.start).total_seconds() / 600
    assert float(_one(grafana, "alarms", "Time in flood", alone)["flood_pct"]) == pytest.approx(100 / windows)


def test_one_site_alone_is_one_site_alone(grafana: psycopg.Connection[Any]) -> None:
    view = _view(timedelta(days=2), _CHOSEN[1] | {"priority": ["emergency", "high", "medium", "low"]}, timescaledb=True)
    told = _one(grafana, "alarms", "Totals", view)
    assert told["raised"] == sum(story.counts and story.site_id == "O'Brien" for story in _STORIES)


def test_notes_about_the_routine_say_where_and_not_whose(grafana: psycopg.Connection[Any]) -> None:
    (row,) = _all(grafana, "alarms", "Notes about the routine")
    assert (row["kind"], row["now"], row["usual"]) == ("night", 6, 1)
    assert "李伟" not in str(row)


def test_device_states_follow_the_profile(grafana: psycopg.Connection[Any]) -> None:
    every = replace(
        _everything(), values=dict(_everything().values) | {"kind": ["meter", "fire", "button", "wearable"]}
    )
    assert _one(grafana, "devices", "Device states", every) == {
        "healthy": 1,
        "overdue": 1,
        "offline": 1,
        "never_heard": 1,
        "not_supervised": 1,
        "out_of_service": 1,
    }
    assert float(_one(grafana, "devices", "Supervised devices that are healthy", every)["healthy_pct"]) == 25
    silent = _all(grafana, "devices", "Silent devices", every)
    assert [row["state"] for row in silent] == ["offline", "overdue", "never_heard"]
    gateways = {row["gateway_id"]: row["state"] for row in _all(grafana, "devices", "Gateways", every)}
    assert gateways == {"gw-home": "healthy", "gw-lost": "offline", "gw-new": "never_heard"}
    assert _all(grafana, "devices", "Lowest batteries", every)[0]["battery_low"] == 1
    reasons = {row["reason"]: row["messages"] for row in _all(grafana, "devices", "Set aside, by reason", every)}
    assert reasons == {"not_json": 3, "unknown_device": 1}


def test_readings_per_minute_are_the_rows_of_whole_hours(owner: psycopg.Connection[Any], grafana: Any) -> None:
    hour = _NOW.replace(minute=0, second=0, microsecond=0) - timedelta(hours=2)
    number = owner.execute("SELECT number FROM device WHERE device_id = 'healthy'").fetchone()
    assert number is not None
    owner.cursor().executemany(
        "INSERT INTO reading_meter (time, device_number, received_at, power_w) VALUES (%s, %s, %s, 1)",
        [(hour + timedelta(seconds=10 * i), number[0], hour) for i in range(360)],
    )
    view = replace(_everything(), min_interval_s=3600)
    rows = [row for row in _all(grafana, "devices", "Readings per minute", view) if row["meter"] is not None]
    assert [float(row["meter"]) for row in rows] == [6.0]


# who may see what


def test_grafana_reaches_no_table_and_writes_nothing(owner: psycopg.Connection[Any], grafana: Any) -> None:
    tables = owner.execute(
        "SELECT c.oid::regclass::text FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace"
        " WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p', 'v', 'm')"
    ).fetchall()
    assert len(tables) > 20
    for (table,) in tables:
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            _rows(grafana, f"SELECT 1 FROM {table} LIMIT 1")
    views = owner.execute("SELECT 'g.' || quote_ident(viewname) FROM pg_views WHERE schemaname = 'g'").fetchall()
    for (view,) in views:
        _rows(grafana, f"SELECT 1 FROM {view} LIMIT 1")
        with pytest.raises((psycopg.errors.InsufficientPrivilege, psycopg.errors.ObjectNotInPrerequisiteState)):
            grafana.execute(f"DELETE FROM {view}")
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        grafana.execute("INSERT INTO g.site (site_id, site, kind, timezone) VALUES ('x', 'x', 'x', 'UTC')")
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        grafana.execute("CREATE TABLE g.mine (a int)")


def test_every_view_is_a_security_barrier_and_shows_no_person(owner: psycopg.Connection[Any]) -> None:
    open_views = owner.execute(
        "SELECT c.relname FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace"
        " WHERE n.nspname = 'g' AND NOT coalesce(c.reloptions @> ARRAY['security_barrier=true'], false)"
    ).fetchall()
    assert open_views == []
    columns = owner.execute("SELECT column_name FROM information_schema.columns WHERE table_schema = 'g'").fetchall()
    personal = {"phone", "webhook", "resident_name", "name", "note", "state_json", "payload", "target", "by", "detail"}
    assert not personal & {column for (column,) in columns}


def test_a_login_of_one_site_sees_that_site_only(owner: psycopg.Connection[Any], grafana: Any) -> None:
    login = grafana.execute("SELECT session_user").fetchone()[0]
    owner.execute("INSERT INTO board_reader (role_name, site_id) VALUES (%s, %s)", (login, "O'Brien"))
    assert [row[0] for row in _rows(grafana, "SELECT site_id FROM g.site")[1]] == ["O'Brien"]
    for view in ("answer", "alarm", "device_state", "gateway_state", "quarantine", "volume_hour"):
        assert {row[0] for row in _rows(grafana, f"SELECT site_id FROM g.{view}")[1]} <= {"O'Brien"}, view
    told = _one(grafana, "alarms", "Totals")
    assert told["raised"] == sum(story.counts and story.site_id == "O'Brien" for story in _STORIES)


# a broken query does not pass


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("acknowledge_s", "aknowledge_s"),
        ("g.answer", "g.answers"),
        ("$site", "$sites"),
        ("$__timeFilter", "$__timeFiltre"),
        ("$__timeFilter(received_at)", "$__timeFilter(received)"),
        ("AS within_60_s", "AS within_minute"),
    ],
    ids=["column", "table", "variable", "macro", "macro's column", "field"],
)
def test_a_broken_query_is_seen(grafana: psycopg.Connection[Any], right: str, wrong: str) -> None:
    query = next(query for query in _queries(_BOARDS["alarms"]) if query.where == "Acknowledged in time")
    assert right in query.sql
    broken = replace(query, sql=query.sql.replace(right, wrong))
    with pytest.raises((psycopg.Error, MacroError, AssertionError)):
        _check_shape(broken, *_rows(grafana, expand(broken.sql, _everything())))


# the stories that the golden numbers are counted from


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """One alarm and what became of it; seconds count from when the platform received it."""

    alarm_id: str
    site_id: str = "home"
    kind: str = "help_call"
    priority: str = "emergency"
    age_s: float
    way_s: float = 0.2
    notify_s: float | None = None
    acknowledge_s: float | None = None
    attend_s: float | None = None
    resolve_s: float | None = None
    resolved_by: str = "wang"
    came_back_s: float | None = None
    disposition: str | None = None
    steps: int = 0
    test: bool = False
    drill: bool = False

    @property
    def counts(self) -> bool:
        return not self.test and not self.drill

    @property
    def received_at(self) -> datetime:
        return _NOW - timedelta(seconds=self.age_s)

    @property
    def open_s(self) -> float:
        return self.age_s if self.resolve_s is None else self.resolve_s

    @property
    def response(self) -> str:
        if self.resolve_s is not None:
            return "resolved"
        if self.attend_s is not None:
            return "attended"
        return "new" if self.acknowledge_s is None else "acknowledged"


def _history() -> list[Story]:
    rng = np.random.default_rng(20260301)
    ten_minutes = (_NOW.timestamp() - 40_000) // 600 * 600
    found = []
    for index in range(120):
        acknowledge_s = float(np.round(rng.lognormal(3.5, 0.9), 3))
        found.append(
            Story(
                alarm_id=f"past-{index}",
                site_id="O'Brien" if index % 3 == 0 else "home",
                kind=str(rng.choice(["help_call", "fall", "bed_exit", "fault"])),
                priority=str(rng.choice(["emergency", "high", "medium"])),
                # twelve of them within one clock's ten minutes, the others hourly
                age_s=_NOW.timestamp() - ten_minutes - 30 * index if index < 12 else 3_000 + 1_200 * index,
                way_s=float(np.round(rng.exponential(0.5), 3)),
                notify_s=0.3 if index % 5 else None,
                acknowledge_s=acknowledge_s,
                attend_s=acknowledge_s + 90 if index % 4 else None,
                resolve_s=acknowledge_s + 400,
                disposition="false_alarm" if index % 7 == 0 else "helped",
                steps=int(acknowledge_s > 30) + int(acknowledge_s > 90),
            )
        )
    return found


def _stories() -> tuple[Story, ...]:
    return (
        *_history(),
        Story(alarm_id="waiting-long", age_s=900, notify_s=0.4, steps=3),
        Story(alarm_id="waiting-two-minutes", age_s=120, kind="fall", priority="high", notify_s=0.5, steps=1),
        Story(alarm_id="waiting-young", age_s=20, kind="fall", site_id="O'Brien", notify_s=0.5),
        Story(alarm_id="low", age_s=50_000, kind="battery", priority="low"),
        Story(alarm_id="on-the-way", age_s=700, notify_s=0.4, acknowledge_s=25),
        Story(alarm_id="gone-at-once", age_s=5_000, kind="bed_exit", resolve_s=12, resolved_by="system"),
        Story(alarm_id="gone-unanswered", age_s=6_000, kind="bed_exit", resolve_s=400, resolved_by="system"),
        Story(alarm_id="came-back", age_s=8_000, acknowledge_s=30, attend_s=700, resolve_s=900, came_back_s=600),
        Story(alarm_id="test-press", age_s=300, kind="test", priority="low", test=True),
        Story(
            alarm_id="drill",
            age_s=20_000,
            kind="fire",
            acknowledge_s=400,
            resolve_s=500,
            disposition="test",
            drill=True,
        ),
        Story(alarm_id="drill-that-runs", age_s=1_200, kind="fire", notify_s=0.4, steps=2, drill=True),
    )


_STORIES: tuple[Story, ...] = ()


def _share(limit_s: float) -> float:
    """Of all real alarms that were answered in time or stood longer than the limit: those answered in time."""
    counted = [story for story in _STORIES if story.counts]
    acknowledge_s = np.array([np.inf if story.acknowledge_s is None else story.acknowledge_s for story in counted])
    open_s = np.array([story.open_s for story in counted])
    in_time = acknowledge_s <= limit_s
    judged = in_time | (open_s > limit_s)
    return float(100 * in_time.sum() / judged.sum())


def _seed_registry(connection: psycopg.Connection[Any]) -> None:
    for site_id in _SITES:
        name = "O'Brien House" if site_id == "O'Brien" else site_id
        connection.execute("INSERT INTO site (site_id, name, shard) VALUES (%s, %s, 0)", (site_id, name))
    for gateway_id, site_id in (("gw-home", "home"), ("gw-lost", "O'Brien"), ("gw-new", "home")):
        connection.execute("INSERT INTO gateway (gateway_id, site_id) VALUES (%s, %s)", (gateway_id, site_id))


def _seed_alarms(connection: psycopg.Connection[Any]) -> None:
    for story in _STORIES:
        _seed_alarm(connection, story)
    connection.execute(
        "INSERT INTO alarm (alarm_id, version, site_id, rule, subject, kind, priority, condition, response, raised_at,"
        " received_at, test, state) VALUES ('gateway', 1, 'O''Brien', 'gateway_lost', 'gateway:gw-lost', 'test',"
        " 'high', 'active', 'new', now(), now(), true, '{}')"
    )


def _seed_alarm(connection: psycopg.Connection[Any], story: Story) -> None:
    def at(seconds: float | None) -> datetime | None:
        return None if seconds is None else story.received_at + timedelta(seconds=seconds)

    last_answer_s = story.attend_s if story.came_back_s is not None else story.acknowledge_s
    row = {
        "alarm_id": story.alarm_id,
        "site_id": story.site_id,
        "kind": story.kind,
        "priority": story.priority,
        "response": story.response,
        "raised_at": at(-story.way_s),
        "received_at": story.received_at,
        "acknowledged_at": at(last_answer_s),
        "attended_at": at(story.attend_s),
        "resolved_at": at(story.resolve_s),
        "resolved_by": None if story.resolve_s is None else story.resolved_by,
        "disposition": story.disposition,
        "test": story.test,
        "drill": story.drill,
    }
    connection.execute(
        "INSERT INTO alarm (alarm_id, version, site_id, rule, subject, kind, priority, condition, response, raised_at,"
        " received_at, acknowledged_at, attended_at, resolved_at, resolved_by, disposition, room_name, test,"
        " drill, state)"
        " VALUES (%(alarm_id)s, 1, %(site_id)s, 'r', 'device:d', %(kind)s, %(priority)s, 'active', %(response)s,"
        " %(raised_at)s, %(received_at)s, %(acknowledged_at)s, %(attended_at)s, %(resolved_at)s, %(resolved_by)s,"
        " %(disposition)s, '101', %(test)s, %(drill)s, '{}')",
        row,
    )
    log = [("Acknowledge", story.acknowledge_s), ("ReturnDue", story.came_back_s), ("Attend", story.attend_s)]
    number = _STORIES.index(story) * 10
    for offset, (event, seconds) in enumerate(log):
        if seconds is not None:
            connection.execute(
                "INSERT INTO alarm_log (log_id, alarm_id, at, event) VALUES (%s, %s, %s, %s)",
                (number + offset, story.alarm_id, at(seconds), event),
            )
    connection.execute(
        "INSERT INTO alarm_log (log_id, alarm_id, at, event, detail) VALUES (%s, %s, %s, 'shown', %s)",
        (number + 9, story.alarm_id, at(0), json.dumps({"step": story.steps})),
    )
    if story.notify_s is not None:
        connection.execute(
            "INSERT INTO notification (send_key, alarm_id, step, round, target, channel, due_at, sent_at, result)"
            " VALUES (%s, %s, 0, 0, 'desk', 'webhook', %s, %s, 'sent')",
            (story.alarm_id, story.alarm_id, at(0), at(story.notify_s)),
        )


def _seed_routine(connection: psycopg.Connection[Any]) -> None:
    connection.execute("INSERT INTO resident (resident_id, site_id, name) VALUES ('li', 'home', '李伟')")
    connection.execute(
        "INSERT INTO routine_note (resident_id, kind, since, seen, until, begun_at, sure, now, usual) VALUES"
        " ('li', 'night', '2025-11-24', '2025-11-26', NULL, now(), 'clear', 6, 1),"
        " ('li', 'cold', '2025-11-01', '2025-11-02', '2025-11-04', now(), 'clear', 9, 20)"
    )


def _seed_devices(connection: psycopg.Connection[Any]) -> None:
    connection.execute("INSERT INTO supervision VALUES ('meter', 60, 180), ('sos_button', NULL, NULL)")
    for device_id, profile, kind, silent_s, out_of_service in (
        ("healthy", "meter", "meter", 10, False),
        ("overdue", "meter", "meter", 90, False),
        ("offline", "meter", "meter", 7_000, False),
        ("never", "meter", "meter", None, False),
        ("button", "sos_button", "button", 90_000, False),
        ("stored", "meter", "fire", 90_000, True),
    ):
        made = connection.execute(
            "INSERT INTO device (device_id, site_id, gateway_id, kind, profile, out_of_service)"
            " VALUES (%s, 'home', 'gw-home', %s, %s, %s) RETURNING number",
            (device_id, kind, profile, out_of_service),
        ).fetchone()
        assert made is not None
        if silent_s is None:
            continue
        heard_at = _NOW - timedelta(seconds=silent_s)
        for signal, value in ((120, 15.0), (122, float(device_id == "button")), (130, -80.0)):
            connection.execute(
                "INSERT INTO last_value (time, received_at, value, device_number, signal, element)"
                " VALUES (%s, %s, %s, %s, %s, 0)",
                (heard_at, heard_at, value, made[0], signal),
            )
    connection.execute(
        "INSERT INTO lane_position (consumer, gateway_id, boot, lane, position, moved_at)"
        " VALUES ('ingest', 'gw-home', 'b', 'data', 7, %s), ('ingest', 'gw-lost', 'b', 'data', 7, %s)",
        (_NOW - timedelta(seconds=3), _NOW - timedelta(hours=1)),
    )
    for reason in ("not_json", "not_json", "not_json", "unknown_device"):
        connection.execute(
            "INSERT INTO quarantine (received_at, gateway_id, topic, reason, detail, payload)"
            " VALUES (%s, 'gw-home', 't', %s, 'd', 'x')",
            (_NOW - timedelta(minutes=5), reason),
        )
