"""What is no fault, though it looks like one: damp days, motors that start, brushes that spark, a full load."""

from __future__ import annotations

import numpy as np

from firmware_sim.electrics.leaking import natural
from firmware_sim.electrics.scene import Ranges, Scene, wander

_DAY_S = 86_400.0
_HOUR_S = 3600.0


def humid_day(ranges: Ranges) -> Scene:
    """Two days as always; then damp comes within hours, stays and goes."""
    at_s = np.arange(0, 4 * _DAY_S, 300)
    comes_s = ranges.draw("comes_h") * _HOUR_S
    damp = np.interp(at_s - 2 * _DAY_S, [0, comes_s, _DAY_S, _DAY_S + comes_s], [0, 1, 1, 0])
    own = natural(ranges, at_s) + ranges.draw("more_ma") * damp
    return Scene(kind="humid_day", at_s=at_s, series={("residual_current_ma", 0): own})


def inrush(ranges: Ranges) -> Scene:
    """A motor that starts again and again; a report is the current's square, meant over the second before it."""
    rated_a = ranges.choose("rated_a")
    running, at, lasts_s = (ranges.draw(name) for name in ("running", "starts_at", "starts_s"))
    at_s = np.arange(0.0, 1800)
    current = np.full(len(at_s), running * rated_a)
    starts = np.cumsum([ranges.draw("every_s") for _ in range(15)])
    for start in starts[starts < at_s[-1] - 30].astype(int):
        current[start - 20 : start] = 0.1
        current[start] = running * rated_a * np.sqrt(lasts_s * at**2 + 1 - lasts_s)
    return Scene(
        kind="inrush",
        at_s=at_s,
        series={("current_a", 0): current},
        settings={"overload": {"rated": rated_a}},
    )


def arcing_loads(ranges: Ranges) -> Scene:
    """A vacuum cleaner, a drill, a dimmer: never more than nine half-cycles in a second."""
    at_s = np.arange(0.0, 1800)
    arcs = np.minimum(ranges.rng.poisson(ranges.draw("mean"), len(at_s)), np.floor(ranges.draw("most")))
    return Scene(kind="arcing_loads", at_s=at_s, series={("arc_half_cycles", 0): arcs.astype(np.float64)})


def full_load(ranges: Ranges) -> Scene:
    """An hour and a half at up to what never trips a breaker."""
    rated_a = ranges.choose("rated_a")
    at_s = np.arange(0.0, 5400, 5)
    current = ranges.draw("factor") * rated_a * np.minimum(1 + wander(ranges.rng, len(at_s), 0.01), 1.0)
    return Scene(
        kind="full_load", at_s=at_s, series={("current_a", 0): current}, settings={"overload": {"rated": rated_a}}
    )
