"""A fall in the stages that a carer reads, out of its evidence: before, impact, posture, after. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from alarms.lifecycle.alarm import Alarm, AlarmKind
from console.language import N_
from console.pages.chart import Span, moment_of, number_of, number_text
from console.words import FALL_AFTER, FALL_BEFORE, FALL_STAGES, PLACEMENTS, SENSITIVITIES

_LETTERS = "ABCDEFGH"
_STAGE_OF_RULE = {"fall_suspected": "suspected", "fall_confirmed": "confirmed"}
_MINUTES_FROM_S = 120.0
_DOING = {"before": FALL_BEFORE, "after": FALL_AFTER}
_BLOWS = {
    "impact": (N_("Impact of %(peak)s g"), N_("Impact")),
    "slump": (N_("Slumped down, at most %(peak)s g"), N_("Slumped down")),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class FallStep:
    """One stage; ``letter`` marks it in the charts too. ``text`` and ``lasted`` are marked texts with their facts."""

    part: str
    letter: str
    text: str
    facts: Mapping[str, str] = field(default_factory=dict)
    at: datetime | str | None = None
    lasted: str = ""
    lasted_facts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class FallTold:
    """What the sheet says of a fall; an empty text is not known. ``stage`` is a key of ``FALL_STAGES``.

    ``likeness``, ``placement`` and ``sensitivity`` are marked texts; ``spans`` are the stages with a time.
    """

    stage: str
    steps: tuple[FallStep, ...]
    spans: tuple[Span, ...]
    likeness: str
    score: str
    threshold: str
    placement: str
    sensitivity: str


def stage_of(alarm: Alarm) -> str:
    """How certain a fall is, a key of ``FALL_STAGES``; empty: nobody said, or it is no fall."""
    return _certainty(alarm.rule, alarm.evidence) if alarm.kind is AlarmKind.FALL else ""


def told_of(rule: str, evidence: Mapping[str, Any]) -> FallTold:  # Any: a JSON object
    """The stages of a fall; what cannot be read is left out, never an error."""
    stages = evidence.get("stages")
    read = [_read(one) for one in stages if isinstance(one, dict)] if isinstance(stages, list) else []
    known = [one for one in read if one is not None]
    last_s = max((one.to_s for one in known if one.to_s is not None), default=0.0)
    lettered = list(zip(_LETTERS, known, strict=False))
    score, threshold = number_of(evidence.get("score")), number_of(evidence.get("threshold"))
    return FallTold(
        stage=_certainty(rule, evidence),
        steps=tuple(one.step(letter, last_s) for letter, one in lettered),
        spans=tuple(
            Span(part=one.part, letter=letter, text=one.text, facts=one.facts, from_s=one.from_s, to_s=one.to_s)
            for letter, one in lettered
            if one.from_s is not None and one.to_s is not None
        ),
        likeness="" if score is None or threshold is None else _likeness(score, threshold),
        score="" if score is None else number_text(score),
        threshold="" if threshold is None else number_text(threshold),
        placement=_word(PLACEMENTS, evidence.get("placement")),
        sensitivity=_word(SENSITIVITIES, evidence.get("sensitivity")),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Stage:
    part: str
    text: str
    facts: Mapping[str, str] = field(default_factory=dict)
    from_s: float | None = None
    to_s: float | None = None

    def step(self, letter: str, last_s: float) -> FallStep:
        begins_s, ends_s = self.from_s, self.to_s
        lasted_s = ends_s - begins_s if begins_s is not None and ends_s is not None else 0.0
        lasted, count = _lasted(lasted_s)
        return FallStep(
            part=self.part,
            letter=letter,
            text=self.text,
            facts=self.facts,
            at=None if begins_s is None else moment_of(begins_s, last_s),
            lasted=lasted,
            lasted_facts={"count": count} if lasted else {},
        )


def _certainty(rule: str, evidence: Mapping[str, Any]) -> str:  # Any: a JSON object
    stage = evidence.get("stage")
    return stage if isinstance(stage, str) and stage in FALL_STAGES else _STAGE_OF_RULE.get(rule, "")


def _read(stage: Mapping[str, Any]) -> _Stage | None:  # Any: a JSON object
    part = stage.get("stage")
    if part == "posture":
        turn = number_of(stage.get("turn_deg"))
        facts = {} if turn is None else {"degrees": f"{turn:.0f}"}
        return _Stage(part=part, text=N_("Body turned by %(degrees)s°"), facts=facts) if facts else None
    if not isinstance(part, str):
        return None
    if part in _BLOWS:
        peak, at_s = number_of(stage.get("peak_g")), number_of(stage.get("at_s"))
        measured, plain = _BLOWS[part]
        facts = {} if peak is None else {"peak": f"{peak:.1f}"}
        return _Stage(part=part, text=measured if facts else plain, facts=facts, from_s=at_s, to_s=at_s)
    text = _word(_DOING.get(part, {}), stage.get("what"))
    if not text:
        return None
    from_s, to_s = number_of(stage.get("from_s")), number_of(stage.get("to_s"))
    if from_s is not None and to_s is not None and to_s < from_s:
        from_s = to_s = None
    return _Stage(part=part, text=text, from_s=from_s, to_s=to_s)


def _word(words: Mapping[str, str], value: object) -> str:
    return words.get(value, "") if isinstance(value, str) else ""


def _likeness(score: float, threshold: float) -> str:
    if score < threshold:
        return N_("under the limit")
    return N_("clearly over the limit") if score >= (1 + threshold) / 2 else N_("just over the limit")


def _lasted(seconds: float) -> tuple[str, str]:
    if seconds >= _MINUTES_FROM_S:
        return N_("for %(count)s min"), number_text(round(seconds / 60))
    return (N_("for %(count)s s"), number_text(round(seconds))) if round(seconds) else ("", "")
