"""Smoke, flow and valves in any order, with restarts anywhere: what stands decides, never what came first."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from alarms.lifecycle import sprinkler
from alarms.lifecycle.alarm import Alarm, AlarmKind, Condition
from tests.alarm_stories import Desk
from tests.unit.test_sprinkler_stories import HOME, home, judge

ZONES = {"smoke-e": "east", "smoke-w": "west", "flow-e": "east"}
moves = st.one_of(
    st.tuples(st.sampled_from(["smoke-e", "smoke-w", "flow-e", "pump", "pump"]), st.booleans()),
    st.tuples(st.just("resolve"), st.sampled_from(["smoke-e", "smoke-w", "flow-e"])),
    st.tuples(st.just("forward"), st.sampled_from([1, 40, 700])),
    st.tuples(st.just("restart"), st.none()),
)


def play(desk: Desk, what: str, value: object) -> None:
    match what:
        case "resolve":
            for alarm in desk.open:
                if alarm.identity.device_id == value:
                    desk.command(alarm, "resolve", "li", disposition="false_alarm")
        case "forward":
            desk.forward(float(str(value)))
        case "restart":
            desk.restart(HOME)
        case "pump":
            judge(desk, sprinkler.VALVE, "pump", bool(value))
        case _:
            desk.record(what, "water_flow" if what == "flow-e" else "smoke", bool(value))


def is_known(one: Alarm, other: Alarm) -> bool:
    return other.identity.device_id in [by["id"] for by in one.evidence.get("confirmed_by", [])]


@settings(max_examples=25, deadline=None)
@given(history=st.lists(moves, min_size=6, max_size=24))
def test_a_shut_valve_is_shouted_exactly_while_a_fire_stands_and_flow_and_fire_confirm_each_other(history) -> None:
    desk = home()
    for what, value in history:
        play(desk, what, value)
        by_rule = {rule: [one for one in desk.open if one.rule == rule] for rule in {one.rule for one in desk.open}}
        fires = [one for one in desk.open if one.kind is AlarmKind.FIRE]
        valves = by_rule.get(sprinkler.VALVE, [])
        assert bool(by_rule.get(sprinkler.VALVE_IN_FIRE)) is bool(valves and fires)
        for flow in by_rule.get("water_flow", []):
            for fire in fires:
                lasts = {flow.condition, fire.condition} == {Condition.ACTIVE}
                near = ZONES[fire.identity.device_id] == "east" and abs(fire.last_at - flow.last_at) <= sprinkler.WINDOW
                assert not (lasts and near) or (sprinkler.is_confirmed(flow) and is_known(fire, flow))
                assert not is_known(flow, fire) or ZONES[fire.identity.device_id] == "east"
