"""The rule about bathrooms: whose movements which sensors tell, and what a visit far beyond the usual means."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from alarms.core import judgement
from alarms.core.home import Nights
from alarms.core.intake import Intake, Samples, Sensors
from alarms.core.judgement import Judgement
from alarms.core.plan import CoreDevice, Plan
from alarms.core.profiles import Profiles
from alarms.core.rules import RuleType, Where
from alarms.core.saved import Array, matching, same
from alarms.core.supervision import Supervision
from alarms.core.thresholds import ThresholdProblem, parameters_of
from alarms.core.visits import ELSEWHERE, Overrun, Seen, Visits
from ingest.wire.batch import ReadingBatch

BATHROOM = "bathroom"
_OPEN = "contact_open"
_SIGNALS = ("motion", "occupied", "bed_occupied", _OPEN)
_SEES = 0.5
_STATE = ("room", "habit", "began_at", "due_at", "fire_at", "moved_at", "out_at", "raised")
_LIMITS = ("day_s", "night_s", "factor", "longest_s", "gap_s")


class RoomWatch:
    """The people of a plan who live alone with a bathroom that sensors watch, and the visits there.

    A room is judged when it is a bathroom, a sensor in it has the rule, and another room of the same person has a
    sensor too: else nobody would see them leave. A door that opens elsewhere is somebody there; one of the bathroom
    says nothing, as it opens both ways.
    """

    def __init__(self, profiles: Profiles, plan: Plan, where: Where, supervision: Supervision) -> None:
        self._plan = plan
        self._supervision = supervision
        self.problems: list[ThresholdProblem] = []
        names = {device.profile for device in plan.devices}
        rules = {name: next(iter(profiles.judged(name, RuleType.VISIT, where)), None) for name in names}
        tellers = {name for name in rules if _tells(profiles, name)}
        alone = [
            (place, device, device.home.resident_id)
            for place, device in enumerate(plan.devices)
            if device.profile in tellers and device.room_id is not None and device.home.resident_id is not None
            if not (device.out_of_service or device.home.away)
        ]
        alone.sort(key=lambda teller: teller[1].number)  # the first sensor of a bathroom speaks for it
        whose: dict[str, set[str]] = {}
        first: dict[str, int] = {}
        for place, device, who in alone:
            if device.room_use == BATHROOM and rules[device.profile] is not None:
                whose.setdefault(str(device.room_id), set()).add(str(who))
                first.setdefault(str(device.room_id), place)
        own = {room for room, people in whose.items() if len(people) == 1}
        inside, outside = (
            {who for _, device, who in alone if (device.room_id in own) is there} for there in (True, False)
        )
        people = {str(who) for who in inside & outside}
        self._people = sorted(people)
        self._rooms = sorted(room for room in own if whose[room] <= people)
        self._first = [first[room] for room in self._rooms]
        self._rules = [rule for place in self._first if (rule := rules[plan.devices[place].profile]) is not None]
        self._lay_out([place for place, _, who in alone if who in people])
        self._visits = self._build()

    def update(
        self, batch: ReadingBatch, rows: NDArray[np.int64], device: NDArray[np.int32]
    ) -> list[tuple[int, Judgement]]:
        """What the rows of registered devices mean, by row."""
        rows, device = self.sensors.own(rows, device)
        if not rows.size:
            return []
        found: list[tuple[int, Judgement]] = []
        for samples in self._intake.rounds(batch, rows, device):
            seen = self._seen(samples)
            found += [(int(samples.row[over.row]), self._judged(over)) for over in self._visits.update(seen)]
        found.sort(key=lambda pair: pair[0])
        return found

    def tick(self, now_s: float) -> list[Judgement]:
        """Judge the passing of time; of a device whose silence means nothing it is not known what happens there."""
        if not self._people:
            return []
        heard = ~self._supervision.unheard()[self._device]
        inside = self._room == self._visits.room[self._person]
        blind = np.zeros(len(self._people), np.bool_)
        for part in (inside, ~inside):  # nobody sees them there, or nobody would see them leave
            blind |= np.bincount(self._person[part & heard], minlength=len(blind)) == 0
        blind &= self._visits.room != ELSEWHERE
        found = sorted(self._visits.tick(now_s, blind), key=lambda over: over.at_s)
        return [self._judged(over) for over in found]

    def clock_set(self, by_s: float) -> None:
        """The wall clock was set."""
        self._intake.clock_set(by_s)
        self._visits.clock_set(by_s)

    def standing(self) -> list[tuple[str, str]]:
        """Rule and subject of every visit that is far too long."""
        rooms = self._visits.room[self._visits.raised].tolist()
        return sorted((self._rules[room].rule, self._subject(room)) for room in rooms)

    def saved(self) -> tuple[dict[str, Any], dict[str, Array]]:  # Any: JSON values
        """Facts and arrays to be kept."""
        visits = self._visits
        return {"visit.people": self._people, "visit.rooms": self._rooms}, {
            "visit.sensors": self._keys,
            "visit.seen_at": self._intake.seen_at,
            "visit.was": self._was,
            "visit.weight": visits.norms.weight,
            "visit.count": visits.norms.count,
            **{f"visit.{name}": getattr(visits, name) for name in _STATE},
        }

    def restore(self, facts: Mapping[str, Any], arrays: Mapping[str, Array]) -> None:  # Any: JSON values
        """Take over the sensors, rooms and people that are still there."""
        visits = self._visits
        here, there = matching(self._keys, arrays["visit.sensors"])
        self._intake.seen_at[here] = arrays["visit.seen_at"][there]
        self._was[here] = arrays["visit.was"][there]
        self._see()
        here, there = same(self._rooms, facts["visit.rooms"])
        room_now = np.full(len(facts["visit.rooms"]) + 1, ELSEWHERE)  # the last one: of whoever is elsewhere
        room_now[there] = here
        for night in (0, 1):
            visits.norms.weight[2 * here + night] = arrays["visit.weight"][2 * there + night]
            visits.norms.count[2 * here + night] = arrays["visit.count"][2 * there + night]
        here, there = same(self._people, facts["visit.people"])
        for name in _STATE:
            getattr(visits, name)[here] = arrays[f"visit.{name}"][there]
        visits.move(here, room_now[visits.room[here]])

    def nbytes(self) -> int:
        """Bytes of all arrays."""
        own = (self._device, self._person, self._room, self._counts, self._was, self._keys)
        return sum(array.nbytes for array in own) + self._intake.nbytes() + self._visits.nbytes()

    def _lay_out(self, places: list[int]) -> None:
        """Sensors and their inputs; ``_counts``: that it is on says that somebody is there; ``_used``: it says so."""
        plan = self._plan
        devices: list[CoreDevice] = [plan.devices[place] for place in places]
        person = {who: number for number, who in enumerate(self._people)}
        room = {name: number for number, name in enumerate(self._rooms)}
        self._device = np.array(places, np.int64)
        self._person = np.array([person[str(device.home.resident_id)] for device in devices], np.int64)
        self._room = np.array([room.get(str(device.room_id), ELSEWHERE) for device in devices], np.int64)
        self._counts = np.array([name != _OPEN for name in _SIGNALS] * len(places), np.bool_)
        self._used = self._counts | (self._of_input(self._room) == ELSEWHERE)
        self._was: NDArray[np.bool_] = np.zeros(len(self._counts), np.bool_)
        numbers = np.array([device.number for device in devices], np.int64)
        self._keys = (self._of_input(numbers) << 8) | np.tile(np.arange(len(_SIGNALS)), len(places))
        self.sensors = Sensors(len(plan.devices), places, _SIGNALS)
        self._intake = Intake(self.sensors, self._of_input(self._person))

    def _build(self) -> Visits:
        devices = [self._plan.devices[place] for place in self._first]
        parameters = []
        for rule, device in zip(self._rules, devices, strict=True):
            given, problems = parameters_of(rule, device.thresholds, device.device_id)
            self.problems += problems
            parameters.append(given)
        column = {
            name: np.array([float(given[name]) for given in parameters])
            for name in (*_LIMITS, "night_from_h", "night_to_h")
        }
        nights = Nights([device.home.timezone for device in devices], column["night_from_h"], column["night_to_h"])
        return Visits(people=len(self._people), nights=nights, **{name: column[name] for name in _LIMITS})

    def _seen(self, samples: Samples) -> Seen:
        """What a round of samples says, one sample of each person."""
        of, sees = samples.input, samples.value >= _SEES
        was, counts, sensor = self._was[of], self._counts[of], of // len(_SIGNALS)
        self._was[of] = sees
        return Seen(
            person=self._person[sensor],
            room=self._room[sensor],
            at_s=samples.at_s,
            received_s=samples.received_s,
            begins=sees & ~was & self._used[of],
            still=(sees | was) & counts,
            more=(sees.astype(np.int64) - was) * counts,
        )

    def _see(self) -> None:
        sensor = np.flatnonzero(self._was & self._counts) // len(_SIGNALS)
        self._visits.see(self._person[sensor], self._room[sensor])

    def _of_input(self, of_sensor: NDArray[np.int64]) -> NDArray[np.int64]:
        return np.repeat(of_sensor, len(_SIGNALS))

    def _judged(self, over: Overrun) -> Judgement:
        nights = self._visits.nights
        return Judgement(
            rule=self._rules[over.room].rule,
            subject=self._subject(over.room),
            device_number=self._plan.devices[self._first[over.room]].number,
            raised=over.raised,
            at_s=over.at_s,
            evidence=judgement.of_visit(
                over, nights.shown(over.room, over.began_at), nights.shown(over.room, over.at_s)
            ),
        )

    def _subject(self, room: int) -> str:
        return self._plan.subject(self._first[room], self._rules[room])


def _tells(profiles: Profiles, name: str) -> bool:
    """Whether such devices tell where people are: a rule of theirs reads it."""
    profile = profiles.profile(name)
    rules = profile.rules if profile is not None else ()
    return any(rule.type is RuleType.VISIT or rule.signal in _SIGNALS for rule in rules)
