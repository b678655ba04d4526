"""An engine over a journal in memory that is told of onsets directly: for generated histories of many alarms."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from alarms.core.profiles import load_profiles
from alarms.engine.engine import Engine
from alarms.engine.intake import Intake
from alarms.engine.outbox import Outbox
from alarms.journal.journal import Journal
from alarms.lifecycle import flood
from alarms.lifecycle.alarm import Alarm, AlarmKind, Flag, Identity, Priority
from alarms.lifecycle.events import Onset
from ingest.registry.model import Registry, Site

START = datetime(2026, 3, 1, 3, 0, tzinfo=UTC)
PROFILES = load_profiles()
REGISTRY = Registry(sites=(Site(site_id="pine", name="Pine", shard=1), Site(site_id="oak", name="Oak", shard=2)))


@dataclass(frozen=True)
class Says:
    """Something is raised, or (``over``) taken back, ``after_s`` seconds after what was before."""

    after_s: int
    kind: AlarmKind
    rule: str
    priority: Priority
    subject: int
    site: str = "pine"
    over: bool = False
    flags: tuple[Flag, ...] = ()

    @property
    def gateway(self) -> str:
        return f"gw{self.subject % 3}"

    @property
    def about(self) -> str:
        return f"gateway:{self.gateway}" if self.rule == "gateway_lost" else f"device:{self.subject}"


class House:
    """An engine over a journal in memory."""

    def __init__(self) -> None:
        self.now = START
        self.journal = Journal(None)
        self.engine = Engine(self.journal, Intake(PROFILES, late_after_s=900), (), test_limit_s=300)
        self.engine.registry = REGISTRY
        self.number = 0

    def hear(self, said: Says, now: datetime, *, look: bool = True) -> Alarm | None:
        """The alarm that this has begun, if anybody is to ``look``."""
        self.forward(now)
        before = {alarm.alarm_id for alarm in self.journal.open_alarms()} if look else set()
        with self.journal.transaction():
            if said.over:
                self.engine.over(said.rule, said.about, now, Outbox())
            else:
                self.number += 1
                self.engine.raised(self._onset(said, now), now, Outbox())
        if not look:
            return None
        return next((one for one in self.journal.open_alarms() if one.alarm_id not in before | self._floods()), None)

    def forward(self, now: datetime) -> None:
        """Every deadline is met at its own moment."""
        while (deadline_s := self.journal.next_deadline_s(now)) is not None and deadline_s <= now.timestamp():
            self.now = max(self.now, datetime.fromtimestamp(deadline_s, UTC))
            with self.journal.transaction():
                self.engine.due(self.now, Outbox())
        self.now = now

    def groups(self) -> set[frozenset[str]]:
        """The open members of each incident."""
        found: dict[str, set[str]] = {}
        for alarm in self.journal.open_alarms():
            if alarm.incident_id is not None:
                found.setdefault(alarm.incident_id, set()).add(f"{alarm.identity.site_id} {alarm.rule} {alarm.subject}")
        return {frozenset(members) for members in found.values()}

    def lines(self, alarm: Alarm) -> list[tuple[str, str]]:
        """What the log says about telling: which line, why."""
        entries = self.journal.entries_of(alarm.alarm_id)
        return [(entry.event, entry.detail["reason"]) for entry in entries if entry.event in ("shown", "not_sent")]

    def _floods(self) -> set[str]:
        return {alarm.alarm_id for alarm in self.journal.open_alarms() if alarm.rule == flood.RULE}

    def _onset(self, said: Says, now: datetime) -> Onset:
        room = f"r{said.subject % 4}"
        return Onset(
            rule=said.rule,
            subject=said.about,
            kind=said.kind,
            priority=said.priority,
            latching=said.kind in (AlarmKind.HELP_CALL, AlarmKind.FALL, AlarmKind.FIRE),
            momentary=said.kind in (AlarmKind.HELP_CALL, AlarmKind.FALL),
            identity=Identity(
                site_id=said.site,
                gateway_id=said.gateway,
                device_id=f"{said.subject}",
                room_id=room,
                room_name=room,
            ),
            record=f"{self.number}",
            raised_at=now,
            received_at=now,
            flags=said.flags,
        )
