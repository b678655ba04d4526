"""Counters of the console for Prometheus; each application has its own registry."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from console.live import Live

_FAST = (0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5)


class Metrics:
    """What the console counts; no label names a person."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._feeds_open = 0
        own = self.registry
        self.states = Counter("anxin_console_alarm_states", "Alarm states taken from the broker", registry=own)
        self.commands = Counter("anxin_console_commands", "Commands by outcome", ["do", "outcome"], registry=own)
        self.command_s = Histogram("anxin_console_command_seconds", "Command to answer", buckets=_FAST, registry=own)
        self.round_trip = Histogram(
            "anxin_console_broker_round_trip_seconds",
            "The console's own mark through the broker",
            buckets=_FAST,
            registry=own,
        )
        self.feeds = Gauge("anxin_console_feeds", "Live feeds open", registry=own)
        self.feeds_dropped = Counter("anxin_console_feeds_dropped", "Feeds ended early", ["reason"], registry=own)
        self.logins = Counter("anxin_console_logins", "Logins by outcome", ["outcome"], registry=own)
        self.requests = Counter("anxin_console_requests", "Answers by status class", ["status"], registry=own)

    def watch(self, live: Live) -> None:
        """Read gauges from the live picture when asked."""
        for name, text, read in (
            ("anxin_console_open_alarms", "Alarms open", lambda: len(live.alarms)),
            ("anxin_console_linked", "1 while the path from the broker is proved", lambda: int(live.linked)),
            ("anxin_console_unreadable_states", "Alarm states that could not be read", lambda: live.unreadable),
        ):
            Gauge(name, text, registry=self.registry).set_function(read)

    def feeds_open(self) -> int:
        """How many feeds are open now."""
        return self._feeds_open

    def feed_opened(self) -> None:
        self._feeds_open += 1
        self.feeds.set(self._feeds_open)

    def feed_closed(self) -> None:
        self._feeds_open -= 1
        self.feeds.set(self._feeds_open)

    def text(self) -> bytes:
        """The exposition format."""
        return generate_latest(self.registry)
