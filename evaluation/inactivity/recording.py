"""A home as recorded: minutes from midnight on by its own clock."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

DAY_MIN = 1440
Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """Minutes of one home.

    Attributes
    ----------
    first_day : int
        Since 1970-01-01; minute 0 is its midnight.
    watts : float32, shape (minutes, m)
        Of each meter or plug; NaN: unknown.
    own : bool, shape (m,)
        The plug feeds what the house runs by itself: it goes on when people are gone.
    appliances : float32, shape (minutes, k)
        Power of appliances that are not told to the judgement: what helps to know when nobody did anything.
    machine : float32, shape (minutes + 48 h,)
        What of ``watts`` a machine takes that was added; it goes on when people are gone. Empty: none was.
    events, doors : int16, shape (minutes,)
        How often sensors noticed somebody, and how often an outer door was used.
    sensed : bool, shape (minutes,)
        The sensors could be heard; all False where there are none.
    """

    dataset: str
    home: str
    first_day: int
    watts: Floats
    own: NDArray[np.bool_]
    appliances: Floats
    machine: Floats
    events: NDArray[np.int16]
    doors: NDArray[np.int16]
    sensed: NDArray[np.bool_]

    @property
    def minutes(self) -> int:
        return len(self.events)

    def first(self, minutes: int) -> Recording:
        """Its first minutes; a machine that was added is left out."""
        return replace(
            self,
            watts=self.watts[:minutes],
            appliances=self.appliances[:minutes],
            machine=_NO_MACHINE,
            events=self.events[:minutes],
            doors=self.doors[:minutes],
            sensed=self.sensed[:minutes],
        )

    @property
    def known(self) -> NDArray[np.bool_]:
        """Minutes of which anything is known, bool, shape (minutes,)."""
        told: NDArray[np.bool_] = np.isfinite(self.watts).any(axis=1) | self.sensed
        return told

    @property
    def without_machine(self) -> Floats:
        """``watts`` as they were recorded."""
        return self.watts - self.machine[: self.minutes, None] if len(self.machine) else self.watts


_NO_MACHINE: Floats = np.zeros(0, np.float32)


def of_power(dataset: str, home: str, first_day: int, watts: Floats, own: NDArray[np.bool_], more: Floats) -> Recording:
    """A home with meters or plugs only."""
    none = np.zeros(len(watts), np.int16)
    return Recording(
        dataset=dataset, home=home, first_day=first_day, watts=watts, own=own, appliances=more, machine=_NO_MACHINE,
        events=none, doors=none, sensed=np.zeros(len(watts), np.bool_),
    )  # fmt: skip


def of_mains(dataset: str, home: str, minute: NDArray[np.int64], watts: Floats) -> Recording:
    """A home's mains, the first column, and its appliances, the others; a row for each ``minute`` since 1970."""
    first_day = int(minute.min() // DAY_MIN)
    days = int(minute.max() // DAY_MIN) - first_day + 1
    laid = np.full((days * DAY_MIN, watts.shape[1]), np.nan, np.float32)
    laid[minute - first_day * DAY_MIN] = watts
    return of_power(dataset, home, first_day, laid[:, :1], np.zeros(1, np.bool_), laid[:, 1:])


def of_events(
    dataset: str,
    home: str,
    first_day: int,
    events: NDArray[np.int16],
    doors: NDArray[np.int16],
    sensed: NDArray[np.bool_],
) -> Recording:
    """A home with sensors only."""
    none = np.zeros((len(events), 0), np.float32)
    return Recording(
        dataset=dataset, home=home, first_day=first_day, watts=none, own=np.zeros(0, np.bool_), appliances=none,
        machine=_NO_MACHINE, events=events, doors=doors, sensed=sensed,
    )  # fmt: skip
