"""What a note asks for, as far as it can be set."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Ours, where no source is named.

    ``cold_h`` hours of a day below ``cold_c`` are a note. WHO's housing and health guidelines (2018) call 18 degC safe
    in winter, and more for old people; 16 degC leaves room for who sleeps in the cool. A cooker is left on from
    ``cooker_min`` minutes of a day; a decline is ``drop`` of the hours with movement.
    """

    cold_c: float = 16.0
    cold_h: float = 6.0
    cooker_min: float = 20.0
    drop: float = 0.2
