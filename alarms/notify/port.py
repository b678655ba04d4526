"""The port that every channel implements."""

from __future__ import annotations

from typing import Protocol

from alarms.notify.message import Notice


class Channel(Protocol):
    """Carries a notice to one address."""

    def send(self, address: str, notice: Notice) -> str:
        """Hand the notice to the provider and return what it answered, for the log.

        Raises
        ------
        ChannelError
            The provider did not take it; ``permanent`` says whether another try is of use.
        """
        ...
