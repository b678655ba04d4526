"""What came of one recording: its events, and which of them found the fall."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from evaluation.falls.detector import RAISED, Found
from firmware_sim.recordings.trial import Trial
from ingest.wire.fall_stage import Stage

MARGIN_S = 1.0
"""An event belongs to an annotated fall when its impact lies in it, or so far outside."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One impact that the detector judged, in seconds from the recording's beginning.

    ``raised_s`` and ``confirmed_s`` are when the window came that decided, None when nothing did. ``score`` is the
    greatest logit that it was given.
    """

    impact_s: float
    raised_s: float | None
    confirmed_s: float | None
    recovered: bool
    score: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """A recording and its events. ``impact_s`` is the strongest moment of its fall, None without one."""

    trial: Trial
    impact_s: float | None
    events: tuple[Event, ...]

    @property
    def within(self) -> tuple[Event, ...]:
        """The events, of a fall those that belong to it: to the annotated fall, or to the recording without one."""
        interval_s = self.trial.interval_s
        if not self.trial.fall or interval_s is None:
            return self.events
        begin_s, end_s = interval_s[0] - MARGIN_S, interval_s[1] + MARGIN_S
        return tuple(event for event in self.events if begin_s <= event.impact_s <= end_s)

    @property
    def raised(self) -> tuple[Event, ...]:
        """Those that raised an alarm, the first one first."""
        return tuple(event for event in self.within if event.raised_s is not None)

    @property
    def alarms(self) -> int:
        """Every event that raised one, wherever in the recording."""
        return sum(event.raised_s is not None for event in self.events)

    @property
    def delay_s(self) -> float | None:
        """From the impact to the arrival of the window that raised the first alarm."""
        return _after(self.impact_s, [event.raised_s for event in self.within])

    @property
    def confirm_s(self) -> float | None:
        """From the impact to the arrival of the window that confirmed."""
        return _after(self.impact_s, [event.confirmed_s for event in self.within])

    @property
    def score(self) -> float:
        """The best score, minus infinity without any."""
        return max((event.score for event in self.within), default=float("-inf"))


def events_of(told: Iterable[tuple[float, Found]], start_s: float) -> tuple[Event, ...]:
    """The events behind what a detector told, and when, of a recording that begins at ``start_s``."""
    events: dict[float, Event] = {}
    for now_s, found in told:
        known = events.get(found.impact_at)
        at_s = now_s - start_s
        raised_s, confirmed_s = (known.raised_s, known.confirmed_s) if known else (None, None)
        if raised_s is None and found.stage in RAISED:
            raised_s = at_s
        if confirmed_s is None and found.stage == Stage.CONFIRMED:
            confirmed_s = at_s
        events[found.impact_at] = Event(
            impact_s=found.impact_at - start_s,
            raised_s=raised_s,
            confirmed_s=confirmed_s,
            recovered=found.stage == Stage.RECOVERED or (known is not None and known.recovered),
            score=max(found.logit, known.score) if known else found.logit,
        )
    return tuple(sorted(events.values(), key=lambda event: event.impact_s))


def _after(impact_s: float | None, moments_s: Iterable[float | None]) -> float | None:
    first_s = min((moment_s for moment_s in moments_s if moment_s is not None), default=None)
    return None if impact_s is None or first_s is None else first_s - impact_s
