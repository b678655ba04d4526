"""The slow twin of absence: one home, its whole history read anew at every question."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

LINGER_S = 120.0
DOOR, BED, MOTION, PRESS, WINDOW = "door", "bed", "motion", "press", "window"


@dataclass
class NaiveHome:
    """``kinds``: what each input is. Words of one input come in their order, those of different ones in any."""

    kinds: list[str]
    empty_s: float
    words: list[tuple[int, float, bool]] = field(default_factory=list)

    def say(self, place: int, at_s: float, on: bool) -> None:
        self.words.append((place, at_s, on))

    def is_empty(self, now_s: float) -> bool:
        return now_s - self.left_at() >= self.empty_s

    def left_at(self) -> float:
        """NaN: somebody may be there."""
        closings, signs, is_on = [-math.inf], [-math.inf], False
        for place, kind in enumerate(self.kinds):
            was = False
            for at_s, on in ((at, on) for one, at, on in self.words if one == place):
                if kind == PRESS:
                    signs += [at_s] if on else []
                elif on and not was:
                    signs.append(at_s)
                elif kind == DOOR and was and not on:
                    closings.append(at_s)
                elif was and not (kind == WINDOW and on):
                    signs.append(at_s - LINGER_S if kind == MOTION else at_s)
                was = on
            is_on = is_on or (was and kind not in (PRESS, WINDOW))
        can_tell = DOOR in self.kinds and bool({BED, MOTION} & set(self.kinds))
        left = can_tell and not is_on and max(closings) > max(signs)
        return max(closings) if left else math.nan
