"""A slow twin of the fire verification: looks at everything that was ever said, every second anew."""

from __future__ import annotations

from dataclasses import dataclass

WAIT_S = {"kitchen-smoke": 60, "corridor-smoke": 30, "corridor-button": 30, "bathroom-smoke": 60}
"""By device; what is not here never waits."""
UPSTAIRS = {"bathroom-smoke"}
STAIR = {"bathroom-smoke", "corridor-smoke", "corridor-button"}
"""What is in the two rooms that a stair may join."""


@dataclass
class Said:
    """A device said something of a fire at ``at_s``; ``over_s``: it has taken it back."""

    signal: str
    device: str
    at_s: int
    over_s: int | None = None
    sounds: bool = False


class NaiveFire:
    """What sounds, by the words of docs/fire.md."""

    def __init__(self, stair: bool = False) -> None:
        self.stair = stair
        self.history: list[Said] = []

    def say(self, signal: str, device: str, on: bool, at_s: int) -> None:
        standing = [one for one in self._standing() if (one.signal, one.device) == (signal, device)]
        if not on:
            for one in standing:
                one.over_s = at_s
        elif not standing:
            self.history.append(Said(signal, device, at_s))
        self.look(at_s)

    def look(self, now_s: int) -> None:
        """One that sounds wakes all that stand; until then each is asked by itself."""
        standing = self._standing()
        for one in standing:
            one.sounds = one.sounds or self._must_sound(one, standing, now_s)
        if any(one.sounds for one in standing):
            for one in standing:
                one.sounds = True

    @property
    def sounding(self) -> set[tuple[str, str]]:
        return {(one.signal, one.device) for one in self._standing() if one.sounds}

    def _standing(self) -> list[Said]:
        return [one for one in self.history if one.over_s is None]

    def _must_sound(self, one: Said, standing: list[Said], now_s: int) -> bool:
        wait_s = WAIT_S.get(one.device, 0) if one.signal == "smoke" else 0
        others = {other.device for other in standing} - {one.device}
        near = [other for other in others if (other in UPSTAIRS) == (one.device in UPSTAIRS)]
        near += [other for other in others if self.stair and {other, one.device} <= STAIR]
        return now_s >= one.at_s + wait_s or bool(near)
