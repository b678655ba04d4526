"""A console at the desk: what it shows, and commands that are repeated until they are answered."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import msgspec

from ingest.wire import topics
from tests.simulation.broker import Broker, Link
from tests.simulation.story import Story

_REPEAT_S = 0.8
_GIVE_UP_S = 3.0
_ENCODE = msgspec.json.Encoder().encode


class Shown(msgspec.Struct, frozen=True):
    """What a person sees of an alarm."""

    alarm_id: str
    version: int
    rule: str
    subject: str
    kind: str
    priority: str
    response: str
    condition: str
    latching: bool
    momentary: bool
    round: int


class Reply(msgspec.Struct, frozen=True):
    """The engine's answer."""

    id: str
    ok: bool
    reason: str = ""


_SHOWN = msgspec.json.Decoder(Shown)
_REPLY = msgspec.json.Decoder(Reply)


@dataclass(slots=True)
class _Asked:
    topic: str
    payload: bytes
    until_s: float
    answered: Callable[[Reply | None], None]


class Desk:
    """``alarms`` is what the screen shows; ``on_change`` hears of every new state."""

    def __init__(self, broker: Broker, story: Story, site_id: str) -> None:
        self._broker = broker
        self._timeline = broker.timeline
        self._story = story
        self._site_id = site_id
        self._up: Link | None = None
        self._down: Link | None = None
        self._asked: dict[str, _Asked] = {}
        self._count = 0
        self._replies = f"{topics.ROOT}/console/desk/replies"
        self.name = "desk"
        self.filters = (topics.EVERY_ALARM, topics.CHANNEL_ENDED, self._replies)
        self.alarms: dict[str, Shown] = {}
        self.on_change: Callable[[Shown], None] = lambda _: None
        self.on_ended: Callable[[bytes], None] = lambda _: None
        self._try()

    def ask(
        self, alarm: Shown, do: str, by: str, answered: Callable[[Reply | None], None], **more: Any
    ) -> None:  # Any: JSON values
        """Send a command about an alarm as it was seen; ``answered`` gets None when nobody answers."""
        self._count += 1
        command_id = f"command-{self._count}"
        body = {
            "do": do, "by": by, "id": command_id, "version": alarm.version, "reply_to": self._replies, **more,
        }  # fmt: skip
        self._story.tell("{} wants to {} {} {} (version {})", by, do, alarm.rule, alarm.subject, alarm.version)
        self._order(command_id, topics.alarm_do(self._site_id, alarm.alarm_id), body, answered)

    def drill(self, by: str, kind: str, device_id: str, answered: Callable[[Reply | None], None]) -> None:
        """Begin an exercise at a device."""
        self._count += 1
        command_id = f"command-{self._count}"
        body = {
            "do": "drill", "by": by, "id": command_id, "kind": kind, "device_id": device_id, "reply_to": self._replies,
        }  # fmt: skip
        self._story.tell("{} begins a drill of {} at {}", by, kind, device_id)
        self._order(command_id, topics.site_do(self._site_id), body, answered)

    # the broker's side

    def receive(self, topic: str, payload: bytes, *, retained: bool) -> None:
        if self._down is not None:
            self._down.carry(lambda: self._arrived(topic, payload))

    def lost(self) -> None:
        for link in (self._up, self._down):
            if link is not None:
                link.cut()
        self._up = self._down = None
        self._timeline.after(0.2 + self._timeline.random.random(), self._try)

    def _order(
        self, command_id: str, topic: str, body: dict[str, Any], answered: Callable[[Reply | None], None]
    ) -> None:  # Any: JSON values
        self._asked[command_id] = _Asked(topic, _ENCODE(body), self._timeline.now_s + _GIVE_UP_S, answered)
        self._send(command_id)

    def _try(self) -> None:
        if not self._broker.connect(self):
            self._timeline.after(0.2 + self._timeline.random.random(), self._try)
            return
        self._up, self._down = Link(self._broker), Link(self._broker)
        self.alarms.clear()
        self._broker.tell_retained(self)

    def _arrived(self, topic: str, payload: bytes) -> None:
        if topic == topics.CHANNEL_ENDED:
            self.on_ended(payload)
        elif topic == self._replies:
            reply = _REPLY.decode(payload)
            asked = self._asked.pop(reply.id, None)
            if asked is not None:
                asked.answered(reply)
        elif (alarm := topics.parse_alarm(topic)) is not None:
            if not payload:
                self.alarms.pop(alarm.alarm_id, None)
            else:
                shown = self.alarms[alarm.alarm_id] = _SHOWN.decode(payload)
                self.on_change(shown)

    def _send(self, command_id: str) -> None:
        asked = self._asked.get(command_id)
        if asked is None:
            return
        if self._timeline.now_s >= asked.until_s:
            del self._asked[command_id]
            asked.answered(None)
            return
        if self._up is not None:
            self._up.carry(lambda: self._broker.publish(asked.topic, asked.payload, retain=False))
        self._timeline.after(_REPEAT_S, lambda: self._send(command_id))
