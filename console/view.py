"""What the feed and the API show of an alarm: everything a person needs, no webhook address."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import Any

from alarms.lifecycle.alarm import Act, Alarm, Assigned, OnTheWay, Suppressed
from console.endings import endings, ends_incident, needs_second
from console.pages.fall_stages import stage_of
from console.pages.fire_stages import fire_stage_of, has_refused_link
from console.pages.life_stages import life_stage_of

NameOf = Callable[[str], str]
"""A user's name for an id; the id itself where nobody knows it."""


def alarm_view(alarm: Alarm, name_of: NameOf, *, full: bool = False) -> dict[str, Any]:  # Any: a JSON object
    """The alarm as JSON; ``full`` adds the evidence's series, which the list does not need.

    ``endings``, ``ask_reached``, ``needs_second`` and ``ends_incident``: see ``endings.py``. ``answered`` is true when
    enough people have taken it. ``fall`` says how certain a fall is: suspected, confirmed or recovered; ``fire`` a
    fire: pre_alarm, alarm, confirmed or cleared, and ``verify_until`` when a pre-alarm sounds; ``life`` how far a
    missing sign of life has come: asked or missing;
    ``link_refused``: something that was to be switched was not, or has not moved.
    """
    identity = asdict(alarm.identity)
    identity["contacts"] = [{"name": c.name, "relation": c.relation, "phone": c.phone} for c in alarm.identity.contacts]
    possible, asking = endings(alarm)
    view: dict[str, Any] = {  # Any: a JSON object
        "alarm_id": alarm.alarm_id,
        "version": alarm.version,
        "rule": alarm.rule,
        "subject": alarm.subject,
        "kind": alarm.kind,
        "fall": stage_of(alarm),
        "fire": fire_stage_of(alarm),
        "life": life_stage_of(alarm),
        "link_refused": has_refused_link(alarm),
        "priority": alarm.priority,
        "latching": alarm.latching,
        "momentary": alarm.momentary,
        "identity": identity,
        "raised_at": alarm.raised_at,
        "received_at": alarm.received_at,
        "last_at": alarm.last_at,
        "count": alarm.count,
        "round": alarm.round,
        "step": alarm.step,
        "condition": alarm.condition,
        "response": alarm.response,
        "flags": alarm.flags,
        "text": {language: evidence_text(alarm, language) for language in ("en", "zh")},
        "cleared_at": alarm.cleared_at,
        "acknowledged": _act(alarm.acknowledged, name_of),
        "attended": _act(alarm.attended, name_of),
        "resolved": _act(alarm.resolved, name_of),
        "takers": [_act(act, name_of) for act in alarm.takers],
        "needed": alarm.needed,
        "answered": alarm.answered,
        "assigned": _assigned(alarm.assigned, name_of),
        "coming": [_on_the_way(one, name_of) for one in alarm.coming],
        "suppressed": _suppressed(alarm.suppressed, name_of),
        "incident_id": alarm.incident_id,
        "ends_incident": ends_incident(alarm),
        "disposition": alarm.disposition,
        "reached": alarm.reached,
        "endings": possible,
        "ask_reached": asking,
        "needs_second": needs_second(alarm),
        "note": alarm.note,
        "next_step_at": alarm.next_step_at,
        "return_at": alarm.return_at,
        "verify_until": alarm.verify_until,
    }
    if full:
        view["evidence"] = alarm.evidence
    return view


def presence_view(
    site_id: str, room_id: str, by: Sequence[str], name_of: NameOf
) -> dict[str, Any]:  # Any: a JSON object
    """Staff in a room; ``by`` is empty when they have left, ``names`` also where nobody knows who it is."""
    names = [name_of(one) for one in by if not one.startswith("staff:")]
    return {"site_id": site_id, "room_id": room_id, "by": by, "names": names}


def evidence_text(alarm: Alarm, language: str) -> str:
    """What the detector says, in ``language`` where it says it in that language."""
    evidence = alarm.evidence
    return str(evidence.get(f"text_{language}") or evidence.get("text") or "")


def _act(act: Act | None, name_of: NameOf) -> dict[str, Any] | None:  # Any: a JSON object
    return None if act is None else {"by": act.by, "name": name_of(act.by), "at": act.at}


def _assigned(assigned: Assigned | None, name_of: NameOf) -> dict[str, Any] | None:  # Any: a JSON object
    if assigned is None:
        return None
    return {"to": assigned.to, "name": name_of(assigned.to), "by": name_of(assigned.by), "at": assigned.at}


def _on_the_way(one: OnTheWay, name_of: NameOf) -> dict[str, Any]:  # Any: a JSON object
    return {**asdict(one), "name": name_of(one.by)}


def _suppressed(aside: Suppressed | None, name_of: NameOf) -> dict[str, Any] | None:  # Any: a JSON object
    if aside is None:
        return None
    names = {"name": name_of(aside.by), "second_name": name_of(aside.second) if aside.second is not None else None}
    return {**asdict(aside), **names}
