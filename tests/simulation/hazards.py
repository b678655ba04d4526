"""Where the program may die: before and after everything that it does to the world."""

from __future__ import annotations


class KilledError(BaseException):
    """The program is gone, in the middle of whatever it was doing. Nothing in it may catch this."""


class Hazards:
    """A kill is armed for the n-th side effect from now; ``touch`` stands at both sides of each.

    An ``idle`` turn, one that follows an idle wait, is not counted.
    """

    def __init__(self) -> None:
        self._left: int | None = None
        self.idle = False

    def arm(self, touches: int) -> None:
        """Kill at the ``touches``-th place from now."""
        self._left = touches

    def disarm(self) -> None:
        self._left = None

    def touch(self, where: str) -> None:
        """The program is at ``where``, for example ``before publish``."""
        if self._left is None or self.idle:
            return
        self._left -= 1
        if self._left <= 0:
            self._left = None
            raise KilledError(where)
