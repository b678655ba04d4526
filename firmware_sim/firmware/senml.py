"""Devices that speak SenML themselves: a mattress pad, an input module at a sprinkler's flow switch.

They publish bare SenML packs on ``native/{gateway_id}/senml/{name}``, their name as base name and their own time.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import msgspec

from firmware_sim.firmware.device import NEVER, DeviceClock, NativeMessage, Radio
from ingest.wire.pack import Pack, encode
from ingest.wire.senml import Record
from ingest.wire.signals import BY_NAME

TOPIC = "senml"
"""Below ``native/{gateway_id}/``; the device's native name follows."""


@dataclass(slots=True, kw_only=True)
class SenmlDevice:
    """A device on the mains that tells all of its ``states`` every ``every_s`` of the world, and at every change.

    Values are numbers in the signal's unit, or true and false. ``has_clock`` False leaves the time out.
    """

    name: str
    clock: DeviceClock
    radio: Radio
    states: dict[str, float | bool]
    every_s: float = 60.0
    has_clock: bool = True
    silent: bool = False
    due_at: float = field(default=0.0)

    @property
    def next_at(self) -> float:
        return NEVER if self.silent else self.due_at

    def boot(self, now: float) -> list[NativeMessage]:
        self.due_at = now + self.clock.timeline.real(self.every_s) * float(self.radio.rng.random())
        return []

    def step(self, now: float) -> list[NativeMessage]:
        if now < self.due_at:
            return []
        self.due_at = max(self.due_at + self.clock.timeline.real(self.every_s), now)
        return self.report(now)

    def report(self, now: float, **changed: float | bool) -> list[NativeMessage]:
        """The device's pack with these states changed; nothing while it is silent."""
        self.states.update(changed)
        if self.silent:
            return []
        records = [_record(name, value) for name, value in self.states.items()]
        first = msgspec.structs.replace(
            records[0], bn=f"{self.name}/", bt=round(self.clock.reads(now), 3) if self.has_clock else None
        )
        body = encode(Pack(records=[first, *records[1:]]))
        return self.radio.send(NativeMessage(topic=f"{TOPIC}/{self.name}", payload=body))


def _record(name: str, value: float | bool) -> Record:
    if isinstance(value, bool):
        return Record(n=name, vb=value)
    return Record(n=name, u=BY_NAME[name].unit or None, v=value)
