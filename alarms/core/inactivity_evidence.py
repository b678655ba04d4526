"""What a silence is judged from, in words and as a picture: this home's usual day, and today."""

from __future__ import annotations

import math
from typing import Any

from alarms.core.inactivity.clock import LocalClock
from alarms.core.inactivity.silence import Silence
from alarms.core.inactivity.steps import Step, Told
from alarms.core.since_words import since_words
from ingest.wire.life_stage import Stage

_WORTH_SAYING_S = 1800.0
_MOST_DAYS = 21
_WORTH_NAMING = 0.75
_ANY = ("sign of life", "活动迹象", "nothing")
_SURE = ("sign that only people cause", "确定是人的活动迹象", "none")


def of_silence(told: Told, clock: LocalClock, silence: Silence) -> dict[str, Any]:  # Any: a JSON object
    """The evidence of a step; of a silence that is over only that it is. ``back_s``: since when there is life again
    though all are still said to be away.

    The day is that of the place's clock: shares and signs of half hours, ``now_h`` and ``since_h`` hours after its
    midnight; a silence since yesterday began before 0.
    """
    if told.step is Step.OVER:
        by = f"{clock.local(told.home, told.at_s):%H:%M}"
        return {"text": f"a sign of life again by {by}", "text_zh": f"{by}又有活动迹象"}
    now, since = clock.local(told.home, told.at_s), clock.local(told.home, told.since_s)
    by, (since_zh, since_en) = f"{now:%H:%M}", since_words(since, now)
    sign_en, sign_zh, nothing = _SURE if told.sure else _ANY
    text_en, text_zh = f"now {nothing} since {since_en}", f"现在自{since_zh}起没有任何{sign_zh}"
    if told.longest:
        text_en = f"no {sign_en} since {since_en}: longer than usual here at any time of day"
        text_zh = f"自{since_zh}起没有任何{sign_zh},比这里任何时段平时都长"
    elif told.days:
        of_en, of_zh = f"the last {told.of_days} days", f"近{told.of_days}天"
        if told.of_days < _MOST_DAYS:
            of_en, of_zh = f"the {told.of_days} days of which it is known", f"有记录的{told.of_days}天"
        heated_en = heated_zh = ""
        if told.heated >= _WORTH_NAMING * told.days and not told.sure:  # what heats may be a thermostat
            heated_en = f", on {told.heated} of them something that heats, as a kettle does"
            heated_zh = f"(其中{told.heated}天用过电水壶一类的电热器具)"
        usual_en = f"by {by} there was a {sign_en} on {told.days} of {of_en}{heated_en}; "
        usual_zh = f"{of_zh}中有{told.days}天在{by}前已有{sign_zh}{heated_zh};"
        text_en, text_zh = usual_en + text_en, usual_zh + text_zh
    if told.out:
        text_en, text_zh = f"{text_en}; last heard at the front door", f"{text_zh};最后一次活动在入户门"
    if told.missed_s >= _WORTH_SAYING_S:
        hours = f"{told.missed_s / 3600:.1f}"
        text_en, text_zh = f"{text_en}; {hours} h of it could not be judged", f"{text_zh};其中{hours}小时无法判断"
    now_h = now.hour + now.minute / 60
    is_back = silence.away[told.home] and not silence.empty[told.home]
    shares = silence.rhythm(sure=told.sure).shares(told.home).tolist()
    return {
        "stage": Stage.ASKED if told.step is Step.ASK else Stage.MISSING,
        "since_s": told.since_s,
        "score": round(told.score, 2),
        **({"back_s": float(silence.back_at[told.home])} if is_back else {}),
        "text": text_en,
        "text_zh": text_zh,
        "day": {
            "usual": [None if math.isnan(share) else round(share, 3) for share in shares],
            "today": silence.today(told),
            "now_h": round(now_h, 2),
            "since_h": round(now_h - (told.at_s - told.since_s) / 3600, 2),
        },
    }
