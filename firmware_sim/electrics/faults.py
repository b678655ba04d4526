"""The faults: what goes wrong, and the exact second from which on it must be told."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from firmware_sim.electrics.leaking import days, natural
from firmware_sim.electrics.scene import Floats, Ranges, Scene, first_second, wander

_QUIET_S = 60
_HALF_CYCLES = 100
_ARC = 14
_HIGH_V = 275.0


def chafed_cable(ranges: Ranges) -> Scene:
    """Leakage that doubles and doubles until it is far past its setting, with arcs that come with it."""
    setting, rise, doubling_s = ranges.draw("setting_ma"), ranges.draw("rise_ma"), ranges.draw("doubling_s")
    grows = np.arange(0.0, np.ceil(doubling_s * np.log2(2 * setting)) + 5)
    at_s, begin = days(1.2, grows)
    own = natural(ranges, at_s)
    jitter = wander(ranges.rng, len(grows), ranges.draw("jitter"), keeps=0.9)
    leak = 2 ** (grows / doubling_s) * np.maximum(1 + jitter, 0)
    own[begin:] += leak
    arcs = np.full(len(at_s), np.nan)
    mean = ranges.draw("arcs_at_setting") * (leak / setting) ** 2
    arcs[begin:] = np.minimum(ranges.rng.poisson(mean), _HALF_CYCLES)
    limit = min(setting, own[:begin].max() + rise)
    first = [first_second(own >= limit, at_s), *at_s[arcs >= _ARC][:1].tolist()]
    return Scene(
        kind="chafed_cable",
        at_s=at_s,
        series={("residual_current_ma", 0): own, ("arc_half_cycles", 0): arcs},
        begin_s=float(at_s[begin]),
        onset_s=min(moment for moment in first if moment is not None),
        rules=("residual_current", "arc_fault"),
        settings={"residual_current": {"limit": setting, "rise": rise}},
    )


def earth_leakage(ranges: Ranges) -> Scene:
    """A step in the leakage, as when a wet appliance is switched on."""
    at_s, begin = days(1.2, np.arange(0.0, 120.0))
    own = natural(ranges, at_s)
    setting, highest = ranges.draw("setting_ma"), own[:begin].max()
    rise = ranges.draw("rise_ma") + 1.5 * (highest - own[:begin].min())
    step = ranges.draw("beyond") * (min(setting, highest + rise) - own[begin:].min())
    own[begin + _QUIET_S :] += step
    return Scene(
        kind="earth_leakage",
        at_s=at_s,
        series={("residual_current_ma", 0): own},
        begin_s=float(at_s[begin + _QUIET_S]),
        onset_s=float(at_s[begin + _QUIET_S]),
        rules=("residual_current",),
        settings={"residual_current": {"limit": setting, "rise": rise}},
    )


def loose_terminal(ranges: Ranges) -> Scene:
    """A contact resistance that grows: heat I²R into a mass that cools with one time constant."""
    grows_s, tau_s, ambient_c = (ranges.draw(name) for name in ("grows_s", "tau_s", "ambient_c"))
    setting_c, load_a = ranges.draw("setting_c"), ranges.draw("load_a")
    ends_k = max(ranges.draw("ends_k"), setting_c - ambient_c + 20)
    cooling_k_w = ranges.draw("cooling_k_w")
    ends_mohm = 1000 * ends_k / (load_a**2 * cooling_k_w)
    at_s = np.arange(0, _QUIET_S + grows_s + 6 * tau_s)
    share = np.clip((at_s - _QUIET_S) / grows_s, 0, 1)
    heat_w = load_a**2 * (ends_mohm * share / 1000) * (1 + wander(ranges.rng, len(at_s), 0.03))
    temp_c = np.empty(len(at_s))
    level = ambient_c
    for second, power in enumerate(heat_w):
        temp_c[second] = level
        level += (ambient_c + power * cooling_k_w - level) * -np.expm1(-1 / tau_s)
    shown = np.round(temp_c, 1)
    return Scene(
        kind="loose_terminal",
        at_s=at_s,
        series={("cable_temp_c", 1): shown, ("current_a", 0): np.full(len(at_s), load_a)},
        begin_s=float(_QUIET_S),
        onset_s=first_second(shown >= setting_c, at_s),
        rules=("cable_hot", "cable_burning", "cable_rise"),
        settings={"cable_hot": {"limit": setting_c}},
    )


def series_arc(ranges: Ranges) -> Scene:
    """Bursts of arcs behind loads that arc a little themselves."""
    seconds = 2 * _QUIET_S
    at_s = np.arange(0.0, seconds)
    arcs = np.floor(ranges.rng.uniform(0, ranges.draw("quiet") + 1, seconds).clip(0, 9))
    burst = ranges.rng.random(seconds) < ranges.draw("burst_share")
    burst[:_QUIET_S], burst[_QUIET_S] = False, True
    arcs[burst] = np.floor([ranges.draw("burst") for _ in range(int(burst.sum()))])
    return Scene(
        kind="series_arc",
        at_s=at_s,
        series={("arc_half_cycles", 0): arcs},
        begin_s=float(_QUIET_S),
        onset_s=float(_QUIET_S),
        rules=("arc_fault",),
    )


def overload(ranges: Ranges) -> Scene:
    """A current beyond the rating: what must alarm is the moment at which a breaker's bimetal has warmed enough."""
    rated_a, ratio, tau_s = ranges.choose("rated_a"), ranges.draw("ratio"), ranges.draw("tau_s")
    factor, before = max(ranges.draw("factor"), ratio + 0.1), ranges.draw("before")
    warm_s = int(5 * tau_s)
    at_s = np.arange(0, warm_s + 5 * tau_s)
    current = rated_a * np.where(at_s < warm_s, before, factor)
    current *= 1 + wander(ranges.rng, len(at_s), ranges.draw("jitter"))
    heat = _warmed(current / rated_a, tau_s)
    return Scene(
        kind="overload",
        at_s=at_s,
        series={("current_a", 0): current},
        begin_s=float(warm_s),
        onset_s=float(at_s[np.argmax(heat >= ratio**2)]),
        rules=("overload",),
        settings={"overload": {"rated": rated_a, "ratio": ratio, "tau_s": tau_s}},
    )


