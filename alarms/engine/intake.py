"""From the records of the alarm lane to what the lifecycle understands. It fails open: no record is ever set aside."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from alarms.core.profiles import Profiles
from alarms.core.rules import Rule, RuleType
from alarms.engine.identity import PLACES, identify, of_home
from alarms.engine.inbox import Glance
from alarms.lifecycle import fall, inactivity, linkage
from alarms.lifecycle.alarm import AlarmKind, Flag, Identity, Priority
from alarms.lifecycle.events import Onset
from alarms.lifecycle.guards import PERSONAL
from ingest.registry.model import Registry
from ingest.wire import pack as packs
from ingest.wire.errors import DecodeError
from ingest.wire.fall_stage import Stage
from ingest.wire.pack import Pack
from ingest.wire.senml import Resolved, resolve
from ingest.wire.signals import FALL_CODES, JUDGEMENT_PREFIX

CLOCK_AHEAD_S = 300.0
CLOCK_BEHIND_S = 30 * 86_400.0
_BYTES_SHOWN = 400
_MOVED = f"{JUDGEMENT_PREFIX}{linkage.MOVED}"
_STAGES = {
    FALL_CODES["none"]: Stage.RECOVERED,
    FALL_CODES["suspected"]: Stage.SUSPECTED,
    FALL_CODES["confirmed"]: Stage.CONFIRMED,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Raised:
    """A condition stands, or an event happened."""

    onset: Onset


@dataclass(frozen=True, slots=True, kw_only=True)
class Over:
    """A condition is over."""

    rule: str
    subject: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class InTest:
    """A device says that it is being tested, or no longer is."""

    device_id: str
    on: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffSign:
    """A button says that staff are in its room, or leave it; ``badge`` is empty where it does not know who."""

    identity: Identity
    on: bool
    badge: str
    at: datetime
    flags: tuple[Flag, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Cancelled:
    """A call of ``kind`` was cancelled with a button: the very one that called, or another."""

    kind: AlarmKind
    identity: Identity
    at: datetime
    flags: tuple[Flag, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class GotUp:
    """Whoever was believed to have fallen has got up, a device says: the very one that had suspected the fall."""

    identity: Identity
    at: datetime
    evidence: dict[str, Any]  # Any: a JSON object


@dataclass(frozen=True, slots=True, kw_only=True)
class OutputMoved:
    """A gateway says that an output behind it, which a fire had asked for, has moved."""

    gateway_id: str
    output_id: str
    at: datetime


Finding = Raised | Over | InTest | StaffSign | Cancelled | GotUp | OutputMoved


class Intake:
    """Reads records against the registry and the rules of the moment."""

    def __init__(self, profiles: Profiles, late_after_s: float) -> None:
        self._profiles = profiles
        unknown = profiles.direct(None, "alarm")
        if unknown is None:
            raise ValueError("the rules of every device must hold one for the signal 'alarm'")
        self._unknown = unknown
        self._late_after_s = late_after_s

    @property
    def profiles(self) -> Profiles:
        """The profiles that records are judged by."""
        return self._profiles

    def read(self, pack: Pack, gateway_id: str, registry: Registry, received_at: datetime) -> Iterator[Finding]:
        """What each record of ``pack`` means, tests first."""
        resolved = list(resolve(pack.records))
        for record in resolved:
            if isinstance(record, Resolved) and record.signal == "test":
                yield InTest(device_id=record.device, on=bool(record.value))
        for index, record in enumerate(resolved):
            key = f"{gateway_id}/{pack.boot}/{pack.seq}/{index}"
            if isinstance(record, Exception):
                yield self.unreadable(str(record).encode(), gateway_id, registry, received_at, key)
                continue
            if pack.boot is None:
                key = f"{gateway_id}/{record.device}/{record.signal}/{record.at}"
            yield from self._read(record, gateway_id, registry, received_at, key)

    def glance(self, payload: bytes, registry: Registry) -> Glance:
        """Whether a message of the alarm lane raises an emergency (one that nobody can read does), and about what."""
        try:
            records = list(resolve(packs.decode(payload).records))
        except DecodeError:
            return Glance(is_emergency=True, about=frozenset())
        about: set[str] = set()
        is_emergency = False
        for record in records:
            if isinstance(record, Exception):
                is_emergency = True
                continue
            about.update(_places(record.device, registry))
            if record.signal == _MOVED:
                continue
            rule = self._rule(record, registry)
            priority = _priority(rule, _evidence(record, rule))
            if priority is Priority.EMERGENCY and rule.clears is None and _verdict(rule, record):
                is_emergency = True
        return Glance(is_emergency=is_emergency, about=frozenset(about))

    def unreadable(
        self, payload: bytes, gateway_id: str, registry: Registry, received_at: datetime, record: str = ""
    ) -> Raised:
        """The alarm for bytes in the alarm lane that nobody can read."""
        identity, flags = identify(registry, gateway_id, None)
        return Raised(
            onset=Onset(
                rule="unreadable",
                subject=f"gateway:{gateway_id}",
                kind=AlarmKind.UNREADABLE,
                priority=Priority.EMERGENCY,
                latching=True,
                momentary=True,
                identity=identity,
                record=record or f"{gateway_id}/{hashlib.sha256(payload).hexdigest()}",
                raised_at=received_at,
                received_at=received_at,
                flags=(*flags, Flag.UNREADABLE),
                evidence={"bytes": payload[:_BYTES_SHOWN].decode("utf-8", "backslashreplace")},
            )
        )

    def _read(
        self, record: Resolved, gateway_id: str, registry: Registry, received_at: datetime, key: str
    ) -> Iterator[Finding]:
        if record.signal == _MOVED:
            output_id, (at, _) = str((record.ev or {}).get("output_id", "")), self._moment(record.at, received_at)
            yield OutputMoved(gateway_id=gateway_id, output_id=output_id, at=at)
            return
        rule = self._rule(record, registry)
        is_raised = _verdict(rule, record)
        evidence = _evidence(record, rule)
        stage = fall.stage_of(evidence) if rule.kind is AlarmKind.FALL else None
        if is_raised is None and stage is None:
            return
        at, clock_flags = self._moment(record.at, received_at)
        identity, flags = identify(registry, gateway_id, record.device)
        if stage is Stage.RECOVERED:
            yield GotUp(identity=identity, at=at, evidence=evidence)
            return
        if rule.presence:
            badge = record.value if isinstance(record.value, str) else ""
            yield StaffSign(identity=identity, on=bool(record.value), badge=badge, at=at, flags=(*flags, *clock_flags))
            return
        cleared = self._profiles.rule(rule.clears) if rule.clears is not None else None
        if cleared is not None and cleared.kind in PERSONAL:
            yield Cancelled(kind=cleared.kind, identity=identity, at=at, flags=(*flags, *clock_flags))
            return
        subject = subject_of(record.device, rule, identity.room_id)
        if rule.clears is not None or not is_raised:
            yield Over(rule=rule.clears or rule.rule, subject=subject, at=at)
            return
        yield Raised(
            onset=Onset(
                rule=rule.rule,
                subject=subject,
                kind=rule.kind,
                priority=_priority(rule, evidence),
                latching=rule.latching,
                verify=rule.verify,
                momentary=rule.momentary,
                identity=of_home(registry, identity, subject) if rule.kind is AlarmKind.INACTIVITY else identity,
                record=_name_of_fall(rule, evidence) or key,
                raised_at=at,
                received_at=received_at,
                flags=(*flags, *clock_flags, *_flags(rule, evidence)),
                evidence=evidence,
            )
        )

    def _rule(self, record: Resolved, registry: Registry) -> Rule:
        """The rule that a record is about; an unknown word in the alarm lane still calls a person (law 6)."""
        if record.signal.startswith(JUDGEMENT_PREFIX):
            rule = self._profiles.rule(record.signal.removeprefix(JUDGEMENT_PREFIX))
        else:
            device = registry.device.get(record.device)
            rule = self._profiles.direct(
                device.profile if device is not None else None, record.signal, _number(record.value)
            )
        return rule if rule is not None else self._unknown

    def _moment(self, at_s: float, received_at: datetime) -> tuple[datetime, tuple[Flag, ...]]:
        """The time that counts, and what a person must know about it."""
        if math.isnan(at_s):
            return received_at, ()
        age_s = received_at.timestamp() - at_s
        if not -CLOCK_AHEAD_S <= age_s <= CLOCK_BEHIND_S:
            return received_at, (Flag.BAD_CLOCK,)
        at = min(datetime.fromtimestamp(at_s, UTC), received_at)
        return at, (Flag.LATE,) if age_s > self._late_after_s else ()


def subject_of(device: str, rule: Rule, room_id: str | None) -> str:
    """What a rule's alarm about a device, or about one of ``PLACES``, is about."""
    if ":" in device and device.partition(":")[0] in PLACES:
        return device
    if rule.subject == "room" and room_id is not None:
        return f"room:{room_id}"
    return f"device:{device}"


