"""Errors of the lifecycle."""

from __future__ import annotations

from alarms.lifecycle.alarm import Act, Response


class LifecycleError(Exception):
    """Root of the lifecycle's errors."""


class TransitionError(LifecycleError):
    """This cannot happen to an alarm in this state: tell the person; nothing has changed.

    Attributes
    ----------
    response : Response
        The state the alarm is in.
    event : str
        What was asked.
    first : Act or None
        Who did it before, when that is why.
    """

    def __init__(self, response: Response, event: str, *, first: Act | None = None, why: str = "") -> None:
        super().__init__(why or f"an alarm that is {response} cannot take {event}")
        self.response = response
        self.event = event
        self.first = first


class RotaError(LifecycleError):
    """A rota cannot be as it is written.

    Attributes
    ----------
    where : str
        The part: ``layer.members``, ``override`` …
    """

    def __init__(self, where: str, why: str) -> None:
        super().__init__(f"{where}: {why}")
        self.where = where
