"""What the console makes of a fire that is being verified: its heading, its steps, its waits in the site's form."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from alarms.core.profiles import load_profiles
from alarms.lifecycle.alarm import AlarmKind, Flag, Priority
from console import fire_waits
from console.pages.fire_stages import may_be_confirmed, triggers_of
from console.pages.headings import heading_of
from console.scripts import FIRE_STEPS, STEPS, steps_of
from console.view import alarm_view
from ingest.registry.model import ROOM_USES, Site
from tests.console_desk import a_fire

PROFILES = load_profiles()
UNTIL = datetime(2026, 3, 1, 12, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("stage", "heading"),
    [("pre_alarm", "Fire pre-alarm"), ("alarm", "Fire alarm"), ("confirmed", "Confirmed fire"), ("other", "Fire")],
)
def test_a_fire_is_called_by_how_certain_it_is(stage: str, heading: str) -> None:
    fire = a_fire(evidence={"stage": stage})
    assert heading_of(fire) == heading
    assert steps_of(AlarmKind.FIRE, stage) == FIRE_STEPS.get(stage, STEPS[AlarmKind.FIRE])
    assert may_be_confirmed(fire) is (stage != "confirmed")


def test_every_view_of_a_pre_alarm_says_until_when() -> None:
    fire = a_fire(evidence={"stage": "pre_alarm"}, flags=(Flag.PRE_ALARM,), priority=Priority.HIGH, verify_until=UNTIL)
    assert (alarm_view(fire, str)["fire"], alarm_view(fire, str)["verify_until"]) == ("pre_alarm", UNTIL)


def test_what_bore_it_out_is_listed_and_nonsense_is_left_out() -> None:
    device = {
        "what": "device",
        "id": "smoke-2",
        "name": "烟感",
        "room": "走廊",
        "at_s": 1772338941.0,
        "independent": True,
    }
    fire = a_fire(evidence={"confirmed_by": [device, "nonsense", {"what": "person", "id": "kong", "at_s": "x"}]})
    first, second = triggers_of(fire)
    assert (first.name, first.room, first.independent) == ("烟感", "走廊", True)
    assert (second.name, second.at) == ("kong", None)
    assert triggers_of(replace(fire, evidence={"confirmed_by": 3})) == []


def test_a_site_keeps_only_what_differs_from_the_profile() -> None:
    site = Site(site_id="pine", name="Pine", shard=1, thresholds={"smoke_dense": {"limit": 0.5}})
    shown = fire_waits.shown(PROFILES, site)
    assert (shown["wait_kitchen_s"], shown["wait_bedroom_s"], shown["wait_night_to_h"]) == (60, 0, 7)
    assert fire_waits.adjusted(PROFILES, {"name": "Pine", **shown}, site)["thresholds"] == site.thresholds
    given = fire_waits.adjusted(PROFILES, {**shown, "wait_kitchen_s": 90.0}, site)["thresholds"]
    assert given == {**site.thresholds, "fire_verification": {"kitchen_s": 90.0}}


def test_the_form_asks_for_every_use_within_the_rules_bounds() -> None:
    asked = {field.name: (field.least, field.most) for field in fire_waits.fields(PROFILES)}
    assert {f"wait_{use}_s" for use in ROOM_USES} < set(asked)
    assert asked["wait_kitchen_s"] == (0, 120)
