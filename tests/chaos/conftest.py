"""The whole product as one process tree, with a provider that counts what it was asked to deliver."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import parts
from tests.chaos.night import Eventually
from tests.running_system import RunningSystem
from tests.stub_provider import StubProvider


@pytest.fixture
def provider() -> Iterator[StubProvider]:
    with StubProvider() as stub:
        yield stub


@pytest.fixture
def system(short_path: Path, provider: StubProvider, eventually: Eventually) -> Iterator[RunningSystem]:
    kind = parts.broker_kind()
    if kind is None or parts.database_kind() is None:
        parts.missing("broker and PostgreSQL for the tests that break things")
    running = RunningSystem(
        short_path / "d", broker=kind, settings={"ANXIN_ALARMS_DUTY_WEBHOOKS": json.dumps([provider.url])}
    )
    running.start()
    try:
        eventually(running.is_ready, "everything runs", within_s=90)
        yield running
    finally:
        running.stop()