def _places(device: str, registry: Registry) -> Iterator[str]:
    """What a record of ``device`` may be about: itself, and the room that it hangs in or whose resident wears it."""
    yield device
    known = registry.device.get(device)
    if known is None:
        return
    resident = registry.resident.get(known.resident_id or "")
    for room_id in (known.room_id, resident.room_id if resident is not None else None):
        if room_id is not None:
            yield f"room:{room_id}"


def _verdict(rule: Rule, record: Resolved) -> bool | None:
    """Whether a record raises (True), clears (False) or says nothing (None)."""
    if record.signal.startswith(JUDGEMENT_PREFIX) or rule.type is not RuleType.DIRECT:
        return bool(record.value)
    if rule.signal != record.signal:  # the rule for unknown words
        return bool(record.value) or None
    return rule.verdict(_number(record.value))


def _number(value: float | bool | str) -> float:
    """The value as a detector sees it; a text that is no known code counts as the worst of them."""
    return float(FALL_CODES.get(value, FALL_CODES["confirmed"])) if isinstance(value, str) else float(value)


def _evidence(record: Resolved, rule: Rule) -> dict[str, Any]:  # Any: a JSON object
    stated: Mapping[str, Any] = record.ev or {}  # Any: a JSON object
    evidence = {"signal": record.signal, "value": record.value} | dict(stated)
    if rule.signal == record.signal == "fall":
        evidence["stage"] = _STAGES.get(int(_number(record.value)), Stage.CONFIRMED)
    return evidence


def _priority(rule: Rule, evidence: Mapping[str, Any]) -> Priority:  # Any: a JSON object
    if rule.kind is AlarmKind.FALL:
        return fall.priority_of(evidence, rule.priority)
    return inactivity.priority_of(inactivity.stage_of(rule.kind, evidence), rule.priority)


def _flags(rule: Rule, evidence: Mapping[str, Any]) -> tuple[Flag, ...]:  # Any: a JSON object
    if rule.kind is AlarmKind.TEST:
        return (Flag.TEST,)
    return inactivity.flags_of(inactivity.stage_of(rule.kind, evidence))


def _name_of_fall(rule: Rule, evidence: Mapping[str, Any]) -> str:  # Any: a JSON object
    """One fall is one alarm, whichever of a detector's words about it opens that."""
    impact_at_s = fall.impact_of(evidence) if rule.kind is AlarmKind.FALL else None
    return f"fall/{impact_at_s}" if impact_at_s is not None else ""
