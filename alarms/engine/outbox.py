"""What one turn of the engine wants to send. It is carried out only after the journal's commit."""

from __future__ import annotations

from dataclasses import dataclass, field

from alarms.journal.records import Send
from alarms.lifecycle.alarm import Alarm
from alarms.notify.dispatcher import Task


@dataclass(slots=True)
class Outbox:
    """Collected during a transaction; later states of an alarm replace earlier ones.

    ``acks`` are positions by (shard, gateway, boot), ``messages`` are (topic, payload, retain), ``tasks`` are messages
    to people that no alarm is behind: tests of their channels. ``dropped`` are the keys of sends that need
    not leave any more: answered, or sent already.
    """

    alarms: dict[str, Alarm] = field(default_factory=dict)
    acks: dict[tuple[int, str, str], int] = field(default_factory=dict)
    messages: list[tuple[str, bytes, bool]] = field(default_factory=list)
    sends: list[Send] = field(default_factory=list)
    dropped: set[str] = field(default_factory=set)
    tasks: list[Task] = field(default_factory=list)

    @property
    def leaving(self) -> list[Send]:
        """The sends that are still to be made."""
        return [send for send in self.sends if send.send_key not in self.dropped]

    def add(self, other: Outbox) -> None:
        """Take over what one item wanted."""
        self.alarms.update(other.alarms)
        self.acks.update(other.acks)
        self.messages += other.messages
        self.sends += other.sends
        self.dropped |= other.dropped
        self.tasks += other.tasks
