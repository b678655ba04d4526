"""Past alarms as a table: who, where, how fast, how it ended; in the words of the console."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from alarms.lifecycle.alarm import Act, Alarm
from console import words
from console.exports.table import Cell, Table
from console.language import DEFAULT_ZONE, N_, local_time

_COLUMNS = (
    N_("Raised"),
    N_("Time zone"),
    N_("Site"),
    N_("Floor"),
    N_("Room"),
    N_("Resident"),
    N_("Device"),
    N_("Alarm"),
    N_("Priority"),
    N_("Times"),
    N_("Marks"),
    N_("Acknowledged by"),
    N_("Acknowledged after (s)"),
    N_("Attended by"),
    N_("Attended after (s)"),
    N_("Resolved by"),
    N_("Resolved after (s)"),
    N_("How it ended"),
    N_("How they were reached"),
    N_("Note"),
    N_("Number"),
)


def table_of(
    alarms: Iterable[Alarm],
    text: Callable[[str], str],
    name_of: Callable[[str], str],
    zones: Mapping[str, str],
    *,
    is_whole: bool,
) -> Table:
    """A row for each alarm; ``text`` translates, ``zones`` are the sites' time zones.

    Where it is not the whole answer, a last row says so: a figure from half a list is worse than none.
    """

    def row(alarm: Alarm) -> tuple[Cell, ...]:
        who = alarm.identity
        zone = zones.get(who.site_id, DEFAULT_ZONE)
        return (
            local_time(alarm.raised_at, zone),
            zone,
            who.site_name,
            who.zone_name,
            who.room_name,
            who.resident_name,
            who.device_name or who.device_id,
            text(words.KINDS[alarm.kind]),
            text(words.PRIORITIES[alarm.priority]),
            alarm.count,
            ", ".join(text(words.FLAGS[flag]) for flag in alarm.flags),
            *_done(alarm, alarm.acknowledged, name_of),
            *_done(alarm, alarm.attended, name_of),
            *_done(alarm, alarm.resolved, name_of),
            text(words.DISPOSITIONS[alarm.disposition] if alarm.disposition else words.RESPONSES[alarm.response]),
            text(words.REACHED[alarm.reached]) if alarm.reached else "",
            alarm.note,
            alarm.alarm_id,
        )

    rows = [row(alarm) for alarm in alarms]
    if not is_whole:
        rest = text(N_("There are more: choose a shorter time for the others."))
        rows.append((rest, *[None] * (len(_COLUMNS) - 1)))
    return Table(name=text(N_("History")), columns=tuple(map(text, _COLUMNS)), rows=rows)


def _done(alarm: Alarm, act: Act | None, name_of: Callable[[str], str]) -> tuple[Cell, Cell]:
    """Who did it, and how many seconds after it had reached us."""
    if act is None:
        return None, None
    return name_of(act.by), round((act.at - alarm.received_at).total_seconds(), 1)
