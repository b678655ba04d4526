"""Slow twins of the rules about a home: one bed, one person, one sample at a time."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

LATE_S, CATCH_UP_S, GRACE_S, HOLD_S, WAY_S = 5.0, 10.0, 60.0, 120.0, 300.0
NIGHT_FROM_H, NIGHT_TO_H = 22, 5


def night_left_s(zone: str, at: float) -> float:
    """Seconds until five in the morning, by a clock that no one sets meanwhile; negative between five and ten."""
    shown = datetime.fromtimestamp(at, ZoneInfo(zone))
    hours = shown.hour + shown.minute / 60 + (shown.second + shown.microsecond / 1e6) / 3600
    return 3600 * (NIGHT_TO_H - NIGHT_FROM_H + 24 - (hours - NIGHT_FROM_H) % 24)


@dataclass
class NaiveBed:
    """A bed that may be left for ``hold_s``."""

    zone: str
    hold_s: float
    seen: float = -math.inf
    was: bool = False
    raised: bool = False
    due: float = math.inf
    fire: float = math.inf

    def take(self, at: float, received: float, value: float) -> list[tuple[bool, float]]:
        if at < self.seen:
            return []
        self.seen = at
        found = self.settle(at)
        occupied = value >= 0.5
        if occupied:
            if self.raised:
                found.append((False, at))
            self.raised, self.due, self.fire = False, math.inf, math.inf
        elif self.was and night_left_s(self.zone, at) >= self.hold_s:
            self.due = at + self.hold_s
        self.was = occupied
        if self.due < math.inf:
            self.fire = max(self.due, received + CATCH_UP_S) if received - at > LATE_S else self.due
        return found

    def settle(self, at: float) -> list[tuple[bool, float]]:
        return self._raise() if self.due <= at else []

    def tick(self, now: float) -> list[tuple[bool, float]]:
        return self._raise() if self.fire <= now else []

    def _raise(self) -> list[tuple[bool, float]]:
        at, self.raised, self.due, self.fire = self.due, True, math.inf, math.inf
        return [(True, at)]


@dataclass
class NaivePerson:
    """Somebody who lives alone; ``rooms``: device -> room, ``baths``: room -> parameters."""

    zone: str
    rooms: dict[int, str]
    baths: dict[str, dict[str, float]]
    least: int
    growth: float
    seen: dict[tuple[int, str], float] = field(default_factory=dict)
    was: dict[tuple[int, str], bool] = field(default_factory=dict)
    learned: dict[tuple[str, bool], list[float]] = field(default_factory=dict)
    room: str | None = None
    night: bool = False
    began: float = math.inf
    due: float = math.inf
    fire: float = math.inf
    moved: float = -math.inf
    out: float = -math.inf
    blind_since: float = math.inf
    raised: bool = False

    def take(self, device: int, signal: str, at: float, received: float, value: float) -> list[tuple[str, bool, float]]:
        key = (device, signal)
        if at < self.seen.get(key, -math.inf):
            return []
        self.seen[key] = at
        found = self._pass() if self.due <= at else []
        was, sees, room = self.was.get(key, False), value >= 0.5, self.rooms[device]
        came = at <= self.out + WAY_S or any(
            saw and name != "contact_open" and self.rooms[who] not in self.baths
            for (who, name), saw in self.was.items()
        )
        self.was[key] = sees
        door = signal == "contact_open"
        begins = sees and not was and not (door and room in self.baths)
        still = (sees or was) and not door
        if (begins or still) and room not in self.baths:
            self.out = max(self.out, at)
        if at < self.moved:
            return found
        if begins:
            self.moved = at
        if self.room is not None and room != self.room and (begins or (still and at > self.began + HOLD_S)):
            self.moved = at
            found += self._end(at)
            came = True
        if self.room is None and begins and came and room in self.baths:
            self._begin(room, at, received)
        return found

    def tick(self, now: float, sighted: set[int]) -> list[tuple[str, bool, float]]:
        """``sighted``: the devices that are heard."""
        inside = {d for d, room in self.rooms.items() if room == self.room}
        blind = self.room is not None and not (inside & sighted and (set(self.rooms) - inside) & sighted)
        if not blind and self.blind_since < math.inf:
            self.fire = max(self.fire, now + GRACE_S)
        self.blind_since = min(self.blind_since, now) if blind else math.inf
        if self.room is not None and not self.raised and now - self.blind_since > self.baths[self.room]["gap_s"]:
            self._forget()
        return self._pass() if self.fire <= now and not blind else []

    def _begin(self, room: str, at: float, received: float) -> None:
        self.room, self.began, self.night = room, at, night_left_s(self.zone, at) > 0
        self.due = at + self._limit()
        self.fire = max(self.due, received + CATCH_UP_S) if received - at > LATE_S else self.due

    def _limit(self) -> float:
        assert self.room is not None
        given, usual = self.baths[self.room], self._usual()
        least = given["night_s" if self.night else "day_s"]
        return min(max(least, given["factor"] * usual) if usual is not None else least, given["longest_s"])

    def _usual(self) -> float | None:
        """The middle of the bin below whose end 95 of 100 lie, older ones weighing less."""
        lengths = self.learned.get((str(self.room), self.night), [])
        if len(lengths) < self.least:
            return None
        bins = [min(39, math.floor(math.log(max(length, 15) / 15) / math.log(self.growth))) for length in lengths]
        weights = [(1 - 1 / 256) ** age for age in reversed(range(len(bins)))]
        for each in range(40):
            if sum(w for b, w in zip(bins, weights, strict=True) if b <= each) >= 0.95 * sum(weights):
                return 15 * self.growth**each * 2 * self.growth / (self.growth + 1)
        raise AssertionError

    def _pass(self) -> list[tuple[str, bool, float]]:
        elsewhere = [
            key
            for key, sees in self.was.items()
            if sees and key[1] != "contact_open" and self.rooms[key[0]] != self.room
        ]
        if elsewhere:
            self._forget()
            return []
        at, self.due, self.fire, self.raised = self.due, math.inf, math.inf, True
        return [(str(self.room), True, at)]

    def _end(self, at: float) -> list[tuple[str, bool, float]]:
        found = [(str(self.room), False, max(at, self.began + self._limit()))] if self.raised else []
        if not self.raised:
            self.learned.setdefault((str(self.room), self.night), []).append(at - self.began)
        self._forget()
        return found

    def _forget(self) -> None:
        self.room, self.raised = None, False
        self.began = self.due = self.fire = math.inf
