"""PostgreSQL stops, or hangs, while two hundred gateways send: nobody notices but the history, and it catches up.

``ANXIN_TEST_OUTAGE`` sets the seconds without it (10).
"""

from __future__ import annotations

import os
import time

import pytest

from alarms.journal.journal import Journal
from tests.chaos.night import GATEWAY, PRESSES_PER_S, Eventually, Night
from tests.running_system import RunningSystem
from tests.stub_provider import StubProvider

pytestmark = [pytest.mark.chaos, pytest.mark.broker, pytest.mark.database, pytest.mark.timeout(1800)]


def of_the_fleet(journal: Journal) -> int:
    return sum(alarm.identity.gateway_id != GATEWAY for alarm in journal.open_alarms())


@pytest.mark.parametrize("how", ["stopped", "hung"])
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
    print(f"{how} for {outage_s} s: {meanwhile} alarms meanwhile")
    assert meanwhile > outage_s * PRESSES_PER_S / 2
    night.end(least_presses=meanwhile, repeats=0)
