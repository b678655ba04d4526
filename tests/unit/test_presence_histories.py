"""Generated histories of a ward: no press is swallowed, and no call ends without somebody where it came from."""

from __future__ import annotations

from datetime import timedelta

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from alarms.lifecycle.alarm import Alarm, AlarmKind, Reached, Response
from ingest.registry.model import Device, Registry
from ingest.wire.signals import Kind
from tests.alarm_stories import REGISTRY, Desk

FIXED = {"sos-201": "r201", "cord-201": "r201", "here-201": "r201", "sos-202": "r202", "here-202": "r202"}
PROFILES = {"sos": "sos_button", "cord": "pull_cord", "here": "presence_button"}
PENDANT = "pendant-wang"


def _home() -> Registry:
    kept = tuple(one for one in REGISTRY.devices if one.device_id not in FIXED)
    fixed = tuple(
        Device(
            device_id=name, number=10 + number, site_id="pine", gateway_id="gw-pine", kind=Kind.BUTTON,
            profile=PROFILES[name.partition("-")[0]], room_id=room_id,
        )
        for number, (name, room_id) in enumerate(FIXED.items())
    )  # fmt: skip
    pendant = Device(
        device_id=PENDANT, number=30, site_id="pine", gateway_id="gw-pine", kind=Kind.WEARABLE, profile="pendant",
        resident_id="wang",
    )  # fmt: skip
    return msgspec.structs.replace(REGISTRY, devices=(*kept, *fixed, pendant))


HOME = _home()
calling = st.sampled_from(["sos-201", "cord-201", "sos-202", PENDANT])
buttons = st.sampled_from([*FIXED, PENDANT, "unknown"])
late_s = st.sampled_from([0, 0, 0, 5, 200])
acts = st.one_of(
    st.tuples(st.just("press"), calling, st.just(0)),
    st.tuples(st.just("cancel"), buttons, late_s),
    st.tuples(st.just("come"), buttons, late_s),
    st.tuples(st.just("leave"), buttons, late_s),
    st.tuples(st.sampled_from(["acknowledge", "attend"]), calling, st.just(0)),
    st.tuples(st.just("wait"), st.just(""), st.sampled_from([1, 31, 200, 3700])),
    st.tuples(st.just("restart"), st.just(""), st.just(0)),
)


@settings(max_examples=20, deadline=None)
@given(st.lists(acts, max_size=25))
def test_no_press_is_swallowed_and_no_call_ends_without_somebody_at_its_place(
    history: list[tuple[str, str, int]],
) -> None:
    desk = Desk(HOME)
    for what, button, seconds in history:
        before = {alarm.alarm_id: alarm for alarm in desk.open}
        _act(desk, what, button, seconds)
        if what == "press":
            answers = [alarm for alarm in desk.open if alarm.last_at == desk.now and alarm.response is Response.NEW]
            assert answers, f"the press of {button} rings nowhere"
        for alarm_id in before.keys() - {alarm.alarm_id for alarm in desk.open}:
            ended = desk.journal.alarm(alarm_id)
            assert ended is not None
            _check_end(before[alarm_id], ended, what, button, desk)
        for one in desk.journal.presences():
            assert one.since <= desk.now < one.until <= desk.now + timedelta(hours=1)
    desk.forward(7200)
    assert desk.journal.presences() == []
    assert all(alarm.response is Response.NEW for alarm in desk.open), "whatever nobody ended rings again"


def _act(desk: Desk, what: str, button: str, seconds: int) -> None:
    at = desk.now - timedelta(seconds=seconds)
    match what:
        case "press":
            desk.forward(1)
            desk.record(button, "help_call")
        case "cancel":
            desk.record(button, "call_cancel", at=at)
        case "come" | "leave":
            desk.record(button, "staff_present", value=what == "come", at=at)
        case "wait":
            desk.forward(seconds)
        case "restart":
            desk.restart(HOME)
        case _:
            for alarm in desk.open:
                if alarm.identity.device_id == button:
                    desk.command(alarm, what, "li")


def _check_end(before: Alarm, ended: Alarm, what: str, button: str, desk: Desk) -> None:
    """Only a button where the call came from ends it, or the pendant itself with somebody at the wearer's side."""
    assert (ended.kind, ended.reached) == (AlarmKind.HELP_CALL, Reached.AT_ORIGIN)
    assert what in ("cancel", "leave")
    caller = before.identity.device_id
    if before.rule == "help_call" and caller == PENDANT:
        assert (what, button, before.response) == ("cancel", PENDANT, Response.ATTENDED)
    else:
        assert FIXED.get(button) == FIXED.get(caller), "from another room"
    if what == "leave":
        assert before.response is Response.ATTENDED
