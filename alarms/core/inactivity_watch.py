"""The rule about silent homes: whose devices tell of whom, and what becomes of a silence."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from alarms.core import inactivity_evidence
from alarms.core.absence_watch import ENTRANCE_DOOR
from alarms.core.inactivity.clock import LocalClock
from alarms.core.inactivity.silence import Silence
from alarms.core.inactivity.steps import Step, Told
from alarms.core.inactivity.water import LATE_S, Water
from alarms.core.intake import Intake, Sensors
from alarms.core.judgement import Judgement
from alarms.core.plan import Plan
from alarms.core.profiles import Profiles
from alarms.core.rules import RuleType, Where
from alarms.core.saved import Array, matching, same
from alarms.core.supervision import Supervision
from alarms.core.thresholds import ThresholdProblem, parameters_of
from ingest.wire.batch import ReadingBatch
from ingest.wire.signals import BY_NAME, DEEDS, Kind, SignalClass

_POWER, _WATER, _CONTACT = "power_w", "water_used_l", "contact_open"
_OCCUPIED = ("occupied", "bed_occupied", "floor_occupied")
_SENSED = ("motion", *_OCCUPIED, _CONTACT)
_COUNTED = (_POWER, _WATER)
_SIGNALS = (*_COUNTED, *_SENSED, *DEEDS)
_HAPPENS = np.array([BY_NAME[name].of is SignalClass.EVENT for name in _SIGNALS])
_IS_CONTACT, _IS_WATER = _SIGNALS.index(_CONTACT), _SIGNALS.index(_WATER)
_IS_OCCUPIED = np.array([name in _OCCUPIED for name in _SIGNALS])
_ON = 0.5

WATER_METER = "water_meter"
"""The profile of what counts a home's water."""


