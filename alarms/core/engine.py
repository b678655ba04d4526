"""The core: readings and the passing of time in, judgements out. Run by ``detect`` and by the gateway."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np

from alarms.core import saved
from alarms.core.absence_watch import AbsenceWatch
from alarms.core.device_watch import DeviceWatch
from alarms.core.dose_watch import DoseWatch
from alarms.core.errors import StateError
from alarms.core.fire_watch import FireWatch
from alarms.core.inactivity_watch import InactivityWatch
from alarms.core.judgement import Judgement
from alarms.core.plan import CoreDevice, Plan
from alarms.core.profiles import Profiles
from alarms.core.room_watch import RoomWatch
from alarms.core.rules import Rule, Where
from alarms.core.signal_watch import SignalWatch
from alarms.core.supervision import Presence
from alarms.core.thresholds import ThresholdProblem
from alarms.core.wearer_watch import WearerWatch
from alarms.core.without_watch import WithoutWatch
from ingest.wire.batch import ReadingBatch
from ingest.wire.motion import MotionWindow

__all__ = ["Core", "CoreDevice", "Judgement"]


class Core:
    """Every rule of one place over all its devices; the memory is fixed at construction.

    Rules use a sample's own time, but never one later than its arrival, nor one more than a day older (then the
    arrival counts). A sample older than its signal's newest, a NaN and a reading that no rule reads change nothing
    but "heard"; one of the same time replaces the value. A missing sample changes nothing: the last value holds.
    Judging one batch of n rows gives what n batches of one row give.
    """

    def __init__(
        self, profiles: Profiles, devices: Sequence[CoreDevice], where: Literal["gateway", "platform"]
    ) -> None:
        place = Where(where)
        self._plan = Plan(profiles, devices, place)
        self._signals = SignalWatch(self._plan)
        self._devices = DeviceWatch(profiles, self._plan, place)
        self._wearers = WearerWatch(profiles, self._plan, place)
        self._rooms = RoomWatch(profiles, self._plan, place, self._devices.supervision)
        self._without = WithoutWatch(profiles, self._plan, place, self._signals)
        self._fires = FireWatch(profiles, self._plan, place)
        self._doses = DoseWatch(profiles, self._plan, place)
        self._absences = AbsenceWatch(profiles, self._plan, place, self._signals, self._devices.supervision)
        self._silences = InactivityWatch(profiles, self._plan, place, self._devices.supervision)
        self._places = (self._rooms, self._without, self._fires, self._doses, self._absences, self._silences)
        self._heeded = np.any([watch.sensors.tells for watch in self._places], axis=0)
        known = {rule.rule for rule in profiles.rules}
        self.problems: list[ThresholdProblem] = [
            *self._plan.problems,
            *self._devices.problems,
            *self._wearers.problems,
            *(problem for watch in self._places for problem in watch.problems),
            *(
                ThresholdProblem(device.device_id, rule, "", f"{device.device_id}: no rule is called {rule!r}")
                for device in devices
                for rule in device.thresholds
                if rule not in known
            ),
        ]

    def update(self, batch: ReadingBatch, now_s: float) -> list[Judgement]:
        """Judge readings, in the order of their rows; ``now_s`` is the wall clock in seconds since 1970."""
        supervision = self._devices.supervision
        supervision.start(now_s)
        rows, device = self._plan.known(batch.device)
        if not rows.size:
            return []
        heard = supervision.heard(device, batch.received_s[rows])
        told = [(int(rows[silence.row]), self._devices.told(silence)) for silence in heard]
        for change in self._signals.update(batch, rows, device):
            found = self._signals.told(change)
            if found is not None:
                told.append((change.row, found))
        heeded = np.flatnonzero(self._heeded[device])
        if heeded.size:
            for watch in self._places:
                told += watch.update(batch, rows[heeded], device[heeded])
        told.sort(key=lambda pair: pair[0])
        return [found for _, found in told]

    def update_motion(self, windows: Sequence[tuple[int, MotionWindow]], now_s: float) -> list[Judgement]:
        """Judge windows of wearers' accelerometers, each with its device's number, in the order in which they came."""
        supervision = self._devices.supervision
        supervision.start(now_s)
        rows, device = self._plan.known(np.array([number for number, _ in windows], np.int64))
        if not rows.size:
            return []
        heard = supervision.heard(device, np.full(len(device), now_s))
        worn = [(int(place), windows[row][1]) for row, place in zip(rows, device, strict=True)]
        return [*(self._devices.told(silence) for silence in heard), *self._wearers.update(worn, now_s)]

    def tick(self, now_s: float) -> list[Judgement]:
        """Judge the passing of time; to be called at least once a second."""
        supervision = self._devices.supervision
        supervision.start(now_s)
        told = (self._signals.told(change) for change in self._signals.tick(now_s))
        return [
            *(self._devices.told(silence) for silence in supervision.tick(now_s)),
            *(found for found in told if found is not None),
            *(found for watch in self._places for found in watch.tick(now_s)),
            *self._wearers.tick(now_s),
        ]

    def beside(self, device_number: int, rule: Rule) -> list[dict[str, Any]]:  # Any: a JSON object
        """The series of a rule's ``beside`` signals, to be drawn with what a device has said by itself."""
        rows, place = self._plan.known(np.array([device_number], np.int64))
        return self._signals.beside(int(place[0]), rule) if rows.size else []

    def clock_set(self, by_s: float) -> None:
        """The wall clock was set by so many seconds: every wait stays as long, nobody falls silent by it."""
        self._devices.supervision.clock_set(by_s)
        self._signals.clock_set(by_s)
        for watch in self._places:
            watch.clock_set(by_s)
        self._wearers.clock_set(by_s)

    def back(self) -> dict[str, float]:
        """Where life is back though all who live there are still said to be away, by subject, and since when."""
        return self._silences.back()

    def set_gateway_online(self, gateway_id: str, online: bool, now_s: float) -> None:
        """While a gateway is away its devices are not judged silent: its loss is one fault, told by others."""
        self._devices.supervision.set_gateway_online(gateway_id, online, now_s)

    def set_listening(self, listening: bool, now_s: float) -> None:
        """While we hear nobody, nobody is judged silent."""
        self._devices.supervision.set_listening(listening, now_s)

    def presence(self, now_s: float) -> dict[str, int]:
        """How many devices are healthy, overdue, offline, never heard or not supervised."""
        counts = np.bincount(self._devices.supervision.presence(now_s), minlength=len(Presence))
        return {presence.name.lower(): int(counts[presence]) for presence in Presence}

    def state(self, *, history: bool = True) -> bytes:
        """What a restart needs; without ``history`` it is small, and the drawing of an alarm begins anew."""
        signal_facts, signal_arrays = self._signals.saved()
        device_facts, device_arrays = self._devices.saved()
        facts: dict[str, Any] = {**signal_facts, **device_facts, "standing": self._standing()}  # Any: JSON values
        arrays = {**signal_arrays, **device_arrays, **self._wearers.saved()}
        for watch in self._places:
            more_facts, more_arrays = watch.saved()
            facts |= more_facts
            arrays |= more_arrays
        drawn = self._signals.saved_history() if history else {}
        return saved.pack(facts, {**arrays, **drawn})

    def history(self) -> bytes:
        """The samples that alarms are drawn from: large, and no judgement depends on them."""
        return saved.pack({}, self._signals.saved_history())

    def restore_history(self, data: bytes) -> None:
        """Take over a saved history.

        Raises
        ------
        StateError
            It does not fit.
        """
        _, arrays = saved.unpack(data)
        try:
            self._signals.restore_history(arrays)
        except (KeyError, ValueError, IndexError) as error:
            raise StateError(f"the saved history does not fit: {error!r}") from error

    def restore(self, data: bytes, now_s: float, *, live: bool = False, set_by_s: float = 0.0) -> list[Judgement]:
        """Take over a saved state, device by device and rule by rule; parameters stay the new ones.

        ``live``: no time has passed since, so nobody needs grace to be heard again.
        ``set_by_s``: by how much the wall clock was set since.
        What was raised and has no place any more (its device was removed or went out of service) is cleared: these
        judgements are returned.

        Raises
        ------
        StateError
            It does not fit; build a new core, this one may be half restored.
        """
        facts, arrays = saved.unpack(data)
        try:
            self._signals.restore(facts, arrays)
            self._devices.restore(facts, arrays)
            self._wearers.restore(arrays)
            for watch in self._places:
                watch.restore(facts, arrays)
            if "history.at_s" in arrays:
                self._signals.restore_history(arrays)
            before = [(str(rule), str(subject)) for rule, subject in facts["standing"]]
        except (KeyError, ValueError, IndexError, TypeError) as error:
            raise StateError(f"the saved state does not fit: {error!r}") from error
        if set_by_s:
            self.clock_set(set_by_s)
        if live:
            self._devices.supervision.start(now_s, grace=False)
        now_standing = set(self._standing())
        return [
            Judgement(rule=rule, subject=subject, device_number=None, raised=False, at_s=now_s)
            for rule, subject in before
            if (rule, subject) not in now_standing
        ]

    @property
    def inputs(self) -> int:
        """How many (device, signal, element) are judged."""
        return self._plan.inputs

    @property
    def rules(self) -> tuple[Rule, ...]:
        """The rules about signals that have slots here."""
        return tuple(self._plan.rules)

    def nbytes(self) -> int:
        """Bytes of all arrays about signals, wearers and rooms."""
        watches = (self._signals, self._wearers, *self._places)
        return sum(watch.nbytes() for watch in watches)

    def _standing(self) -> list[tuple[str, str]]:
        watches = (self._signals, self._devices, *self._places)
        return [standing for watch in watches for standing in watch.standing()]
