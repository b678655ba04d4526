"""How easily a wearer's movement is called a fall."""

from __future__ import annotations

from enum import StrEnum


class Sensitivity(StrEnum):
    """A wearer's choice, from the fewest false alarms to the fewest missed falls."""

    LOW = "low"
    NORMAL = "normal"
    HIGH = "high"
