"""What the levels of a room's detectors are told apart by."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from alarms.core.fire.channels import CO, HEAT, HUMIDITY, SMOKE

FEATURES = (
    "smoke", "smoke_rise", "heat", "heat_rise", "co", "co_rise", "humidity", "humidity_rise",
    "smoke_heat", "smoke_heat_rise", "smoke_co", "smoke_humidity", "heat_co", "heat_humidity",
    "smoke_square", "heat_rise_square", "lasts",
)  # fmt: skip

Floats = NDArray[np.float64]


def features(above: Floats, rise_min: Floats, known: NDArray[np.bool_], lasts_s: Floats) -> Floats:
    """The features of rooms.

    Parameters
    ----------
    above, rise_min : float64, shape (k, channels)
        How far each signal is above the usual and how fast it rises, in its unit and per minute: the most of the
        room's detectors.
    known : bool, shape (k, channels)
        Whether the room has such a detector; the others' numbers are not looked at.
    lasts_s : float64, shape (k,)
        How long the room has not been calm.

    Returns
    -------
    float64, shape (k, features)
        About linear near the usual, logarithmic far from it; 0 where it is about a signal that the room does not have.
    """
    above, rise_min = np.where(known, above, 0.0), np.where(known, rise_min, 0.0)
    smoke, smoke_rise = np.arcsinh(above[:, SMOKE] / 0.05), np.arcsinh(rise_min[:, SMOKE] / 0.2)
    heat, heat_rise = np.arcsinh(above[:, HEAT] / 3.0), np.arcsinh(rise_min[:, HEAT] / 3.0)
    co, co_rise = np.arcsinh(above[:, CO] / 8.0), np.arcsinh(rise_min[:, CO] / 10.0)
    humidity, humidity_rise = np.arcsinh(above[:, HUMIDITY] / 5.0), np.arcsinh(rise_min[:, HUMIDITY] / 5.0)
    return np.stack(
        [
            smoke, smoke_rise, heat, heat_rise, co, co_rise, humidity, humidity_rise,
            smoke * heat, smoke * heat_rise, smoke * co, smoke * humidity, heat * co, heat * humidity,
            smoke * smoke, heat_rise * heat_rise, np.log1p(lasts_s / 30.0),
        ],
        axis=1,
    )  # fmt: skip
