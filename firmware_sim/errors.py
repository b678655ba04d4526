"""Errors of the simulator."""

from __future__ import annotations


class SimulatorError(Exception):
    """Root of the simulator's errors; the text is for the person who started it."""


class BrokerError(SimulatorError):
    """The broker cannot be reached or refuses the account: check address and password."""


class RecordingError(SimulatorError):
    """A recording is not there or not in the expected form."""
