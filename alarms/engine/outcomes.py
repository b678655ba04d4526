"""From what a channel said to what the journal must know of it."""

from __future__ import annotations

import random
from datetime import datetime, timedelta

from alarms.engine.telling import Sent
from alarms.notify.dispatcher import Outcome

_RETRY_S = (0.5, 1.0, 2.0, 5.0, 10.0, 30.0)


def outcome_to_sent(outcome: Outcome, now: datetime) -> Sent:
    """What the journal must know of an attempt: done, or to be tried again with back-off."""
    attempt = outcome.task.attempt
    retry_at = None
    if not outcome.ok and not outcome.permanent:
        wait_s = _RETRY_S[min(attempt, len(_RETRY_S)) - 1] * (0.8 + 0.4 * random.random())  # noqa: S311 - jitter
        retry_at = now + timedelta(seconds=max(wait_s, outcome.retry_after_s or 0.0))
    return Sent(
        send_key=outcome.task.notice.key,
        alarm_id=outcome.task.notice.alarm_id,
        attempts=attempt,
        ok=outcome.ok,
        result=outcome.result,
        at=now,
        retry_at=retry_at,
        gone=(outcome.task.channel, outcome.task.address) if outcome.gone else None,
    )
