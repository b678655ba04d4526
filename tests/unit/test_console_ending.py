"""The console's tasks end when it stops, also those that lose a cancellation."""

from __future__ import annotations

import asyncio
import contextlib

import pytest

from console import ending
from console.ending import end


@pytest.fixture(autouse=True)
def again_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ending, "_AGAIN_S", 0.001)


async def loses(cancellations: int) -> None:
    """Goes on after so many cancellations, as who awaits aiomqtt may."""
    for _ in range(cancellations):
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.Event().wait()
    await asyncio.Event().wait()


async def holds(inner: asyncio.Task[None]) -> None:
    try:
        await asyncio.Event().wait()
    finally:
        await end(inner)


async def fails() -> None:
    try:
        await asyncio.Event().wait()
    except asyncio.CancelledError:
        raise OSError("no goodbye") from None


async def under_way(*tasks: asyncio.Task[None]) -> None:
    await asyncio.sleep(0)
    assert not any(task.done() for task in tasks)


@pytest.mark.parametrize("lost", [0, 1, 3])
def test_a_task_that_loses_cancellations_ends(lost: int) -> None:
    async def story() -> None:
        one, other = asyncio.create_task(loses(lost)), asyncio.create_task(loses(0))
        await under_way(one, other)
        await end(one, other)
        assert one.cancelled()
        assert other.cancelled()

    asyncio.run(story())


@pytest.mark.parametrize("turns", range(4))
def test_a_result_that_comes_together_with_the_end_keeps_nobody(turns: int) -> None:
    async def proves(came: asyncio.Event) -> None:
        while True:
            await asyncio.wait_for(came.wait(), 60)
            came.clear()

    async def story() -> None:
        came = asyncio.Event()
        task = asyncio.create_task(proves(came))
        await under_way(task)
        came.set()
        for _ in range(turns):
            await asyncio.sleep(0)
        await end(task)
        assert task.cancelled()

    asyncio.run(asyncio.wait_for(story(), 10))


def test_a_task_within_a_task_ends_too() -> None:
    async def story() -> None:
        inner = asyncio.create_task(loses(3))
        outer = asyncio.create_task(holds(inner))
        await under_way(inner, outer)
        await end(outer)
        assert inner.cancelled()
        assert outer.cancelled()

    asyncio.run(story())


def test_what_a_task_failed_with_is_raised_when_all_have_ended() -> None:
    async def story() -> None:
        one, other = asyncio.create_task(fails()), asyncio.create_task(loses(2))
        await under_way(one, other)
        with pytest.raises(OSError, match="no goodbye"):
            await end(one, other)
        assert other.cancelled()

    asyncio.run(story())
