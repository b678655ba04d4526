"""The copy of Grafana's rules: what a query becomes before PostgreSQL sees it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from dashboards.src.macros import MacroError, Raw, Single, View, expand

_NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
_VIEW = View(start=_NOON - timedelta(hours=6), end=_NOON, values={"site": ["a", "b"], "operators": Single(text="2")})


def test_a_time_filter_is_a_between_of_two_texts() -> None:
    assert expand("$__timeFilter(at)", _VIEW) == "at BETWEEN '2026-03-01T06:00:00Z' AND '2026-03-01T12:00:00Z'"
    assert expand("$__timeFrom()::timestamptz", _VIEW) == "'2026-03-01T06:00:00Z'::timestamptz"


def test_a_time_group_differs_between_plain_postgresql_and_timescaledb() -> None:
    assert expand("$__timeGroupAlias(at, '5m')", _VIEW) == 'floor((extract(epoch from at)) / 300)*300 AS "time"'
    with_extension = replace(_VIEW, timescaledb=True)
    assert expand("$__timeGroupAlias(at,$__interval)", with_extension) == "time_bucket('30.000s',at) AS \"time\""


def test_the_interval_is_never_shorter_than_the_panel_allows() -> None:
    assert replace(_VIEW, min_interval_s=600).interval_s == 600
    assert replace(_VIEW, start=_NOON - timedelta(days=30)).interval_s == 3600


def test_values_are_quoted_when_many_and_bare_when_single() -> None:
    sql = "IN ($site) AND n > ${operators}"
    assert expand(sql, _VIEW) == "IN ('a','b') AND n > 2"
    assert expand("IN ($site)", replace(_VIEW, values={"site": ["O'Brien"]})) == "IN ('O''Brien')"
    everything = replace(_VIEW, values={"site": Raw(sql="SELECT site_id FROM g.site")})
    assert expand("IN ($site)", everything) == "IN (SELECT site_id FROM g.site)"


def test_a_value_that_looks_like_a_variable_is_not_replaced_again() -> None:
    view = replace(_VIEW, values={"site": ["$operators"], "operators": Single(text="2")})
    assert expand("IN ($site)", view) == "IN ('$operators')"


@pytest.mark.parametrize(
    "sql", ["$__timeFiltre(at)", "$__timeGroup(at)", "$__timeGroup(at, 'soon')", "IN ($sites)", "${gone}"]
)
def test_what_grafana_would_refuse_is_refused(sql: str) -> None:
    with pytest.raises(MacroError):
        expand(sql, _VIEW)
