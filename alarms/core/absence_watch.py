"""What must not be on in a home that everybody has left: a cooker. Who has left is told by the entrance door."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from alarms.core.absence import ENTRANCE, HAPPENS, LINGERS, STANDS, TURNS, Absences
from alarms.core.device_slots import DeviceSlots
from alarms.core.intake import Intake, Samples, Sensors
from alarms.core.judgement import Judgement
from alarms.core.latch import Flips, Latch
from alarms.core.plan import Plan
from alarms.core.profiles import Profiles
from alarms.core.rules import Rule, RuleType, Where
from alarms.core.saved import Array, matching, same
from alarms.core.signal_watch import SignalWatch
from alarms.core.stage import array_bytes
from alarms.core.supervision import Supervision
from ingest.wire.batch import ReadingBatch
from ingest.wire.signals import BY_NAME, DEEDS, shown_unit

ENTRANCE_DOOR = "entrance_door"
"""The profile of a contact at the door through which people leave; any other contact is at a window or a cupboard."""

_CONTACT = "contact_open"
_TELLS = {
    "motion": LINGERS, "occupied": STANDS, "bed_occupied": STANDS, "floor_occupied": STANDS, _CONTACT: TURNS,
    **dict.fromkeys(DEEDS, HAPPENS),
}  # fmt: skip
_SEES = ("motion", "occupied", "bed_occupied")
_ON = 0.5
_SLOTS = ("over", "at_s")


class AbsenceWatch:
    """All slots of a plan: a rule at the device whose signal it judges, and the sensors of that device's home.

    Only homes with an entrance door and a sensor that would see somebody who stays are judged, and only while one of
    those is heard. Of a home whose people are marked away other rules speak.
    """

    def __init__(
        self, profiles: Profiles, plan: Plan, where: Where, signals: SignalWatch, supervision: Supervision
    ) -> None:
        self._plan, self._drawn, self._supervision = plan, signals, supervision
        names = {device.profile for device in plan.devices}
        rules = {name: profiles.judged(name, RuleType.EMPTY, where) for name in names}
        at_home = [
            place
            for place, device in enumerate(plan.devices)
            if device.home.home_id is not None and not (device.home.away or device.out_of_service)
        ]
        of_home = ((place, rule) for place in at_home for rule in rules[plan.devices[place].profile])
        self._slots = DeviceSlots(plan, of_home)
        self.problems = self._slots.problems
        self._homes = sorted({str(plan.devices[place].home.home_id) for place, _ in self._slots})
        number = {home_id: row for row, home_id in enumerate(self._homes)}
        self._places = [place for place in at_home if plan.devices[place].home.home_id in number]
        of_place = [number[str(plan.devices[place].home.home_id)] for place in self._places]
        self._home_of_place = np.array(of_place, np.int64)
        self._sees = np.array([_sees(profiles, plan.devices[place].profile) for place in self._places], np.bool_)
        self._signals = [*_TELLS, *sorted({rule.signal for _, rule in self._slots} - _TELLS.keys())]
        self._lay_out()

    def update(
        self, batch: ReadingBatch, rows: NDArray[np.int64], device: NDArray[np.int32]
    ) -> list[tuple[int, Judgement]]:
        """What the rows of registered devices mean, by row."""
        rows, device = self.sensors.own(rows, device)
        if not rows.size:
            return []
        found: list[tuple[int, Judgement]] = []
        for samples in self._intake.rounds(batch, rows, device):
            for flips in self._take(samples):
                found += zip(samples.row[flips.row].tolist(), self._judged(flips), strict=True)
        found.sort(key=lambda pair: pair[0])
        return found

    def tick(self, now_s: float) -> list[Judgement]:
        """What is on in a home that has become empty, and what has lasted long enough."""
        if not self._slots:
            return []
        heard = self._sees & ~self._supervision.unheard()[self._places]
        self._absences.can_tell = np.bincount(self._home_of_place[heard], minlength=len(self._homes)) > 0
        moment = np.full(len(self._slots), now_s)
        left = np.flatnonzero(self.over & ~self._latch.active & self._absences.is_empty(self._home, moment))
        home = self._home[left]
        self.at_s[left] = np.maximum(self.at_s[left], self._absences.left_at(home) + self._empty_s[home])
        flips = self._latch.update(left, self.at_s[left], moment[left], np.ones(len(left)))
        found = [one for each in (*flips, *self._latch.tick(now_s)) for one in self._judged(each)]
        return sorted(found, key=lambda judged: judged.at_s)

    def clock_set(self, by_s: float) -> None:
        """The wall clock was set."""
        self._intake.clock_set(by_s)
        self._absences.clock_set(by_s)
        self._latch.clock_set(by_s)
        self.at_s += min(by_s, 0.0)

    def standing(self) -> list[tuple[str, str]]:
        """Rule and subject of everything that is raised."""
        return self._slots.standing(self._latch.raised)

    def saved(self) -> tuple[dict[str, Any], dict[str, Array]]:  # Any: JSON values
        """Facts and arrays to be kept."""
        return {"absence.rules": self._slots.rules, "absence.homes": self._homes}, {
            "absence.slots": self._slots.keys(self._slots.rules),
            "absence.inputs": self._input_keys,
            "absence.seen_at": self._intake.seen_at,
            **{f"absence.{name}": getattr(self._absences, name) for name in (*Absences.STATE, *Absences.PER_HOME)},
            **{f"absence.{name}": getattr(self, name) for name in _SLOTS},
            **self._latch.saved("absence"),
        }

    def restore(self, facts: Mapping[str, Any], arrays: Mapping[str, Array]) -> None:  # Any: JSON values
        """Take over what fits: the same device and rule, the same device and signal, the same home."""
        if "absence.slots" not in arrays:
            return  # saved before there were such rules
        here, there = matching(self._slots.keys(facts["absence.rules"]), arrays["absence.slots"])
        for name in _SLOTS:
            getattr(self, name)[here] = arrays[f"absence.{name}"][there]
        self._latch.restore(arrays, "absence", here, there)
        here, there = matching(self._input_keys, arrays["absence.inputs"])
        self._intake.seen_at[here] = arrays["absence.seen_at"][there]
        for name in Absences.STATE:
            getattr(self._absences, name)[here] = arrays[f"absence.{name}"][there]
        here, there = same(self._homes, facts["absence.homes"])
        for name in Absences.PER_HOME:
            getattr(self._absences, name)[here] = arrays[f"absence.{name}"][there]
        self._absences.count_anew()

    def nbytes(self) -> int:
        """Bytes of all arrays."""
        own = array_bytes(self) - self._empty_s.nbytes - self._hold_s.nbytes  # theirs too
        return own + self._intake.nbytes() + self._absences.nbytes() + self._latch.nbytes()

    def _lay_out(self) -> None:
        plan, width = self._plan, len(self._signals)
        number = {home_id: row for row, home_id in enumerate(self._homes)}
        row = {place: place_row for place_row, place in enumerate(self._places)}
        given = self._slots.given
        size = len(given)
        self._home = np.array([number[str(plan.devices[place].home.home_id)] for place, _ in self._slots], np.int64)
        self._input = np.array(
            [row[place] * width + self._signals.index(rule.signal) for place, rule in self._slots], np.int64
        )
        self._limit = np.array([float(one["limit"]) for one in given])
        self._clear = self._limit - np.array([float(one["hysteresis"]) for one in given])
        self._hold_s = np.array([float(one["hold_s"]) for one in given])
        self._empty_s = np.full(len(self._homes), np.inf)
        np.minimum.at(self._empty_s, self._home, np.array([float(one["empty_s"]) for one in given]))
        self.over: NDArray[np.bool_] = np.zeros(size, np.bool_)
        self.at_s: NDArray[np.float64] = np.full(size, -np.inf)
        half = np.full(size, 0.5)
        self._latch = Latch(limit=half, clear=half, on_s=self._hold_s, off_s=np.zeros(size))
        kinds = [_kind(plan.devices[place].profile, name) for place in self._places for name in self._signals]
        home = np.repeat(self._home_of_place, width)
        self._absences = Absences(home=home, kind=np.array(kinds, np.int8), empty_s=self._empty_s)
        self._absences.can_tell = np.bincount(self._home_of_place[self._sees], minlength=len(self._homes)) > 0
        self.sensors = Sensors(len(plan.devices), self._places, self._signals)
        self._intake = Intake(self.sensors, home)
        numbers = np.array([plan.devices[place].number for place in self._places], np.int64)
        signals = np.array([BY_NAME[name].number for name in self._signals], np.int64)
        self._input_keys = (np.repeat(numbers, width) << 16) | np.tile(signals, len(numbers))

    def _take(self, samples: Samples) -> list[Flips]:
        """One sample of each home; the rows of what is found count in them."""
        width = len(self._signals)
        tells = np.flatnonzero(samples.input % width < len(_TELLS))
        self._absences.update(samples.input[tells], samples.at_s[tells], samples.value[tells] >= _ON)
        row_of = np.full(len(self._homes), -1)
        row_of[self._home_of_place[samples.input // width]] = np.arange(len(samples.input))
        slot = np.flatnonzero(row_of[self._home] >= 0)
        row = row_of[self._home[slot]]
        own = samples.input[row] == self._input[slot]
        mine, value = slot[own], samples.value[row[own]]
        self.over[mine] = value >= np.where(self.over[mine], self._clear[mine], self._limit[mine])
        self.at_s[slot] = np.maximum(self.at_s[slot], samples.at_s[row])
        home = self._home[slot]
        blind = ~self._absences.can_tell[home]  # what was found before nobody saw any more stands
        empty = self._absences.is_empty(home, self.at_s[slot]) | (blind & self._latch.raised[slot])
        lacks = (self.over[slot] & empty).astype(np.float64)
        found = self._latch.update(slot, self.at_s[slot], samples.received_s[row], lacks)
        return [Flips(row[flips.row], flips.slot, flips.raised, flips.at_s) for flips in found]

    def _judged(self, flips: Flips) -> list[Judgement]:
        found = []
        for slot, raised, at_s in zip(flips.slot.tolist(), flips.raised.tolist(), flips.at_s.tolist(), strict=True):
            place, rule = self._slots[slot]
            found.append(self._slots.judgement(slot, raised, at_s, self._evidence(slot, place, rule)))
        return found

    def _evidence(self, slot: int, place: int, rule: Rule) -> dict[str, Any]:  # Any: a JSON object
        signal = BY_NAME[rule.signal]
        evidence = {"signal": signal.name, "series": self._drawn.beside(place, rule)}
        left_at = float(self._absences.closed_at[self._home[slot]])
        if not np.isfinite(left_at):
            return evidence
        shown = f"{datetime.fromtimestamp(left_at, ZoneInfo(self._plan.devices[place].home.timezone)):%H:%M}"
        limit = f"{self._limit[slot]:g} {shown_unit(signal.unit)}"
        return evidence | {
            "text": f"{signal.en} over {limit}; the entrance door closed at {shown}, nothing has stirred since",
            "text_zh": f"{signal.zh}超过 {limit}；{shown} 入户门关闭后家中再无活动",
        }


def _kind(profile: str, signal: str) -> np.int8:
    """What a signal says of people; of one that no sensor of people tells any kind will do."""
    return ENTRANCE if signal == _CONTACT and profile == ENTRANCE_DOOR else _TELLS.get(signal, TURNS)


def _sees(profiles: Profiles, name: str) -> bool:
    """Whether such a device would see somebody who stays: a rule of its profile reads it."""
    profile = profiles.profile(name)
    rules = profile.rules if profile is not None else ()
    return any(rule.type is RuleType.VISIT or rule.signal in _SEES for rule in rules)
