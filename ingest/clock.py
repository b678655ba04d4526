"""The wall clock and the steady clock, read in shells only through these ports; and whether the wall clock was set."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

import msgspec

SET_S = 0.5
"""A wall clock that is off by less is left alone; what is off by little again and again adds up."""

_AT_ONCE_S = 0.1
_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
_STEADY = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


class Clock(Protocol):
    """Tells the time."""

    def now(self) -> datetime:
        """Aware UTC."""
        ...


class SteadyClock(Clock, Protocol):
    """Tells the time, and how much of it passes whatever anybody sets."""

    def steady_s(self) -> float:
        """Seconds that nobody sets; they pass while the machine sleeps too."""
        ...

    def boot(self) -> str:
        """``steady_s`` goes on within one boot of the machine; empty where nobody knows."""
        ...


class SystemClock:
    """The machine's clocks."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def steady_s(self) -> float:
        return time.clock_gettime(_STEADY)

    def boot(self) -> str:
        try:
            return _BOOT_ID.read_text("ascii").strip()
        except OSError:
            return ""


class Anchor(msgspec.Struct, frozen=True):
    """How far the wall clock is ahead of the steady one, in one boot of the machine; ``seen_s``: what it has shown."""

    boot: str
    ahead_s: float
    seen_s: float


_ANCHOR = msgspec.json.Decoder(Anchor)


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """One look at the clocks. ``set_by_s``: the wall clock was set by so many seconds since the anchor, else 0."""

    now: datetime
    set_by_s: float


def decode_anchor(saved: bytes | None) -> Anchor | None:
    """An anchor that a program kept; None when it cannot be read."""
    try:
        return None if saved is None else _ANCHOR.decode(saved)
    except msgspec.MsgspecError:
        return None


class ClockWatch:
    """Notices that the wall clock was set: it has moved by more or less than the steady one.

    ``anchor`` is from an earlier life. Of another boot it says only what moment is over: a machine that starts anew and
    believes it to be earlier has a clock that was set back.
    """

    def __init__(self, clock: SteadyClock, anchor: Anchor | None = None) -> None:
        self._clock = clock
        self._boot = clock.boot()
        now_s = clock.now().timestamp()
        self._ahead_s = now_s - clock.steady_s()
        if anchor is not None and anchor.boot and anchor.boot == self._boot:
            self._ahead_s = anchor.ahead_s
        elif anchor is not None:
            self._ahead_s += max(0.0, anchor.seen_s - now_s)

    def anchor(self, look: Look | None = None) -> Anchor:
        """To be kept for the next life; ``look``: once everything was moved by its ``set_by_s``."""
        seen, by_s = (look.now, look.set_by_s) if look is not None else (self._clock.now(), 0.0)
        return Anchor(self._boot, self._ahead_s + by_s, seen.timestamp())

    def look(self) -> Look:
        """Read the clocks; the step is seen again until it is ``accepted``."""
        before_s = self._clock.steady_s()
        now = self._clock.now()
        after_s = self._clock.steady_s()
        by_s = now.timestamp() - after_s - self._ahead_s
        # between two readings that lie apart the program stood still: that says nothing, the next look will
        is_set = abs(by_s) >= SET_S and after_s - before_s < _AT_ONCE_S
        return Look(now=now, set_by_s=by_s if is_set else 0.0)

    def accept(self, look: Look) -> None:
        """Whatever waited was moved by ``look.set_by_s``."""
        self._ahead_s += look.set_by_s
