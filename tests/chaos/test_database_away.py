"""PostgreSQL stops, or hangs, while two hundred gateways send: nobody notices but the history, and it catches up.

``ANXIN_TEST_OUTAGE`` sets the seconds without it (10).
"""

from __future__ import annotations

import os
import time
from collections import Counter

import pytest

from alarms.journal.journal import Journal
from ingest.wire.topics import CANARY
from tests.chaos.night import GATEWAY, PRESSES_PER_S, Eventually, Night
from tests.running_system import RunningSystem
from tests.stub_provider import StubProvider

pytestmark = [pytest.mark.chaos, pytest.mark.broker, pytest.mark.database, pytest.mark.timeout(1800)]


def of_the_fleet(journal: Journal) -> Counter[str]:
    return Counter(alarm.kind for alarm in journal.open_alarms() if alarm.identity.gateway_id not in (GATEWAY, CANARY))


@pytest.mark.parametrize("how", ["hung", pytest.param("stopped", marks=pytest.mark.long)])
def test_every_press_is_told_meanwhile_and_stands_in_postgresql_afterwards(
    system: RunningSystem, provider: StubProvider, eventually: Eventually, how: str
) -> None:
    outage_s = float(os.environ.get("ANXIN_TEST_OUTAGE") or 10)
    night = Night(system, provider, eventually)
    eventually(lambda: provider.by_key, "the first presses are told")
    journal = Journal(system.data / "alarms" / "journal.sqlite")
    with system.database_away(how):
        before = of_the_fleet(journal)
        end = time.monotonic() + outage_s
        while time.monotonic() < end:
            time.sleep(0.5)  # the time without a database is what is tested
            night.bedside.press()
        meanwhile = of_the_fleet(journal) - before
    journal.close()
    print(f"{how} for {outage_s} s: meanwhile {dict(meanwhile)}")
    assert meanwhile["help_call"] > outage_s * PRESSES_PER_S / 2
    assert set(meanwhile) == {"help_call"}, "what is judged from telemetry goes on too: no device seems silent"
    night.end(least_presses=meanwhile["help_call"], repeats=0)