def neutral_loss(ranges: Ranges) -> Scene:
    """The neutral breaks: three unequal loads share the phases' voltages as they will."""
    grid_v = ranges.draw("grid_v")
    phase = grid_v * np.exp(2j * np.pi * np.arange(3) / 3)
    share = np.zeros(3)
    while share.max() < _HIGH_V + 5:  # equal loads would hide it
        siemens = np.array([ranges.draw("load_w") for _ in range(3)]) / grid_v**2
        share = np.abs(phase - (phase * siemens).sum() / siemens.sum())
    at_s = np.arange(0.0, 2 * _QUIET_S)
    lost = (at_s >= _QUIET_S)[:, np.newaxis]
    noise = ranges.rng.normal(0, 0.5, (len(at_s), 3))
    volts = np.where(lost, share, grid_v) + noise
    return Scene(
        kind="neutral_loss",
        at_s=at_s,
        series={("voltage_v", element + 1): volts[:, element] for element in range(3)},
        begin_s=float(_QUIET_S),
        onset_s=first_second(volts.max(axis=1) >= _HIGH_V, at_s),
        rules=("voltage_high",),
    )


def _warmed(share: Floats, tau_s: float) -> NDArray[np.float64]:
    """The heat of a body warmed by the square of what was reported, second after second."""
    heat, level = np.empty(len(share)), 0.0
    for second, now in enumerate(share):
        heat[second] = level
        level += (now**2 - level) * -np.expm1(-1 / tau_s)
    return heat
