"""Evidence as small line charts: pure geometry for the inline SVG of ``templates/chart.html``."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from ingest.wire.signals import shown_unit

WIDTH, HEIGHT = 460.0, 190.0
LEFT, RIGHT, TOP, BOTTOM = 46.0, 12.0, 12.0, 26.0
_POINTS = 400
_SERIES = 6
_EPOCH_S = 2**28  # a smaller time counts from the onset, as on the wire
_LAST_S = 2**33
_MOST = 1e100
_LETTER, _LATIN, _HAN = 24.0, 8.5, 15.5  # widths of what stands in a band, in the chart's units


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    """A mark on an axis: where, and its text (a moment where the axis is time on a clock)."""

    at: float
    text: str = ""
    moment: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A stretch of time that every chart marks with its letter; an instant where it ends as it begins.

    ``text``, with its ``facts``, is marked for translation; ``part`` says how it looks.
    """

    part: str
    letter: str
    text: str
    facts: Mapping[str, str] = field(default_factory=dict)
    from_s: float
    to_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """A span as it lies in a chart."""

    span: Span
    x: float
    width: float

    def holds(self, text: str) -> bool:
        """Whether a text fits beside the letter."""
        return self.width >= _LETTER + sum(_LATIN if letter.isascii() else _HAN for letter in text)


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """One series, ready to draw; ``rows`` repeats it as a table for those who cannot see it."""

    signal: str
    unit: str
    path: str
    limit_y: float | None
    limit: str
    x_ticks: tuple[Tick, ...]
    y_ticks: tuple[Tick, ...]
    last: str
    last_x: float
    last_y: float
    low: str
    high: str
    rows: tuple[tuple[datetime | str, str], ...]
    bands: tuple[Band, ...] = ()


def charts(evidence: Mapping[str, Any], spans: Sequence[Span] = ()) -> list[Chart]:  # Any: a JSON object
    """The charts of an alarm's evidence, with ``spans`` marked; what cannot be drawn is left out, never an error."""
    series = evidence.get("series")
    if not isinstance(series, list):
        return []
    drawn = (_chart(one, spans) for one in series[:_SERIES] if isinstance(one, dict))
    return [chart for chart in drawn if chart is not None]


def number_text(value: float) -> str:
    """A number with as many digits as a person can use."""
    if value == round(value) and abs(value) < 1e6:
        return str(int(value))
    return f"{value:.3g}" if abs(value) < 100 else f"{value:.0f}"


def number_of(value: object) -> float | None:
    """A finite number that can be drawn, or None."""
    return float(value) if isinstance(value, (bool, int, float)) and -_MOST <= value <= _MOST else None


def moment_of(time_s: float, last_s: float) -> datetime | str:
    """A moment on a clock; where ``last_s`` counts from the onset, or no clock shows such a time, a number."""
    if last_s < _EPOCH_S:
        return f"{number_text(time_s)} s"
    return datetime.fromtimestamp(time_s, UTC) if abs(time_s) < _LAST_S else number_text(time_s)


def _chart(series: Mapping[str, Any], spans: Sequence[Span]) -> Chart | None:  # Any: a JSON object
    points = _points(series.get("times_s"), series.get("values"))
    if not points:
        return None
    limit = number_of(series.get("limit"))
    times = [time for time, _ in points]
    values = [value for _, value in points] + ([limit] if limit is not None else [])
    low, high, y_step = _scale(min(values), max(values))
    begin, end = times[0], times[-1]

    def x_of(time: float) -> float:
        return LEFT + (WIDTH - LEFT - RIGHT) * ((time - begin) / (end - begin) if end > begin else 1.0)

    def y_of(value: float) -> float:
        return TOP + (HEIGHT - TOP - BOTTOM) * (1 - (value - low) / (high - low))

    thin = _thin(points)
    path = "M" + "L".join(f"{x_of(time):.1f} {y_of(value):.1f}" for time, value in thin)
    last_time, last_value = points[-1]
    return Chart(
        signal=str(series.get("signal", "")),
        unit=shown_unit(str(series.get("unit", ""))),
        path=path,
        limit_y=None if limit is None else y_of(limit),
        limit="" if limit is None else number_text(limit),
        x_ticks=tuple(_x_tick(time, end, x_of(time)) for time in _spread(begin, end)),
        y_ticks=tuple(
            Tick(at=y_of(low + i * y_step), text=number_text(low + i * y_step))
            for i in range(round((high - low) / y_step) + 1)
        ),
        last=number_text(last_value),
        last_x=x_of(last_time),
        last_y=y_of(last_value),
        low=number_text(min(value for _, value in points)),
        high=number_text(max(value for _, value in points)),
        rows=tuple((moment_of(time, end), number_text(value)) for time, value in _thin(points, 24)),
        bands=_bands(spans, begin, end, x_of),
    )


def _bands(spans: Sequence[Span], begin: float, end: float, x_of: Callable[[float], float]) -> tuple[Band, ...]:
    """The spans that the time axis shows, as far as it does."""
    cut = [(max(span.from_s, begin), min(span.to_s, end), span) for span in spans]
    seen = ((x_of(from_s), x_of(to_s), span) for from_s, to_s, span in cut if from_s <= to_s)
    return tuple(Band(span=span, x=x, width=to_x - x) for x, to_x, span in seen)


def _points(times: object, values: object) -> list[tuple[float, float]]:
    if not isinstance(times, list) or not isinstance(values, list):
        return []
    pairs = [
        (time, value)
        for time, value in zip(map(number_of, times), map(number_of, values), strict=False)
        if time is not None and value is not None
    ]
    return sorted(pairs)


def _thin(points: Sequence[tuple[float, float]], most: int = _POINTS) -> list[tuple[float, float]]:
    """At most ``most`` points: the lowest and the highest of each stretch, so that no peak is lost."""
    if len(points) <= most:
        return list(points)
    size = math.ceil(len(points) / (most // 2))
    kept: list[tuple[float, float]] = []
    for start in range(0, len(points), size):
        stretch = points[start : start + size]
        ends = {min(stretch, key=lambda p: p[1]), max(stretch, key=lambda p: p[1])}
        kept.extend(sorted(ends))
    return kept


def _scale(low: float, high: float) -> tuple[float, float, float]:
    """A round axis around the values, and its step."""
    size = max(1.0, abs(low), abs(high))
    if high - low < 1e-9 * size:
        low, high = low - max(0.5, 1e-6 * size), high + max(0.5, 1e-6 * size)
    raw = (high - low) / 4
    power = 10.0 ** math.floor(math.log10(raw))
    step = power * next(m for m in (1, 2, 2.5, 5, 10) if m * power >= raw * 0.999)
    return math.floor(low / step) * step, math.ceil(high / step) * step, step


def _spread(begin: float, end: float) -> list[float]:
    return [begin] if end <= begin else [begin, (begin + end) / 2, end]


def _x_tick(time: float, end: float, x: float) -> Tick:
    moment = moment_of(time, end)
    return Tick(at=x, moment=moment) if isinstance(moment, datetime) else Tick(at=x, text=moment)
