"""A machine's clocks in a test's hand: time goes forward, the wall clock is set, the machine starts anew."""

from __future__ import annotations

from datetime import datetime, timedelta


class MovedClock:
    """Wall clock, steady clock and boot stand still until they are moved."""

    def __init__(self, start: datetime) -> None:
        self.moment = start
        self.since_boot_s = 1000.0
        self.boots = 1

    def now(self) -> datetime:
        return self.moment

    def steady_s(self) -> float:
        return self.since_boot_s

    def boot(self) -> str:
        return f"boot-{self.boots}"

    def forward(self, seconds: float) -> None:
        """Time passes."""
        self.moment += timedelta(seconds=seconds)
        self.since_boot_s += seconds

    def set_by(self, seconds: float) -> None:
        """Somebody, or the network's time, sets the wall clock."""
        self.moment += timedelta(seconds=seconds)

    def reboot(self, moment: datetime) -> None:
        """The machine starts anew and believes that it is ``moment``."""
        self.moment = moment
        self.since_boot_s = 5.0
        self.boots += 1
