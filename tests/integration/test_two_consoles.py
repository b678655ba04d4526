"""Two consoles side by side, on one broker and one data folder."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from tests.console_desk import Desk, FakeEngine, FeedReader, an_alarm, running_desk
from tests.running_broker import RunningBroker

pytestmark = pytest.mark.once

Eventually = Callable[..., None]


@pytest.fixture
def desk(broker: RunningBroker, short_path: Path) -> Iterator[Desk]:
    with running_desk(short_path, broker.account("console")) as running:
        yield running


def _open(client: httpx.Client) -> list[str]:
    return [alarm["alarm_id"] for alarm in client.get("/api/v1/alarms").json()["alarms"]]


def test_two_consoles_on_one_data_folder_agree_on_the_alarms_and_on_who_may_look(
    desk: Desk, broker: RunningBroker, engine: FakeEngine, short_path: Path, eventually: Eventually
) -> None:
    engine.tell(an_alarm())
    with running_desk(short_path, broker.account("console")) as second, desk.client() as client:
        there = httpx.Client(base_url=second.url, cookies=client.cookies, timeout=10)
        there.headers["X-CSRF-Token"] = client.headers["X-CSRF-Token"]
        eventually(lambda: _open(client) == _open(there) == ["a-1"], "both have it")
        here, beside = FeedReader(client), FeedReader(there)
        eventually(lambda: here.of("snapshot") and beside.of("snapshot"), "both feeds stand")
        assert client.post("/api/v1/alarms/a-1/acknowledge", json={"version": 1}).status_code == 200
        eventually(lambda: len(here.of("alarm")) == len(beside.of("alarm")) == 1, "both say who has taken it")
        apart_s = abs(here.events[-1][3] - beside.events[-1][3])
        print(f"the second console's feed says it {apart_s * 1000:.1f} ms from the first's")
        assert here.of("alarm") == beside.of("alarm")
        late = there.post("/api/v1/alarms/a-1/acknowledge", json={"version": 1})
        assert late.status_code == 409, "whoever is late is told so there too"
        left = time.monotonic()
        assert client.post("/logout").status_code == 303
        eventually(lambda: beside.ended, "the session is over there as well")
        print(f"the second console closes the feed {time.monotonic() - left:.2f} s after the logout")
        assert there.get("/api/v1/alarms").status_code == 401
        here.stop()
        beside.stop()
        there.close()
