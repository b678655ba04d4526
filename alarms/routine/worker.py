"""The thread that draws up the routine of every home once per local day, and catches up after it was away."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import psycopg

from alarms.core.profiles import Profiles
from alarms.routine.drawing import SQL, draw_day
from alarms.routine.sensors import Sensor, sensors_by_site
from alarms.routine.settings import RoutineSettings, clock
from ingest.clock import Clock
from ingest.log import Log
from ingest.registry.model import Registry, Site
from ingest.store.connection import Connection, connect, deadline, require_table
from ingest.store.rounds import Rounds

_EVERY_S = 60.0
_REST = 1.0
"""The thread rests for as long as it worked: whoever shares its program has the better half of the time."""

_STATEMENT_S = 60.0
_FIRST_DAYS = 56
"""So far back days are drawn up when they are not there: readings are kept longer, and a decline needs so many."""

_AGAIN_DAYS = 7
"""Days in which not everything was heard are drawn up again, once a day: gateways catch up what they missed."""

_WHOLE_H = 22.9


class RoutineWorker:
    """Reads the newest registry each minute; the database may be away as long as it likes."""

    def __init__(
        self,
        dsn: str,
        registry: Callable[[], Registry],
        profiles: Profiles,
        settings: RoutineSettings,
        clock: Clock,
    ) -> None:
        self._dsn = dsn
        self._registry = registry
        self._profiles = profiles
        self._settings = settings
        self._clock = clock
        self._done: dict[str, date] = {}
        self._log = Log("routine")
        self._rounds = Rounds(
            self.round, name="routine", every_s=_EVERY_S, after_failure_s=_EVERY_S,
            stop_within_s=5, log=self._log, failed="routine.failed",
        )  # fmt: skip

    def start(self) -> None:
        if self._dsn:
            self._rounds.start()

    def stop(self) -> None:
        """End after the present day of a site; what was left is drawn up after the next start."""
        self._rounds.stop()

    def round(self) -> int:
        """Draw up whatever is due at every site; how many days of a site were.

        Raises
        ------
        StoreError, psycopg.Error
            The database is away, or refuses.
        """
        registry, now = self._registry(), self._clock.now()
        due = [site for site in registry.sites if self._done.get(site.site_id) != self._newest(site, now)]
        if not due:
            return 0
        sensors, drawn = sensors_by_site(registry, self._profiles), 0
        with connect(self._dsn, "routine", statement_timeout_s=_STATEMENT_S, autocommit=True) as connection:
            with deadline(connection, _STATEMENT_S):
                require_table(connection, "routine_note")
            for site in due:
                drawn += self._safely(connection, site, sensors.get(site.site_id, ()), now)
                if self._rounds.stopping.is_set():
                    break
        return drawn

    def _safely(self, connection: Connection, site: Site, sensors: Sequence[Sensor], now: datetime) -> int:
        """One site; what the database refuses there is tried again at the next round, and the others go on."""
        newest = self._newest(site, now)
        try:
            drawn = self._site(connection, site, sensors, newest, now)
        except psycopg.Error as error:
            if connection.closed:
                raise
            self._log.warning("routine.refused", site_id=site.site_id, error=error)
            return 0
        if not self._rounds.stopping.is_set():
            self._done[site.site_id] = newest
        return drawn

    def _newest(self, site: Site, now: datetime) -> date:
        """The newest day that is over and may be drawn up by the clock of the place."""
        local = now.astimezone(ZoneInfo(site.timezone))
        return local.date() - timedelta(days=1 if local.time() >= clock(self._settings.drawn_at_h) else 2)

    def _site(self, connection: Connection, site: Site, sensors: Sequence[Sensor], newest: date, now: datetime) -> int:
        drawn, noted = list[date](), 0
        for day, resident_ids in self._days_due(connection, site, sensors, newest).items():
            own = [one for one in sensors if one.resident_id in resident_ids]
            began_at = self._clock.now()
            with deadline(connection, _STATEMENT_S), connection.transaction():
                noted += draw_day(connection, day, site.timezone, own, self._settings, now)
            drawn.append(day)
            if self._rounds.stopping.wait(_REST * max(0.0, (self._clock.now() - began_at).total_seconds())):
                break
        if drawn:
            self._log.info("routine.drawn", site_id=site.site_id, days=len(drawn), until=str(drawn[-1]), notes=noted)
        return len(drawn)

    def _days_due(
        self, connection: Connection, site: Site, sensors: Sequence[Sensor], newest: date
    ) -> dict[date, set[str]]:
        """Oldest first, so that notes are judged in the order of the days."""
        local = datetime.combine(newest + timedelta(days=1), clock(self._settings.drawn_at_h), ZoneInfo(site.timezone))
        asked = {
            "resident_id": sorted({one.resident_id for one in sensors}),
            "first": newest - timedelta(days=_FIRST_DAYS - 1),
            "last": newest,
            "again": newest - timedelta(days=_AGAIN_DAYS),
            "whole_h": _WHOLE_H,
            "due_at": local.astimezone(UTC),
        }
        found: dict[date, set[str]] = defaultdict(set)
        if asked["resident_id"]:
            with deadline(connection, _STATEMENT_S):
                for resident_id, day in connection.execute(SQL["days_due"], asked):
                    found[day].add(resident_id)
        return found
