"""MQTT topics of Anxin, built and parsed in one place (docs/topics.md)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

ROOT = "anxin/v1"
SHARDS = 0x40
_ID = re.compile(r"[A-Za-z0-9_.:-]{1,64}\Z")


class Lane(StrEnum):
    """What a gateway publishes under ``up/``; each lane has its own sequence."""

    ALARM = "alarm"
    DATA = "data"
    MOTION = "motion"


@dataclass(frozen=True, slots=True)
class GatewayTopic:
    """A topic below ``anxin/v1/gw/{shard}/{gateway_id}/``."""

    shard: int
    gateway_id: str
    leaf: str

    @property
    def lane(self) -> Lane | None:
        """The lane of an ``up/`` topic, else None."""
        return _LANES.get(self.leaf)


@dataclass(frozen=True, slots=True)
class AlarmTopic:
    """A topic below ``anxin/v1/alarms/``; ``is_command`` tells ``…/do`` from the state."""

    site_id: str
    alarm_id: str
    is_command: bool


def gateway_prefix(shard: int, gateway_id: str) -> str:
    """The exact prefix that a gateway's credentials are good for, without a trailing slash."""
    return f"{ROOT}/gw/{shard:02x}/{gateway_id}"


def up(shard: int, gateway_id: str, lane: Lane) -> str:
    return f"{gateway_prefix(shard, gateway_id)}/up/{lane}"


def status(shard: int, gateway_id: str) -> str:
    return f"{gateway_prefix(shard, gateway_id)}/status"


def ack(shard: int, gateway_id: str, consumer: str) -> str:
    return f"{gateway_prefix(shard, gateway_id)}/down/ack/{consumer}"


def command(shard: int, gateway_id: str) -> str:
    return f"{gateway_prefix(shard, gateway_id)}/down/cmd"


def config(shard: int, gateway_id: str) -> str:
    return f"{gateway_prefix(shard, gateway_id)}/down/config"


def every_gateway(leaf: str) -> str:
    """A filter for one leaf of every gateway: ``every_gateway("up/alarm")``."""
    return f"{ROOT}/gw/+/+/{leaf}"


def alarm(site_id: str, alarm_id: str) -> str:
    return f"{ROOT}/alarms/{site_id}/{alarm_id}"


def alarm_do(site_id: str, alarm_id: str) -> str:
    return f"{alarm(site_id, alarm_id)}/do"


CANARY = "canary"
"""Account, gateway, site and device of the platform's own canary, in shard 0 (docs/operations.md)."""

EVERY_ALARM = f"{ROOT}/alarms/+/+"
EVERY_ALARM_DO = f"{ROOT}/alarms/+/+/do"


def site_do(site_id: str) -> str:
    return f"{ROOT}/sites/{site_id}/do"


def person_do(person: str) -> str:
    """Commands about a person, ``user:{id}`` or ``contact:{id}``."""
    return f"{ROOT}/people/{person}/do"


def presence(site_id: str, room_id: str) -> str:
    return f"{ROOT}/presence/{site_id}/{room_id}"


EVERY_SITE_DO = f"{ROOT}/sites/+/do"
EVERY_PERSON_DO = f"{ROOT}/people/+/do"
CHANNEL_ANSWERED = f"{ROOT}/console/answered"
"""Where ``alarms`` tells every console that a test call was answered."""
CHANNEL_ENDED = f"{ROOT}/console/ended"
"""Where ``alarms`` tells every console that an address has ended for good, until the registry says so."""
EVERY_PRESENCE = f"{ROOT}/presence/+/+"


def native(gateway_id: str) -> str:
    """Where native devices of a one-machine install publish, without a trailing slash."""
    return f"native/{gateway_id}"


def valid_id(text: str) -> bool:
    """True for an opaque ASCII id: 1 to 64 of letters, digits, ``_ . : -``."""
    return _ID.match(text) is not None


def parse_gateway(topic: str) -> GatewayTopic | None:
    """The parts of a gateway's topic, or None when it is not one."""
    parts = topic.split("/", 5)
    if len(parts) != 6 or parts[0] != "anxin" or parts[1] != "v1" or parts[2] != "gw":
        return None
    try:
        shard = int(parts[3], 16)
    except ValueError:
        return None
    if len(parts[3]) != 2 or not 0 <= shard < SHARDS or not valid_id(parts[4]):
        return None
    return GatewayTopic(shard, parts[4], parts[5])


def parse_alarm(topic: str) -> AlarmTopic | None:
    """The parts of an alarm's topic, or None when it is not one."""
    parts = topic.split("/")
    if parts[:3] != ["anxin", "v1", "alarms"] or len(parts) not in (5, 6):
        return None
    if len(parts) == 6 and parts[5] != "do":
        return None
    return AlarmTopic(parts[3], parts[4], len(parts) == 6)


def parse_site_do(topic: str) -> str | None:
    """The site of a topic on which a person commands the site, or None when it is not one."""
    parts = topic.split("/")
    return parts[3] if len(parts) == 5 and parts[:3] == ["anxin", "v1", "sites"] and parts[4] == "do" else None


def parse_person_do(topic: str) -> str | None:
    """The person of a topic on which somebody asks for something about them, or None when it is not one."""
    parts = topic.split("/")
    return parts[3] if len(parts) == 5 and parts[:3] == ["anxin", "v1", "people"] and parts[4] == "do" else None


def parse_presence(topic: str) -> tuple[str, str] | None:
    """The site and the room of a presence topic, or None when it is not one."""
    parts = topic.split("/")
    return (parts[3], parts[4]) if len(parts) == 5 and parts[:3] == ["anxin", "v1", "presence"] else None


_LANES = {f"up/{lane}": lane for lane in Lane}