class InactivityWatch:
    """The homes of a plan: a device there has the rule, and somebody lives behind its door.

    Every meter and plug of such a home is listened to. A change of what moves, is occupied or opens is a sign of life,
    and so are water that somebody draws, a press of any button, a call, and staff who come. While all who live there
    are away nothing is judged, and nothing is asked any more, until there is life all the same; that somebody says all
    is well counts as a sign at that moment.
    """

    def __init__(self, profiles: Profiles, plan: Plan, where: Where, supervision: Supervision) -> None:
        self._plan, self._supervision = plan, supervision
        self.problems: list[ThresholdProblem] = []
        names = {device.profile for device in plan.devices}
        rules = {name: next(iter(profiles.judged(name, RuleType.INACTIVITY, where)), None) for name in names}
        lived_in = [
            place
            for place, device in enumerate(plan.devices)
            if device.home.subject is not None and not device.out_of_service
        ]
        lived_in.sort(key=lambda place: plan.devices[place].number)
        first: dict[str, int] = {}
        for place in lived_in:
            if rules[plan.devices[place].profile] is not None:
                first.setdefault(str(plan.devices[place].home.subject), place)
        self._homes = sorted(first)
        self._first = [first[home] for home in self._homes]
        self._rules = [rule for place in self._first if (rule := rules[plan.devices[place].profile]) is not None]
        number = {home: row for row, home in enumerate(self._homes)}
        self._places = [place for place in lived_in if plan.devices[place].home.subject in number]
        self._home = np.array([number[str(plan.devices[place].home.subject)] for place in self._places], np.int64)
        kinds = {name: profile.kind if (profile := profiles.profile(name)) is not None else None for name in names}
        of_kind = [kinds[plan.devices[place].profile] for place in self._places]
        self._is_door = np.array([plan.devices[place].profile == ENTRANCE_DOOR for place in self._places], np.bool_)
        metered = np.array([kind is Kind.METER for kind in of_kind], np.bool_)
        counts_water = np.array([plan.devices[place].profile == WATER_METER for place in self._places], np.bool_)
        has_meter = np.bincount(self._home[metered], minlength=len(self._homes)) > 0
        self._senses = np.array([kind is Kind.AMBIENT for kind in of_kind], np.bool_)
        self._senses |= counts_water & ~has_meter[self._home]  # too rare to stand in for a meter that is not heard
        self._meter = np.where(metered, np.cumsum(metered) - 1, -1)
        self._water_meter = np.where(counts_water, np.cumsum(counts_water) - 1, -1)
        self._water = Water(int(counts_water.sum()))
        self._numbers = np.array([plan.devices[place].number for place in self._places], np.int64)
        self.sensors = Sensors(len(plan.devices), self._places, _SIGNALS)
        self._intake = Intake(self.sensors)
        self._was: NDArray[np.bool_] = np.zeros(self.sensors.inputs, np.bool_)
        self._clock = LocalClock([plan.devices[place].home.timezone for place in self._first])
        self._silence = self._build(self._home[metered])
        self._well_at_s = np.array([plan.devices[place].home.well_at_s for place in self._first], np.float64)

    def update(
        self, batch: ReadingBatch, rows: NDArray[np.int64], device: NDArray[np.int32]
    ) -> list[tuple[int, Judgement]]:
        """Take note of the rows of registered devices; what they mean is said by the next tick."""
        rows, device = self.sensors.own(rows, device)
        for samples in self._intake.rounds(batch, rows, device) if rows.size else ():
            row, signal = np.divmod(samples.input, len(_SIGNALS))
            power = np.flatnonzero((signal == 0) & (self._meter[row] >= 0))
            if power.size:
                self._silence.power(self._meter[row[power]], samples.at_s[power], samples.value[power])
            of_door, of_water = (signal == _IS_CONTACT) & self._is_door[row], signal == _IS_WATER
            water = np.flatnonzero(of_water & (self._water_meter[row] >= 0))
            on = samples.value >= _ON
            happens = np.where(_HAPPENS[signal], on & ~samples.repeated, on != self._was[samples.input])
            self._was[samples.input] = on
            happens &= signal >= len(_COUNTED)
            if water.size:
                drawn = self._water.update(self._water_meter[row[water]], samples.at_s[water], samples.value[water])
                happens[water] = drawn & (samples.received_s[water] - samples.at_s[water] <= LATE_S)
            for mine, door, earlier in (
                (happens & ~of_door & ~of_water, False, False),
                (happens & of_door, True, False),
                (happens & of_water, False, True),
            ):
                home, count = np.unique(self._home[row[mine]], return_counts=True)
                if home.size:
                    self._silence.event(home, count, door=door, earlier=earlier)
        return []

    def tick(self, now_s: float) -> list[Judgement]:
        """Judge the passing of time, and what somebody has said."""
        if not self._homes:
            return []
        silence = self._silence
        told: list[Told] = []
        answered = (self._well_at_s > silence.asked_at) | (silence.asks & silence.empty)
        for home in np.flatnonzero(answered).tolist():
            told += silence.answer(home, now_s)
        blind, inside = self._sensed() if silence.is_due(now_s) else (None, None)
        told += silence.tick(now_s, blind, inside)
        return [self._judged(one) for one in told]

    def back(self) -> dict[str, float]:
        """Where life is back though all are still said to be away, by subject, and since when."""
        silence = self._silence
        homes = np.flatnonzero(silence.away & ~silence.empty).tolist()
        return {self._homes[home]: float(silence.back_at[home]) for home in homes}

    def clock_set(self, by_s: float) -> None:
        """The wall clock was set."""
        self._intake.clock_set(by_s)
        self._silence.clock_set(by_s)
        self._water.clock_set(by_s)

    def standing(self) -> list[tuple[str, str]]:
        """Rule and subject of every question and alarm."""
        asked = np.flatnonzero(np.isfinite(self._silence.asked_at)).tolist()
        return [(self._rules[home].rule, self._homes[home]) for home in asked]

    def saved(self) -> tuple[dict[str, Any], dict[str, Array]]:  # Any: JSON values
        """Facts and arrays to be kept."""
        facts, arrays = self._silence.saved()
        water = {f"silence.water.{name}": getattr(self._water, name) for name in Water.STATE}
        return facts | {"silence.homes": self._homes}, arrays | water | {
            "silence.water_numbers": self._numbers[self._water_meter >= 0],
            "silence.inputs": self._input_keys(),
            "silence.seen_at": self._intake.seen_at,
            "silence.was": self._was,
            "silence.meter_numbers": self._numbers[self._meter >= 0],
        }

    def restore(self, facts: Mapping[str, Any], arrays: Mapping[str, Array]) -> None:  # Any: JSON values
        """Take over the homes, meters and inputs that are still there."""
        if "silence.homes" not in facts:
            return  # saved before there were such rules
        here, there = matching(self._input_keys(), arrays["silence.inputs"])
        self._intake.seen_at[here] = arrays["silence.seen_at"][there]
        self._was[here] = arrays["silence.was"][there]
        homes = same(self._homes, facts["silence.homes"])
        meters = matching(self._numbers[self._meter >= 0], arrays["silence.meter_numbers"])
        self._silence.restore(facts, arrays, homes, meters)
        if "silence.water_numbers" in arrays:
            here, there = matching(self._numbers[self._water_meter >= 0], arrays["silence.water_numbers"])
            for name in Water.STATE:
                getattr(self._water, name)[here] = arrays[f"silence.water.{name}"][there]

    def nbytes(self) -> int:
        """Bytes of all arrays."""
        own = (
            self._home,
            self._senses,
            self._is_door,
            self._meter,
            self._water_meter,
            self._numbers,
            self._was,
            self._well_at_s,
        )
        return (
            sum(array.nbytes for array in own) + self._intake.nbytes() + self._silence.nbytes() + self._water.nbytes()
        )

    def _build(self, meters: NDArray[np.int64]) -> Silence:
        given = []
        for rule, place in zip(self._rules, self._first, strict=True):
            device = self._plan.devices[place]
            parameters, problems = parameters_of(rule, device.thresholds, device.device_id)
            self.problems += problems
            given.append(parameters)
        sensed = np.bincount(self._home[self._senses], minlength=len(self._homes)) > 0
        silence = Silence(
            self._clock,
            meters,
            sensed,
            ask_ahead_s=np.array([float(one["ask_ahead_s"]) for one in given]),
            patience=np.array([float(one["patience"]) for one in given], np.float32),
        )
        given_homes = [self._plan.devices[place].home for place in self._first]
        silence.away = np.array([home.away for home in given_homes], np.bool_)
        silence.away_at = np.array([home.away_at_s for home in given_homes], np.float64)
        return silence

    def _sensed(self) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        """Whose sensors cannot be heard now, and where one says that somebody is there; bool, shape (homes,)."""
        heard = ~self._supervision.unheard()[self._places]
        occupied = self._was.reshape(-1, len(_SIGNALS))[:, _IS_OCCUPIED].any(axis=1)
        return ~self._any_of(heard & self._senses), self._any_of(heard & occupied)

    def _any_of(self, rows: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Which homes have one of these devices, bool, shape (homes,)."""
        told: NDArray[np.bool_] = np.bincount(self._home[rows], minlength=len(self._homes)) > 0
        return told

    def _input_keys(self) -> NDArray[np.int64]:
        """A name for every input that outlives the layout."""
        codes = np.array([BY_NAME[name].number for name in _SIGNALS], np.int64)
        return ((self._numbers[:, np.newaxis] << 16) | codes).ravel()

    def _judged(self, told: Told) -> Judgement:
        home = told.home
        place = self._first[home]
        return Judgement(
            rule=self._rules[home].rule,
            subject=self._homes[home],
            device_number=self._plan.devices[place].number,
            raised=told.step is not Step.OVER,
            at_s=told.at_s,
            evidence=inactivity_evidence.of_silence(told, self._clock, self._silence),
        )
