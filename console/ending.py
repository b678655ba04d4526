"""Ending tasks for sure: one ``cancel`` is not enough.

Until Python 3.12 ``asyncio.wait_for`` loses a cancellation that comes together with its result, and aiomqtt puts an
``MqttError`` in the place of one that meets a slow goodbye. Who cancels once and awaits such a task waits for ever.
"""

from __future__ import annotations

import asyncio
from typing import Any

_AGAIN_S = 0.5


async def end(*tasks: asyncio.Task[Any]) -> None:  # Any: what they return is not looked at
    """Cancel tasks until every one has ended, also when the caller is cancelled meanwhile.

    Raises
    ------
    Exception
        What a task failed with; the first one's, in the order given.
    """
    ours: asyncio.CancelledError | None = None
    while running := [task for task in tasks if not task.done()]:
        for task in running:
            task.cancel()
        try:
            await asyncio.wait(running, timeout=_AGAIN_S)
        except asyncio.CancelledError as cancelled:
            ours = cancelled
    if ours is not None:
        raise ours
    for task in tasks:
        if not task.cancelled() and (error := task.exception()) is not None:
            raise error


__all__ = ["end"]
