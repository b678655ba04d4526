"""Features of recorded arcs: what can be said about them, which is how many there are."""

from __future__ import annotations

from pathlib import Path

from evaluation.fire.rows import Row
from firmware_sim.errors import RecordingError
from firmware_sim.recordings.archive import read_arrays

NOTE = (
    "not judged: these are normalised features of single half-waves; the rule counts the arcing half-cycles of a "
    "second, which nobody recorded here, and to take the label for the count would be to judge the label"
)


def rows(path: Path) -> list[Row]:
    """A row per load, with how many half-waves arc in it.

    Raises
    ------
    RecordingError
        It is no such file.
    """
    arrays = read_arrays(path, "appliance", "arcing")
    appliance, arcing = arrays["appliance"].astype(str), arrays["arcing"].astype(bool)
    if appliance.ndim != 1 or appliance.shape != arcing.shape:
        raise RecordingError(f"{path}: appliance has shape {appliance.shape}, arcing {arcing.shape}")
    return [
        {
            "dataset": "broadnet_arc",
            "experiment": name,
            "ignition_s": None,
            "fused_alarm_s": None,
            "heat_alarm_s": None,
            "reach_57c_s": None,
            "first_photoelectric_recorded_s": None,
            "median_recorded_s": None,
            "false_alarms": 0,
            "hours": 0.0,
            "half_waves": int((appliance == name).sum()),
            "arcing": int(arcing[appliance == name].sum()),
            "note": NOTE,
        }
        for name in sorted(set(appliance.tolist()))
    ]
