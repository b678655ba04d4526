"""What a scenario is: a name, a line for people, and a script that puts cues on a stage."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from firmware_sim.firmware.device import Timeline
from firmware_sim.places import Place
from firmware_sim.stage import Stage

HOUR_S = 3600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """``starts_s`` is the time of day at which it begins; ``speed`` how fast it runs when nobody says otherwise.

    ``sites`` are the places that it needs; None: all that there are. ``owned`` scenarios play whole homes; the others
    lend a hand to homes that live already (see ``Stage``).
    """

    name: str
    text: str
    script: Callable[[Stage], None]
    owned: bool
    sites: tuple[str, ...] | None = None
    starts_s: float = 9 * HOUR_S
    speed: float = 1.0

    def stage(self, places: Sequence[Place], timeline: Timeline, seed: int) -> Stage:
        """The stage with this scenario's cues."""
        needed = [place for place in places if self.sites is None or place.site_id in self.sites]
        stage = Stage(needed, timeline, seed, owned=self.owned)
        self.script(stage)
        return stage
