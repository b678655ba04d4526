"""What the canary says in its alarm lane, and in which words people read it."""

from __future__ import annotations

from console.watch.canary import Leg
from ingest.wire.senml import Record
from ingest.wire.signals import JUDGEMENT_PREFIX
from ingest.wire.topics import CANARY

RULE = "canary_missed"
PLATFORM = "site:platform"

_STOPPED_AT = {
    Leg.BROKER: ("the message broker did not deliver it", "消息服务器未能送达"),
    Leg.ALARMS: ("the alarm engine did not take it", "报警引擎没有处理"),
    Leg.FEED: ("it did not reach the console's live feed", "未到达控制台的实时推送"),
}


def press(name: str, at_s: float) -> Record:
    """A press of the canary's button; alarm and feed show ``name``, so that this press is known again."""
    return Record(bn=f"{CANARY}/", n="help_call", vb=True, t=at_s, ev={"text": name})


def missed(leg: Leg, misses: int, at_s: float) -> Record:
    """The path is broken: an alarm of the platform."""
    en, zh = _STOPPED_AT[leg]
    return _verdict(
        raised=True,
        at_s=at_s,
        evidence={
            "text": f"the platform's own test call was missed {misses} times in a row: {en}",
            "text_zh": f"平台自检呼叫连续 {misses} 次未通过：{zh}",
            "leg": str(leg),
        },
    )


def cleared(at_s: float) -> Record:
    """The path works again."""
    return _verdict(raised=False, at_s=at_s, evidence=None)


def _verdict(*, raised: bool, at_s: float, evidence: dict[str, str] | None) -> Record:
    return Record(bn=f"{PLATFORM}/", n=f"{JUDGEMENT_PREFIX}{RULE}", vb=raised, t=at_s, ev=evidence)
