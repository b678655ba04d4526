"""Messages to people: one channel each, and the next one when the first fails or stays silent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from alarms.engine.people import Person
from alarms.journal.records import Send
from alarms.lifecycle.alarm import Alarm, Priority
from alarms.lifecycle.effects import Notify, Reason
from alarms.notify.message import Language
from ingest.registry.model import Registry

OVER = "@over"
"""The mark of the messages that say that an alarm is over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """Which step of which round is told, why, and how long a channel has."""

    step: int
    round: int
    reason: str
    hand_over_s: float
    mark: str = ""

    @classmethod
    def of(cls, notify: Notify) -> Cause:
        return cls(
            step=notify.step, round=notify.round, reason=notify.reason, hand_over_s=notify.hand_over_s, mark=notify.mark
        )

    @classmethod
    def after(cls, send: Send, hand_over_s: float) -> Cause:
        """The same step once more, over the next channel."""
        reason = Reason.HANDED_OVER
        return cls(step=send.step, round=send.round, reason=reason, hand_over_s=hand_over_s, mark=mark_of_step(send))


def next_send(alarm: Alarm, person: Person, tried: Sequence[Send], cause: Cause, now: datetime) -> Send | None:
    """The message over the person's first channel that is not among ``tried``, those of the same step and round.

    Its key is (alarm, step, round, target, channel).
    """
    used = {(send.channel, send.address) for send in tried}
    left = [reach for reach in person.reaches if (reach.channel, reach.address) not in used]
    if not left:
        return None
    reach = left[0]
    earlier = sum(send.channel == reach.channel for send in tried)
    channel = f"{reach.channel}#{earlier + 1}" if earlier else reach.channel
    has_next = len(left) > 1
    return Send(
        send_key=f"{keys_of(alarm.alarm_id, cause)}{person.target}/{channel}",
        alarm_id=alarm.alarm_id,
        step=cause.step,
        round=cause.round,
        target=person.target,
        channel=reach.channel,
        address=reach.address,
        reason=cause.reason,
        urgent=alarm.priority is Priority.EMERGENCY and cause.mark != OVER,
        due_s=now.timestamp(),
        place=len(tried),
        hand_over_s=(now + timedelta(seconds=cause.hand_over_s)).timestamp() if has_next else None,
    )


def mark_of_step(send: Send) -> str:
    """What stands behind the step's number in a message's key."""
    return send.send_key.split("/")[1].removeprefix(str(send.step))


def keys_of(alarm_id: str, cause: Cause) -> str:
    """How the keys of a step's messages begin, those of one round."""
    return f"{alarm_id}/{cause.step}{cause.mark}/{cause.round}/"


def by_of(target: str) -> str:
    """A target as commands name people: an account by its bare id, as at the desk, so that one person is one."""
    return target.removeprefix("user:")


def language_of(registry: Registry, send: Send) -> Language:
    """The language of the address; both where nobody has said which."""
    of_person = registry.reaches_of.get(send.target, ())
    spoken = [r.language for r in of_person if (r.channel, r.address) == (send.channel, send.address)]
    return Language(spoken[0]) if spoken else Language.BOTH
