"""When all is quiet the broker keeps exactly the open alarms."""

from __future__ import annotations

import msgspec

from ingest.wire import topics
from tests.simulation.oracle.rule import Rule


class Retained(Rule):
    """``kept`` is the broker's store."""

    promise = "the retained topics are the open alarms and the rooms with staff"
    kept: dict[str, bytes]

    def quiet(self) -> None:
        found = {}
        for topic, payload in self.kept.items():
            alarm = topics.parse_alarm(topic)
            if alarm is not None and not alarm.is_command:
                found[alarm.alarm_id] = msgspec.json.decode(payload)["version"]
        rooms = {room for topic in self.kept if (room := topics.parse_presence(topic)) is not None}
        known = {(one.site_id, one.room_id) for one in self.oracle.journal.presences()}
        if rooms != known:
            self.fail(f"staff are in {sorted(known)}, the broker keeps {sorted(rooms)}")
        wanted = {alarm.alarm_id: alarm.version for alarm in self.oracle.open_alarms}
        for alarm_id in found | wanted:
            if found.get(alarm_id) != wanted.get(alarm_id):
                self.fail(
                    f"alarm {alarm_id}: the broker keeps version {found.get(alarm_id)},"
                    f" the journal has {wanted.get(alarm_id)} open"
                )
