"""A nursing home small enough to hold in the head, and an engine over a journal in memory: for stories about alarms."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from alarms.core.profiles import load_profiles
from alarms.core.routine.note import Note
from alarms.engine.answers import NO_LINKS
from alarms.engine.engine import Engine
from alarms.engine.family_letters import FamilyLetters
from alarms.engine.gateways import GatewayWatch
from alarms.engine.intake import Intake
from alarms.engine.notices import Notices
from alarms.engine.outbox import Outbox
from alarms.engine.telling import Sent
from alarms.journal.journal import Journal
from alarms.journal.records import Send
from alarms.lifecycle.alarm import Alarm
from alarms.notify.message import Notice
from ingest.registry.model import Contact, Device, Gateway, Registry, Resident, Room, Site
from ingest.wire import pack, topics
from ingest.wire.senml import Record
from ingest.wire.signals import Kind

START = datetime(2026, 3, 1, 3, 0, tzinfo=UTC)
DUTY = "http://duty.example/hook"
DAUGHTER = "http://daughter.example/hook"

REGISTRY = Registry(
    version=1,
    sites=(Site(site_id="pine", name="青松养老院", shard=7), Site(site_id="home1", name="王家", shard=8)),
    rooms=(Room(room_id="r201", site_id="pine", name="201"), Room(room_id="r202", site_id="pine", name="202")),
    residents=(Resident(resident_id="wang", site_id="pine", name="王秀英", room_id="r201", needs="助行器"),),
    contacts=(
        Contact(contact_id="c1", site_id="pine", resident_id="wang", name="王丽", relation="女儿", webhook=DAUGHTER),
    ),
    gateways=(Gateway(gateway_id="gw-pine", site_id="pine"), Gateway(gateway_id="gw-home1", site_id="home1")),
    devices=(
        Device(
            device_id="sos-201", number=1, site_id="pine", gateway_id="gw-pine", kind=Kind.BUTTON, profile="sos_button",
            name="床头呼叫器", room_id="r201", resident_id="wang",
        ),
        Device(
            device_id="smoke-202", number=2, site_id="pine", gateway_id="gw-pine", kind=Kind.FIRE,
            profile="smoke_alarm", name="烟感", room_id="r202",
        ),
        Device(
            device_id="sos-home1", number=3, site_id="home1", gateway_id="gw-home1", kind=Kind.BUTTON,
            profile="sos_button",
        ),
    ),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Told:
    """What one phone got: seconds after the story's beginning, who, over what, why."""

    at_s: float
    target: str
    channel: str
    reason: str


