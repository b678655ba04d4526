"""Small twins of the sets of recorded fires, in the very form of the real ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Column = NDArray[np.float64]


def rising(time_s: Column, from_s: float, per_s: float, base: float, most: float = 600.0) -> Column:
    """``base`` until ``from_s``, then ``per_s`` more every second, up to ``most``."""
    found: Column = np.minimum(base + np.maximum(time_s - from_s, 0.0) * per_s, most)
    return found


def write_nist(path: Path, time_s: Column, stations: Mapping[str, Column], alarms: Sequence[tuple[str, float]]) -> None:
    """A test; ``stations`` has columns such as SMA_1 (optical density, 1/m) and TCA_1 (degC)."""
    path.parent.mkdir(parents=True, exist_ok=True)
    np.savez(
        path,
        columns=np.array(["TIME", *stations]),
        data=np.column_stack([time_s, *stations.values()]).astype(np.float32),
        alarm_device=np.array([device for device, _ in alarms]),
        alarm_time_s=np.array([at_s for _, at_s in alarms], np.float32),
    )


def write_fsri(path: Path, time_s: Column, columns: Mapping[str, Column], events: Sequence[tuple[str, float]]) -> None:
    """An experiment; ``columns`` are thermocouples in degC, NaN where nothing was recorded."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temp_c = np.column_stack(list(columns.values()))
    np.savez(
        path,
        t_s=time_s.astype(np.float32),
        v=np.where(np.isnan(temp_c), -32768, np.round(np.nan_to_num(temp_c) / 0.1)).astype(np.int16),
        scale=np.full(len(columns), 0.1, np.float32),
        columns=np.array(list(columns)),
        event=np.array([name for name, _ in events]),
        event_s=np.array([at_s for _, at_s in events], np.float32),
    )


def write_fires(folder: Path) -> None:
    """A house with smoke that spreads from A to B, a room with a burner, a lamp, arcs, calm air."""
    time_s = np.arange(0.0, 240.0, 2.0)
    write_nist(
        folder / "nist_smoke" / "SDC99.npz",
        time_s,
        {
            "SMA_1": rising(time_s, 30, 0.004, 0.0, 3.0),
            "TCA_1": rising(time_s, 40, 0.5, 22.0),
            "SMB_1": rising(time_s, 80, 0.002, 0.0, 3.0),
            "TCFIRE": rising(time_s, 0, 5.0, 22.0),
        },
        [("Ion1A", 50.0), ("Pho1A", 90.0), ("Pho1B", 150.0)],
    )
    time_s = np.arange(-120.0, 300.0)
    write_fsri(
        folder / "fsri_room" / "100kW_Open_Center_9.npz",
        time_s,
        {
            "Quadrant A Temperature 25 mm Below Ceiling": rising(time_s, 4, 3.0, 21.0, 160.0),
            "Quadrant A Temperature 0.3 m Below Ceiling": rising(time_s, 1, 30.0, 21.0, 160.0),
            "Quadrant B Temperature 25 mm Below Ceiling": rising(time_s, 6, 2.0, 21.0, 140.0),
            "Quad A Oxygen 0.6 m Below Ceiling": np.full(len(time_s), 20.9),
        },
        [("Ignition", 0.0), ("Burner Off", 250.0)],
    )
    for name in ("smoke_iot", "broadnet_arc", "tracebase"):
        (folder / name).mkdir(parents=True)
    np.savez(
        folder / "smoke_iot" / "rows.npz",
        temperature_c=np.full(120, 21.0, np.float32),
        humidity_pct=np.full(120, 45.0, np.float32),
        eco2_ppm=np.full(120, 400),
        fire_alarm=np.zeros(120, np.int8),
    )
    np.savez(
        folder / "broadnet_arc" / "arcs.npz",
        features=np.zeros((4, 6), np.float32),
        appliance=np.array(["fan"] * 4),
        arcing=np.array([False, True, True, True]),
    )
    np.savez(
        folder / "tracebase" / "plugs.npz",
        watts=np.full((1, 30), 60, np.int16),
        appliance=np.array(["Lamp"]),
        device=np.array(["dev_1"]),
        day=np.array(["2012.01.01"]),
    )
