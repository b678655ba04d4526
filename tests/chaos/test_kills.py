"""Everything is killed at random moments while two hundred gateways send: no press is lost, none becomes two.

``ANXIN_TEST_KILLS`` sets the number of kills (50), ``ANXIN_TEST_SEED`` repeats a run.
"""

from __future__ import annotations

import os
import random
import signal
import time
from collections import Counter

import pytest

from tests.chaos.night import Eventually, Night
from tests.running_system import RunningSystem
from tests.stub_provider import StubProvider

pytestmark = [pytest.mark.chaos, pytest.mark.broker, pytest.mark.database, pytest.mark.timeout(900)]

VICTIMS = ("ingest", "detect", "alarms", "console", "gateway", "broker", "postgres", "database", "fleet")


def test_no_press_is_lost_and_none_becomes_two(
    system: RunningSystem, provider: StubProvider, eventually: Eventually
) -> None:
    seed = int(os.environ.get("ANXIN_TEST_SEED") or time.time())
    kills = int(os.environ.get("ANXIN_TEST_KILLS") or 50)
    print(f"ANXIN_TEST_SEED={seed}")
    chance = random.Random(seed)
    night = Night(system, provider, eventually)
    killed: Counter[str] = Counter()
    while killed.total() < kills:
        for _ in range(chance.randint(1, 4)):
            time.sleep(chance.uniform(0.1, 0.8))  # the moments of the kills are what is tested
            night.bedside.press()
        victim = chance.choice(VICTIMS)
        if victim == "fleet":
            night.fleet.kill()
            night.fleet.start()
            killed[victim] += 1
        elif system.send_signal(victim, signal.SIGKILL):
            killed[victim] += 1
    print(f"killed: {dict(killed)}")
    # what the workers had under way, or had not noted yet, is sent once more after a kill, under the same key
    night.end(least_presses=kills, repeats=killed["alarms"])