class Desk:
    """Records in, people's commands in, time forward; what everybody heard comes out.

    ``broken`` names the channels whose provider refuses every message, ``gone`` the addresses that have ended for good.
    """

    def __init__(self, registry: Registry = REGISTRY) -> None:
        self.now = START
        self.journal = Journal(None)
        self.duty = [DUTY]
        self.restart(registry)
        self.heard: list[tuple[str, str]] = []  # (address, reason)
        self.told: list[Told] = []
        self.notices: list[Notice] = []
        self.broken: set[str] = set()
        self.gone: set[str] = set()
        self.routine: list[Note] = []
        self.acks: dict[str, int] = {}
        self.messages: list[tuple[str, dict[str, Any]]] = []
        self.seq = -1
        self.commands = 0

    def restart(self, registry: Registry) -> None:
        """A new process on the same journal."""
        self.engine = Engine(self.journal, Intake(load_profiles(), late_after_s=900), self.duty, test_limit_s=300)
        self.engine.registry = registry
        self.gateways = GatewayWatch(self.journal, self.engine, grace_s=3, return_s=15)
        self.letters = FamilyLetters(self.journal, self.engine, lambda *_: self.routine)

    @property
    def open(self) -> list[Alarm]:
        return sorted(self.journal.open_alarms(), key=lambda alarm: alarm.raised_at)

    @property
    def only(self) -> Alarm:
        (alarm,) = self.open
        return alarm

    def record(
        self,
        device: str,
        signal: str,
        value: bool | float | str = True,
        *,
        at: datetime | None = None,
        gateway: str = "gw-pine",
    ) -> bytes:
        """One record in a pack of its own; the bytes come back so that they can be sent again."""
        moment = (at or self.now).timestamp()
        texts = {"vs": value} if isinstance(value, str) else {"vb": value} if isinstance(value, bool) else {"v": value}
        return self.records([Record(bn=f"{device}/", n=signal, t=moment, **texts)], gateway=gateway)  # type: ignore[arg-type]

    def records(self, records: Sequence[Record], *, gateway: str = "gw-pine") -> bytes:
        self.seq += 1
        payload = pack.encode(pack.Pack(boot="boot1", seq=self.seq, floor=0, records=records))
        self.payload(payload, gateway=gateway)
        return payload

    def payload(self, payload: bytes, *, gateway: str = "gw-pine") -> None:
        topic = topics.parse_gateway(topics.up(7, gateway, topics.Lane.ALARM))
        assert topic is not None
        self._turn(lambda out: self.engine.pack(topic, payload, self.now, out))

    def command(self, alarm: Alarm, do: str, by: str, *, command_id: str = "", **more: Any) -> dict[str, Any]:
        """What a person does; the answer comes back."""
        self.commands += 1
        body = {
            "do": do, "by": by, "id": command_id or f"command-{self.commands}", "version": alarm.version,
            "reply_to": "anxin/v1/console/c1/replies", **more,
        }  # fmt: skip
        self._turn(lambda out: self.engine.command(alarm.alarm_id, msgspec.json.encode(body), self.now, out))
        return self.messages[-1][1]

    def status(self, gateway: str, state: str, at: float) -> None:
        payload = msgspec.json.encode({"state": state, "boot": "b", "at": at})
        self._turn(lambda out: self.gateways.status(gateway, payload, self.now, out))

    def forward(self, seconds: float) -> None:
        """Let the time pass; every deadline is met at its own moment."""
        end = self.now + timedelta(seconds=seconds)
        while True:
            deadline = self.journal.next_deadline_s(end)
            if deadline is None or deadline > end.timestamp():
                break
            self.now = max(self.now, datetime.fromtimestamp(deadline, UTC))
            self._turn(self._due)
        self.now = end

    def clock_set(self, by_s: float) -> None:
        """Somebody has set the machine's clock; ``now`` shows it already."""
        self._turn(lambda out: self.engine.clock_set(by_s, self.now, out))

    def know(self, registry: Registry) -> None:
        """The registry has changed."""
        self.engine.registry = registry
        self._turn(self._due)

    def log(self, alarm: Alarm) -> list[str]:
        return [entry.event for entry in self.journal.entries_of(alarm.alarm_id)]

    def _due(self, out: Outbox) -> None:
        self.gateways.due(self.now, out)
        self.engine.due(self.now, out)
        self.letters.due(self.now, out)

    def _turn(self, act: Any) -> None:
        out = Outbox()
        with self.journal.transaction():
            act(out)
        self.acks |= {f"{gateway}/{boot}": position for (_, gateway, boot), position in out.acks.items()}
        self._note(out)
        while out.sends:
            sends, out = out.leaving, Outbox()
            since_s = (self.now - START).total_seconds()
            self.heard += [(send.address, send.reason) for send in sends]
            self.notices += filter(None, map(self._notice, sends))
            self.told += [Told(since_s, send.target, send.channel, send.reason) for send in sends]
            with self.journal.transaction():
                for send in sends:
                    is_gone = send.address in self.gone
                    ok = send.channel not in self.broken and not is_gone
                    result = "HTTP 200" if ok else "HTTP 410"
                    self.engine.sent(
                        Sent(
                            send_key=send.send_key, alarm_id=send.alarm_id, attempts=1, ok=ok, result=result,
                            at=self.now, retry_at=None, gone=(send.channel, send.address) if is_gone else None,
                        ),
                        out,
                    )  # fmt: skip
            self._note(out)

    def _notice(self, send: Send) -> Notice | None:
        alarm, engine = self.journal.alarm(send.alarm_id), self.engine
        return Notices(self.letters, NO_LINKS).of(send, alarm, engine.registry, engine.people.families)

    def _note(self, out: Outbox) -> None:
        self.messages += [(topic, msgspec.json.decode(body or b"{}")) for topic, body, _ in out.messages]
