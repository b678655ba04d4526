"""The session's inbox without a broker: when a message was received, on a clock that is set."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from ingest.account import Account
from ingest.mqtt import Message, Session
from tests.moved_clock import MovedClock

START = datetime(2026, 3, 2, 22, 14, tzinfo=UTC)


@pytest.mark.parametrize("by_s", [-3600.0, 3600.0, 86_400.0])
def test_what_waits_in_the_inbox_keeps_its_age_when_the_clock_is_set(by_s: float) -> None:
    clock = MovedClock(START)
    session = Session(Account(host="nowhere", port=1, username="u", password=""), "test", clock=clock)
    session._on_arrived([("a", b"", False, 1, 1)])
    clock.forward(2)
    clock.set_by(by_s)
    session._on_arrived([("b", b"", False, 1, 2)])
    clock.forward(1)
    clock.set_by(by_s)
    first, second = session.take(10, 0)
    assert isinstance(first, Message)
    assert isinstance(second, Message)
    ages = [clock.now().timestamp() - message.received_s for message in (first, second)]
    assert ages == [3, 1]
