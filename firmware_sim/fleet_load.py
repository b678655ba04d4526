"""What a fleet sends: telemetry packs on an even beat, presses at random moments. Pure and seeded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import msgspec
import numpy as np

from ingest.wire.pack import Table
from ingest.wire.senml import Record

SIGNALS = ("power_w", "voltage_v", "current_a", "energy_kwh", "power_factor")
DEFAULT_METERS = 10


class FleetMember(msgspec.Struct, frozen=True, kw_only=True):
    """An entry of the credentials file; meters and buttons left out get names of their own."""

    password: str
    shard: int
    meters: tuple[str, ...] = ()
    buttons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadShape:
    """Rates of the whole fleet. ``fresh_buttons``: each press comes from a button that was never heard before."""

    readings_per_s: float
    presses_per_s: float
    fresh_buttons: bool = False


@dataclass(slots=True, kw_only=True)
class FleetLoad:
    """Says which gateway has a pack or a press due; a stop of the program leaves no hole to be filled afterwards."""

    members: dict[str, FleetMember]
    shape: LoadShape
    rng: np.random.Generator
    started_at: float
    _meters: dict[str, list[str]] = field(init=False)
    _buttons: dict[str, list[str]] = field(init=False)
    _due: list[float] = field(init=False)
    _press_at: float = field(init=False)
    _pressed: int = field(init=False, default=0)

    def __post_init__(self) -> None:
        names = list(self.members)
        self._meters = {
            name: list(member.meters) or [f"{name}:meter{i}" for i in range(DEFAULT_METERS)]
            for name, member in self.members.items()
        }
        self._buttons = {name: list(m.buttons) or [f"{name}:button"] for name, m in self.members.items()}
        # Spread over one period, so that the fleet does not speak in one breath.
        self._due = [self.started_at + self._period_s(name) * i / len(names) for i, name in enumerate(names)]
        self._press_at = self._next_press(self.started_at)

    def packs(self, now: float) -> list[tuple[str, bytes]]:
        """Gateways with telemetry due, each with the body of its pack."""
        if self.shape.readings_per_s <= 0:
            return []
        found = []
        for index, name in enumerate(self.members):
            if now >= self._due[index]:
                period_s = self._period_s(name)
                self._due[index] = max(self._due[index] + period_s, now - period_s)
                found.append((name, self._telemetry(self._meters[name], now)))
        return found

    def presses(self, now: float) -> list[tuple[str, str, bytes, float]]:
        """Presses that happened: gateway, button, body of the pack, time."""
        found = []
        while now >= self._press_at:
            at, self._press_at = self._press_at, self._next_press(self._press_at)
            if now - at > 1.0:
                continue
            names = list(self.members)
            name = names[int(self.rng.integers(len(names)))]
            device_id = self._button(name)
            record = Record(bn=f"{device_id}/", bt=round(at, 3), n="help_call", vb=True)
            found.append((name, device_id, b'"records":' + msgspec.json.encode([record]) + b"}", round(at, 3)))
        return found

    def _button(self, name: str) -> str:
        if self.shape.fresh_buttons:
            self._pressed += 1
            return f"{name}:press-{int(self.started_at * 1000):x}-{self._pressed}"
        # In turn: the same button again as late as can be.
        buttons = self._buttons[name]
        buttons.append(buttons.pop(0))
        return buttons[-1]

    def _period_s(self, name: str) -> float:
        readings = len(self._meters[name]) * len(SIGNALS)
        if self.shape.readings_per_s <= 0:
            return 1.0
        return readings * len(self.members) / self.shape.readings_per_s

    def _next_press(self, after: float) -> float:
        if self.shape.presses_per_s <= 0:
            return float("inf")
        return after + float(self.rng.exponential(1 / self.shape.presses_per_s))

    def _telemetry(self, meters: Sequence[str], now: float) -> bytes:
        watts = self.rng.uniform(80, 900, len(meters)).round(1)
        volts = (230 + self.rng.normal(0, 1, len(meters))).round(1)
        rows = np.column_stack([
            watts, volts, (watts / volts).round(3), np.full(len(meters), round(now % 1e6 / 1000, 3)),
            np.full(len(meters), 0.97),
        ])  # fmt: skip
        table = Table(d=list(meters), n=list(SIGNALS), v=rows.tolist(), bt=round(now, 3))
        return b'"tables":' + msgspec.json.encode([table]) + b"}"
