"""Li Wei, alone in a flat with sensors, whose days a test tells; the routine is drawn up from the stored readings."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import psycopg

from alarms.core.profiles import load_profiles
from alarms.core.routine.facts import DayFacts
from alarms.core.routine.note import Note
from alarms.routine.drawing import read_facts
from alarms.routine.rows import note_of
from alarms.routine.sensors import sensors_by_site
from alarms.routine.settings import RoutineSettings
from alarms.routine.worker import RoutineWorker
from ingest.registry import edit, source
from ingest.registry.model import Device, Gateway, Registry, Resident, Room, Site
from ingest.wire.signals import Kind

ROOMS = ("bedroom", "bathroom", "kitchen", "living")
_DEVICES = {
    "pir-bedroom": (Kind.AMBIENT, "motion_sensor", "bedroom"),
    "pir-bathroom": (Kind.AMBIENT, "motion_sensor", "bathroom"),
    "pir-kitchen": (Kind.AMBIENT, "motion_sensor", "kitchen"),
    "pir-living": (Kind.AMBIENT, "motion_sensor", "living"),
    "door": (Kind.AMBIENT, "door_contact", "living"),
    "climate": (Kind.AMBIENT, "ambient", "living"),
    "hob": (Kind.METER, "cooker", "kitchen"),
}


@dataclass
class StandingClock:
    """Shows what a test says."""

    at: datetime

    def now(self) -> datetime:
        return self.at


@dataclass
class RoutineHome:
    """Readings go straight into the tables, as ``ingest`` writes them."""

    dsn: str
    connection: psycopg.Connection
    zone: ZoneInfo
    clock: StandingClock
    settings: RoutineSettings = field(default_factory=RoutineSettings)
    rows: list[tuple[datetime, str, str, float]] = field(default_factory=list)

    @property
    def registry(self) -> Registry:
        return source.load(self.connection)

    def at(self, day: date, shown: str, *, next_day: bool = False) -> datetime:
        moment = datetime.combine(day + timedelta(days=next_day), time.fromisoformat(shown), self.zone)
        return moment.astimezone(UTC)

    def says(self, device: str, at: datetime, **signals: float) -> None:
        number = self.registry_numbers[device]
        table = "reading_meter" if "power_w" in signals else "reading_ambient"
        names = ", ".join(signals)
        marks = ", ".join(["%s"] * len(signals))
        self.connection.execute(
            f"INSERT INTO {table} (time, device_number, received_at, {names}) VALUES (%s, %s, %s, {marks})"  # type: ignore[arg-type]
            " ON CONFLICT DO NOTHING",
            (at, number, at, *signals.values()),
        )
        self.rows += [(at, device, name, value) for name, value in signals.items()]

    def moves(self, room: str, day: date, *shown: str, next_day: bool = False) -> None:
        for one in shown:
            at = self.at(day, one, next_day=next_day)
            self.says(f"pir-{room}", at, motion=1)
            self.says(f"pir-{room}", at + timedelta(seconds=60), motion=0)

    def beats(
        self, day: date, devices: Sequence[str] = ("pir-bedroom", "pir-bathroom", "pir-kitchen", "pir-living")
    ) -> None:
        """Heartbeats of a whole routine day: the sensors are there, whether anybody moves or not."""
        begin, end = self.at(day, "06:00"), self.at(day, "06:00", next_day=True)
        for device in (*devices, "door"):
            at = begin - timedelta(minutes=30, seconds=47)
            while at < end:
                self.says(device, at, **({"contact_open": 0} if device == "door" else {"motion": 0}))
                at += timedelta(hours=3)

    def ordinary_day(self, day: date, nights: Sequence[str] = ("02:10",), temp_c: float = 20.0) -> None:
        """Up at seven, breakfast, dinner, to bed at ten; to the bathroom in the night as often as told."""
        self.beats(day)
        self.moves("bedroom", day, "07:00", "21:50")
        self.moves("bathroom", day, "07:10", "12:30", "18:40", "21:40")
        self.moves("kitchen", day, "07:30", "07:45", "11:40", "12:00", "17:30", "18:00")
        self.moves("living", day, "09:00", "10:00", "14:00", "15:30", "16:00", "19:00", "20:00", "21:00")
        for shown in nights:
            self.moves("bathroom", day, shown, next_day=shown < "06:00")
        at = self.at(day, "06:05")
        while at < self.at(day, "06:00", next_day=True):
            self.says("climate", at, temp_c=temp_c)
            at += timedelta(hours=1)

    def facts(self, day: date) -> DayFacts:
        sensors = sensors_by_site(self.registry, load_profiles())["flat"]
        return read_facts(self.connection, day, self.zone.key, sensors, self.settings)["li"]

    def worker(self) -> RoutineWorker:
        registry = self.registry
        return RoutineWorker(self.dsn, lambda: registry, load_profiles(), self.settings, self.clock)

    def morning(self, day: date, shown: str = "07:05") -> int:
        """The worker looks on the morning after ``day``."""
        self.clock.at = self.at(day, shown, next_day=True)
        return self.worker().round()

    def notes(self) -> list[Note]:
        with self.connection.cursor(row_factory=psycopg.rows.dict_row) as cursor:
            rows = cursor.execute("SELECT * FROM routine_note WHERE resident_id = 'li' ORDER BY since, kind")
            return [note_of(row) for row in rows]

    @property
    def registry_numbers(self) -> dict[str, int]:
        if not hasattr(self, "_numbers"):
            self._numbers = {one.device_id: one.number for one in self.registry.devices}
        return self._numbers


@contextmanager
def routine_home(dsn: str, zone: str = "Asia/Shanghai") -> Iterator[RoutineHome]:
    """The flat in the registry of this database."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        edit.add_site(connection, Site(site_id="flat", name="李宅", shard=1, kind="private_home", timezone=zone))
        edit.add_gateway(connection, Gateway(gateway_id="gw-flat", site_id="flat"))
        for room in ROOMS:
            edit.add_room(connection, Room(room_id=room, site_id="flat", name=room, use=room))
        edit.add_resident(connection, Resident(resident_id="li", site_id="flat", name="李伟", room_id="bedroom"))
        for device_id, (kind, profile, room) in _DEVICES.items():
            edit.add_device(
                connection,
                Device(
                    device_id=device_id, number=0, site_id="flat", gateway_id="gw-flat", kind=kind, profile=profile,
                    room_id=room,
                ),
            )  # fmt: skip
        yield RoutineHome(dsn, connection, ZoneInfo(zone), StandingClock(datetime.now(UTC)))
