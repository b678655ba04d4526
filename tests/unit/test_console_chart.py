"""Evidence as charts: nothing that a detector writes can break the page."""

from __future__ import annotations

import math
import re
from typing import Any

import pytest

from console.pages.chart import HEIGHT, LEFT, WIDTH, charts, number_text


def _one(**series: Any) -> dict[str, Any]:
    return {"series": [{"signal": "temp_c", "unit": "degC", **series}]}


def test_a_series_is_drawn_inside_its_frame_with_its_limit() -> None:
    (chart,) = charts(_one(times_s=[1e9, 1e9 + 60, 1e9 + 120], values=[20, 60, 72], limit=57))
    points = [tuple(map(float, point.split())) for point in re.split("[ML]", chart.path)[1:]]
    assert len(points) == 3
    assert all(LEFT <= x <= WIDTH and 0 <= y <= HEIGHT for x, y in points)
    assert chart.limit_y is not None
    assert points[1][1] < chart.limit_y < points[0][1], "60 is above the limit, 20 below"
    assert (chart.low, chart.high, chart.last, chart.limit) == ("20", "72", "72", "57")
    assert chart.unit == "°C", "as people read it"


@pytest.mark.parametrize(
    "evidence",
    [
        {},
        {"series": None},
        {"series": "x"},
        {"series": [None, 1, "x"]},
        _one(),
        _one(times_s=[], values=[]),
        _one(times_s=["a"], values=[1]),
        _one(times_s=[1], values=[None]),
        _one(times_s=[math.nan], values=[math.inf]),
    ],
)
def test_what_cannot_be_drawn_is_left_out(evidence: dict[str, Any]) -> None:
    assert charts(evidence) == []


@pytest.mark.parametrize(
    "series",
    [
        {"times_s": [5], "values": [1]},
        {"times_s": [1, 2, 3], "values": [0, 0, 0]},
        {"times_s": [3, 1, 2], "values": [1e-12, 1e12, -5]},
        {"times_s": [1, 2], "values": [True, False]},
        {"times_s": [1e18, 2e18], "values": [1, 2]},
        {"times_s": [1, 2, 3], "values": [1, 2], "limit": "high"},
    ],
)
def test_odd_series_are_drawn_all_the_same(series: dict[str, Any]) -> None:
    (chart,) = charts(_one(**series))
    assert "nan" not in chart.path
    assert "inf" not in chart.path


def test_a_long_series_is_thinned_and_keeps_its_peak() -> None:
    values = [0.0] * 100_000
    values[77_777] = 9.0
    (chart,) = charts(_one(times_s=list(range(100_000)), values=values))
    assert chart.path.count("L") <= 400
    assert chart.high == "9"
    assert min(float(point.split()[1]) for point in re.split("[ML]", chart.path)[1:]) < HEIGHT / 3


@pytest.mark.parametrize(("value", "text"), [(3.0, "3"), (2.345, "2.35"), (1234.5, "1234"), (0.0012, "0.0012")])
def test_numbers_are_short(value: float, text: str) -> None:
    assert number_text(value) == text
