"""A broker with sessions, retained messages and connections that break: MQTT 3.1.1 as the programs meet it."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from tests.mqtt_filters import matches
from tests.simulation.story import Story
from tests.simulation.timeline import Timeline
from tests.simulation.weather import Weather

Matches = functools.lru_cache(maxsize=65_536)(matches)


class Link:
    """One direction of one connection: it takes time and keeps order; what is on the way when it is cut is lost."""

    def __init__(self, broker: Broker) -> None:
        self._broker = broker
        self._arrives_s = 0.0
        self._cut = False

    def carry(self, act: Callable[[], None]) -> None:
        """Let ``act`` happen at the other end."""
        timeline = self._broker.timeline
        self._arrives_s = max(self._arrives_s, timeline.now_s + self._broker.latency_s())
        self._broker.moving += 1

        def arrive() -> None:
            self._broker.moving -= 1
            if not self._cut:
                act()

        timeline.at(self._arrives_s, arrive)

    def cut(self) -> None:
        self._cut = True


class Client(Protocol):
    """The broker's view of a subscriber."""

    name: str
    filters: Sequence[str]

    def receive(self, topic: str, payload: bytes, *, retained: bool) -> None:
        """A message for this client leaves the broker."""
        ...

    def lost(self) -> None:
        """The broker has closed the connection."""
        ...


@dataclass(slots=True)
class Will:
    """What the broker says in a client's name when its connection dies."""

    topic: str
    payload: bytes


@dataclass(slots=True)
class Broker:
    """``retained`` is what a new subscriber is told."""

    timeline: Timeline
    story: Story
    weather: Weather
    up: bool = True
    moving: int = 0
    retained: dict[str, bytes] = field(default_factory=dict)
    keeper: Client | None = None
    """The one client whose session lives on without a connection."""
    _clients: dict[str, Client] = field(default_factory=dict)
    _wills: dict[str, Will] = field(default_factory=dict)

    def latency_s(self) -> float:
        """How long a message takes to or from the broker."""
        return self.timeline.random.expovariate(1 / self.weather.latency_s)

    def connect(self, client: Client, will: Will | None = None) -> bool:
        """False when the broker is away. A connection of the same name is closed first, with its will."""
        if not self.up:
            return False
        self.disconnect(client.name, with_will=True)
        self._clients[client.name] = client
        if will is not None:
            self._wills[client.name] = will
        return True

    def tell_retained(self, client: Client) -> None:
        """What a subscription brings."""
        for topic, payload in list(self.retained.items()):
            if any(Matches(one, topic) for one in client.filters):
                client.receive(topic, payload, retained=True)

    def disconnect(self, name: str, *, with_will: bool) -> None:
        """The broker sees that a connection is gone."""
        client = self._clients.pop(name, None)
        will = self._wills.pop(name, None)
        if client is not None:
            client.lost()
        if will is not None and with_will:
            self.publish(will.topic, will.payload, retain=True)

    def publish(self, topic: str, payload: bytes, *, retain: bool) -> None:
        """A message has arrived here."""
        if not self.up:
            return
        if retain:
            if payload:
                self.retained[topic] = payload
            else:
                self.retained.pop(topic, None)
        for client in [*self._clients.values(), *([self.keeper] if self.keeper is not None else [])]:
            if any(Matches(one, topic) for one in client.filters):
                client.receive(topic, payload, retained=False)

    def stop(self) -> None:
        """The broker dies; unless the weather is kind, it forgets what it knew."""
        self.up = False
        for name in list(self._clients):
            self.disconnect(name, with_will=False)
        self._wills.clear()
        if self.keeper is not None:
            self.keeper.lost()
        if not self.weather.sessions_survive:
            kept = self.timeline.random.choice((0.0, 0.5))
            for topic in [topic for topic in self.retained if self.timeline.random.random() >= kept]:
                del self.retained[topic]

    def start(self) -> None:
        self.up = True
