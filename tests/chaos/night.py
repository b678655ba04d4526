"""A night of two hundred gateways and what must be true in the morning, whatever was done to the system."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Callable
from contextlib import closing

import psycopg

from alarms.journal.journal import Journal
from firmware_sim.fleet_spool import spooled_presses
from ingest.account import Account
from ingest.health import FILE, read_health
from ingest.mqtt import Session
from ingest.wire.topics import CANARY
from tests.running_system import RunningFleet, RunningSystem
from tests.stub_provider import StubProvider

GATEWAYS = 200
READINGS_PER_S = 5000
PRESSES_PER_S = 5
GATEWAY = "real-gateway"
Eventually = Callable[..., None]


class Bedside:
    """Native buttons behind a real gateway process: another one is pressed every now and then."""

    def __init__(self, system: RunningSystem) -> None:
        given = system.anxin("gateway", "add", GATEWAY, "--site", "site0000", "--native", "--json")
        assert given.returncode == 0, given.stderr
        account = json.loads(given.stdout.splitlines()[-1])
        self._session = Session(
            Account(
                host="127.0.0.1",
                port=system.broker_port,
                username=account["username"],
                password=account["password"],
            ),
            "bedside",
            clean=True,
        )
        self._session.start()
        self._spool = system.data / "gateway" / GATEWAY / "spool.sqlite"
        self._pressed = 0

    def press(self) -> str:
        """Press another button; what its device is called among others."""
        self._pressed += 1
        topic = f"native/{GATEWAY}/zigbee2mqtt/SOS {self._pressed}"
        self._session.publish(topic, b'{"action":"emergency","linkquality":90}')
        return f"-SOS-{self._pressed}-"

    def held(self) -> int:
        """Alarm packs that nobody has acknowledged, as the gateway says itself."""
        facts = read_health(self._spool.with_name(FILE)) or {}
        return int(facts.get("spool", {}).get("alarm", -1))

    def spooled(self) -> tuple[str, int, int]:
        """The spool's boot, how many packs of presses it ever took, how many it still has; of a gateway that ended."""
        with closing(sqlite3.connect(f"{self._spool.as_uri()}?mode=ro", uri=True)) as spool:
            (boot,) = spool.execute("SELECT boot FROM identity").fetchone()
            (taken,) = spool.execute("SELECT next_seq FROM lane WHERE lane = 'alarm'").fetchone()
            (held,) = spool.execute("SELECT count(*) FROM pack WHERE lane = 'alarm'").fetchone()
        return boot, taken, held

    def stop(self) -> None:
        self._session.stop()


class Night:
    """A fleet of gateways and the buttons of a real one, sending."""

    def __init__(self, system: RunningSystem, provider: StubProvider, eventually: Eventually) -> None:
        self._system = system
        self._provider = provider
        self._eventually = eventually
        self.fleet = RunningFleet(
            system, system.add_fleet(GATEWAYS), readings=READINGS_PER_S, presses=PRESSES_PER_S, gateways=GATEWAYS
        )
        self.bedside = Bedside(system)
        listening = f"native.listening gateway_id={GATEWAY}"
        eventually(lambda: listening in system.log, "the real gateway listens", within_s=30)
        self.fleet.start()

    def end(self, *, least_presses: int, repeats: int) -> None:
        """Let everything arrive, then check: every press is one alarm, here and in PostgreSQL, and was told.

        ``repeats``: how often a send may have reached the provider beyond the first time.
        """
        system, provider, eventually, bedside = self._system, self._provider, self._eventually, self.bedside
        eventually(system.is_ready, "everything runs again", within_s=60)
        summary = self.fleet.finish()
        print(f"fleet: {summary}")
        assert summary["held"] == 0, "every pack is acknowledged in the end"

        journal, last = Journal(system.data / "alarms" / "journal.sqlite"), bedside.press()
        eventually(
            lambda: any(last in alarm.identity.device_id for alarm in journal.open_alarms()),
            "the last press is an alarm, and so are those before it",
            within_s=60,
        )
        eventually(lambda: bedside.held() == 0, "the real gateway's presses are acknowledged", within_s=60)
        bedside.stop()

        presses = spooled_presses(self.fleet.directory)
        alarms = [alarm for alarm in journal.open_alarms() if alarm.identity.gateway_id not in (GATEWAY, CANARY)]
        by_the_bed = [alarm for alarm in journal.open_alarms() if alarm.identity.gateway_id == GATEWAY]
        pressed = Counter(press.device_id for press in presses)
        raised = Counter(alarm.identity.device_id for alarm in alarms if alarm.kind == "help_call")
        assert len(presses) > least_presses, "the test pressed at all"
        assert raised == pressed, "every press is exactly one alarm"
        assert all(alarm.count == 1 for alarm in alarms if alarm.kind == "help_call")

        calls = [alarm for alarm in by_the_bed if alarm.kind == "help_call"]
        sends = {event: set[str]() for event in ("due", "not_sent")}
        for entry in journal.entries(0, 10_000_000):
            if entry.event in sends and "send_key" in entry.detail:
                sends[entry.event].add(entry.detail["send_key"])
        # what nobody took before its alarm resolved itself (a gateway that came back) is not sent, and the log says so
        wanted = sends["due"] - sends["not_sent"]
        told = {key.partition("/")[0] for key in wanted}
        assert told >= {alarm.alarm_id for alarm in alarms if alarm.kind == "help_call"}
        eventually(lambda: wanted <= set(provider.deliveries()), "every due send reached the provider", within_s=90)
        deliveries = provider.deliveries()
        again = sum(count - 1 for count in deliveries.values())
        print(f"presses {len(presses)}, sends {len(deliveries)}, repeated {again}")
        # what the workers had under way, or had not noted yet, is sent once more after a kill, under the same key
        assert all(count <= 1 + repeats for count in deliveries.values())

        def projected() -> bool:
            try:
                with system.connect() as connection:
                    rows = connection.execute(
                        "SELECT device_id, count(*) FROM alarm WHERE kind = 'help_call' GROUP BY 1"
                    )
                    return Counter(dict(rows.fetchall())) == pressed + Counter(a.identity.device_id for a in calls)
            except psycopg.Error:
                return False

        eventually(projected, "PostgreSQL has exactly the same alarms", within_s=60)
        system.stop()
        boot, taken, held = bedside.spooled()
        print(f"real gateway: {taken} presses spooled, {len(by_the_bed)} buttons")
        assert taken > 0
        assert held == 0
        assert journal.lane(GATEWAY, boot).position == taken - 1
        # a pack holds the presses of one moment; a device that was not answered says its press again, on the same alarm
        assert sum(alarm.count for alarm in calls) >= taken, "no pack of the real gateway is missing"
        assert len({alarm.identity.device_id for alarm in calls}) == len(calls)
        journal.close()
