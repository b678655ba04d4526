"""The rules about fire: what a room's detectors say together, and dense smoke at one of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from alarms.core import fire_evidence
from alarms.core.fire.channels import CHANNELS, SMOKE
from alarms.core.fire.fires import Fires
from alarms.core.fire.model import shipped
from alarms.core.fire_layout import SIGNALS, FireLayout
from alarms.core.history import History
from alarms.core.intake import Intake, Sensors
from alarms.core.judgement import Judgement
from alarms.core.latch import Flips
from alarms.core.plan import Plan
from alarms.core.profiles import Profiles
from alarms.core.rules import Where
from alarms.core.saved import Array, matching, same
from alarms.core.soiling_watch import SoilingWatch
from alarms.core.thresholds import ThresholdProblem
from ingest.wire.batch import ReadingBatch

_LEVELS = ("fast", "slow", "usual", "at_s")


class FireWatch:
    """The rooms of a layout, told as judgements."""

    def __init__(self, profiles: Profiles, plan: Plan, where: Where) -> None:
        self._plan = plan
        self._layout = FireLayout(profiles, plan, where)
        self._intake = Intake(self._layout.sensors, self._layout.room)  # one reading of a room at a time
        self._judge = shipped()
        limit, hold_s = self._layout.limits()
        self._fires = Fires(
            rooms=self._layout.inputs(),
            judge=self._judge,
            limit=limit,
            hold_s=hold_s,
            cloudy=self._layout.cloudy,
            smoke=self._layout.smoke(),
        )
        self._history = History(len(self._layout.keys))
        self._soiling = SoilingWatch(profiles, plan, where, self._layout.places, self._fires.levels, self._history)

    @property
    def sensors(self) -> Sensors:
        """The devices that it hears."""
        return self._layout.sensors

    @property
    def problems(self) -> list[ThresholdProblem]:
        """Thresholds that were refused."""
        return [*self._layout.problems, *self._soiling.problems]

    def update(
        self, batch: ReadingBatch, rows: NDArray[np.int64], device: NDArray[np.int32]
    ) -> list[tuple[int, Judgement]]:
        """What the rows of registered devices mean, by row."""
        rows, device = self._layout.sensors.own(rows, device)
        if not rows.size:
            return []
        found: list[tuple[int, Judgement]] = []
        for samples in self._intake.rounds(batch, rows, device):
            fresh = ~samples.repeated
            self._history.add(samples.input[fresh], samples.at_s[fresh], samples.value[fresh])
            fires, smoke = self._fires.update(samples.input, samples.at_s, samples.received_s, samples.value)
            for flips in fires:
                sensor = samples.input[flips.row] // len(CHANNELS)
                found += self._told(flips, samples.row[flips.row], self._layout.places[sensor])
            for flips in smoke:
                found += self._told_smoke(flips, samples.row[flips.row])
            found += self._soiling.update(samples)
        found.sort(key=lambda pair: pair[0])
        return found

    def tick(self, now_s: float) -> list[Judgement]:
        """Judge the passing of time."""
        found: list[tuple[int, Judgement]] = []
        fires, smoke = self._fires.tick(now_s)
        for flips in fires:
            found += self._told(flips, flips.row, self._layout.first[flips.slot])
        for flips in smoke:
            found += self._told_smoke(flips, flips.row)
        told = [judgement for _, judgement in found] + self._soiling.tick(now_s)
        return sorted(told, key=lambda judgement: judgement.at_s)

    def clock_set(self, by_s: float) -> None:
        """The wall clock was set."""
        self._intake.clock_set(by_s)
        self._fires.clock_set(by_s)
        self._soiling.clock_set(by_s)

    def standing(self) -> list[tuple[str, str]]:
        """Rule and subject of everything that is raised."""
        rooms = np.flatnonzero(self._fires.latch.raised).tolist()
        smoky = np.flatnonzero(self._fires.smoke.raised).tolist()
        fires = [*map(self._layout.of_room, rooms), *map(self._layout.of_detector, smoky)]
        return sorted([*fires, *self._soiling.standing()])

    def saved(self) -> tuple[dict[str, Any], dict[str, Array]]:  # Any: JSON values
        """Facts and arrays to be kept."""
        fires = self._fires
        facts, arrays = self._soiling.saved()
        return {"fire.rooms": self._layout.rooms, **facts}, {
            **arrays,
            "fire.inputs": self._layout.keys,
            "fire.detectors": self._layout.numbers,
            "fire.seen_at": self._intake.seen_at,
            "fire.stirred": fires.stirred,
            "fire.since_s": fires.since_s,
            **{f"fire.level.{name}": getattr(fires.levels, name) for name in _LEVELS},
            **fires.latch.saved("fire.latch"),
            **fires.smoke.alone.saved("fire.alone"),
            **fires.smoke.told_apart.saved("fire.told_apart"),
        }

    def restore(self, facts: Mapping[str, Any], arrays: Mapping[str, Array]) -> None:  # Any: JSON values
        """Take over the inputs and rooms that are still there."""
        if "fire.inputs" not in arrays:
            return  # saved before there were such rules
        fires = self._fires
        here, there = matching(self._layout.keys, arrays["fire.inputs"])
        self._intake.seen_at[here] = arrays["fire.seen_at"][there]
        fires.stirred[here] = arrays["fire.stirred"][there]
        for name in _LEVELS:
            getattr(fires.levels, name)[here] = arrays[f"fire.level.{name}"][there]
        here, there = same(self._layout.rooms, facts["fire.rooms"])
        fires.since_s[here] = arrays["fire.since_s"][there]
        fires.latch.restore(arrays, "fire.latch", here, there)
        here, there = matching(self._layout.numbers, arrays["fire.detectors"])
        fires.smoke.alone.restore(arrays, "fire.alone", here, there)
        fires.smoke.told_apart.restore(arrays, "fire.told_apart", here, there)
        self._soiling.restore(facts, arrays)

    def nbytes(self) -> int:
        """Bytes of all arrays."""
        parts = (self._layout, self._intake, self._fires, self._history, self._soiling)
        return sum(part.nbytes() for part in parts)

    def _told(self, flips: Flips, row: NDArray[np.int64], device: NDArray[np.int64]) -> list[tuple[int, Judgement]]:
        return [
            (int(of_row), self._judged(int(room), bool(raised), float(at_s), int(place)))
            for of_row, room, raised, at_s, place in zip(row, flips.slot, flips.raised, flips.at_s, device, strict=True)
        ]

    def _told_smoke(self, flips: Flips, row: NDArray[np.int64]) -> list[tuple[int, Judgement]]:
        return [
            (int(of_row), self._judged_smoke(int(sensor), bool(raised), float(at_s)))
            for of_row, sensor, raised, at_s in zip(row, flips.slot, flips.raised, flips.at_s, strict=True)
        ]

    def _judged_smoke(self, sensor: int, raised: bool, at_s: float) -> Judgement:
        place, levels = int(self._layout.places[sensor]), self._fires.levels
        rule, subject = self._layout.of_detector(sensor)
        row = np.array([sensor * len(CHANNELS) + SMOKE])
        level = fire_evidence.Level(
            SIGNALS[SMOKE],
            float(levels.above(row)[0]),
            float(levels.usual[row[0]]),
            float(self._fires.smoke.limit[sensor]),
            self._history.last(int(row[0])),
        )
        return Judgement(
            rule=rule,
            subject=subject,
            device_number=self._plan.devices[place].number,
            raised=raised,
            at_s=at_s,
            evidence=fire_evidence.of_smoke(level),
        )

    def _judged(self, room: int, raised: bool, at_s: float, place: int) -> Judgement:
        rule, subject = self._layout.of_room(room)
        looks = dict(zip(self._judge.looks, self._fires.shares[room].tolist(), strict=True))
        return Judgement(
            rule=rule,
            subject=subject,
            device_number=self._plan.devices[place].number,
            raised=raised,
            at_s=at_s,
            evidence=fire_evidence.of_fire(looks, self._levels(room), raised=raised),
        )

    def _levels(self, room: int) -> list[fire_evidence.Level]:
        """What stood out: of each signal the detector that is farthest above the usual."""
        found = []
        sensors = np.flatnonzero(self._layout.room == room)[:: len(CHANNELS)] // len(CHANNELS)
        for channel, of in enumerate(CHANNELS):
            inputs = sensors * len(CHANNELS) + channel
            above = self._fires.levels.above(inputs)
            most = int(np.argmax(above))
            if not np.isnan(self._fires.levels.fast[inputs[most]]):
                drawn = self._history.last(int(inputs[most]))
                usual = float(self._fires.levels.usual[inputs[most]])
                found.append(fire_evidence.Level(of.signal, float(above[most]), usual, of.calm, drawn))
        return found
