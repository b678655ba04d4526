"""Generated evenings of smoke, heat and call points: platform, gateway and a slow twin sound alike, each second."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fire_home import FireDesk, fire_home, with_stair
from tests.naive_fire import NaiveFire
from tests.unit.test_gateway_verification import Box

_SAYS = st.tuples(
    st.integers(0, 40),
    st.sampled_from(
        [
            ("smoke", "kitchen-smoke"),
            ("smoke", "corridor-smoke"),
            ("smoke", "bathroom-smoke"),
            ("smoke", "bedroom-smoke"),
            ("heat_alarm", "kitchen-heat"),
            ("call_point", "corridor-button"),
        ]
    ),
    st.booleans(),
)


@given(st.lists(_SAYS, max_size=12), st.booleans())
@settings(max_examples=60, deadline=None)
def test_platform_gateway_and_twin_agree(evening: list[tuple[int, tuple[str, str], bool]], stair: bool) -> None:
    registry = with_stair() if stair else fire_home()
    desk, box, twin = FireDesk(registry), Box(registry), NaiveFire(stair)
    now_s = 0
    for after_s, (signal, device), on in [*evening, (90, ("smoke", "bathroom-smoke"), False)]:
        for _ in range(after_s):
            now_s += 1
            desk.forward(1)
            box.forward(1)
            twin.look(now_s)
            assert _sounding(desk) == _reasons(box) == twin.sounding
        desk.record(device, signal, on)
        box.says(device, signal, on)
        twin.say(signal, device, on, now_s)
        _leave(desk)
        assert _sounding(desk) == _reasons(box) == twin.sounding


def _sounding(desk: FireDesk) -> set[tuple[str, str]]:
    return {(alarm.rule, alarm.identity.device_id) for alarm in desk.open if not alarm.is_pre_alarm}


def _reasons(box: Box) -> set[tuple[str, str]]:
    return {(reason.rule, reason.device_id) for reason in box.sounding.reasons}


def _leave(desk: FireDesk) -> None:
    """A fire that is out is resolved at once, so that the platform knows no more than the gateway."""
    for alarm in desk.open:
        if alarm.condition == "cleared":
            assert desk.command(alarm, "resolve", "kong", disposition="no_need")["ok"]
