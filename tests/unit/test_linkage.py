"""What a fire switches: only with two triggers or a person, once, never what must not be. Stories."""

from __future__ import annotations

import json
from typing import Any

import pytest

from alarms.engine import site_configs
from gateway.outputs import Outputs
from tests.fire_home import FireDesk, fire_home, linked_home


@pytest.fixture
def desk() -> FireDesk:
    return FireDesk(linked_home())


def commands(desk: FireDesk) -> list[dict[str, Any]]:
    return [body for topic, body in desk.messages if topic.endswith("/down/cmd") and body["cmd"] == "output"]


def asked(desk: FireDesk) -> list[str]:
    return [body["output_id"] for body in commands(desk)]


def told(desk: FireDesk, device: str) -> dict[str, tuple[bool, str]]:
    return {one["output_id"]: (one["refused"], one["why"]) for one in desk.of(device).evidence["linkage"]}


def test_one_detector_switches_nothing_however_long_it_stands(desk: FireDesk) -> None:
    desk.record("kitchen-smoke", "smoke")
    desk.forward(600)
    desk.record("kitchen-smoke", "judge/heat_high")
    desk.record("bathroom-smoke", "smoke")  # another floor
    assert commands(desk) == []


def test_a_judgement_over_a_room_is_no_second_trigger_beside_its_own_devices(desk: FireDesk) -> None:
    desk.record("kitchen-smoke", "smoke")
    desk.record("room:kitchen", "judge/heat_high")
    assert commands(desk) == []
    desk.record("room:corridor", "judge/heat_high")
    assert "siren" in asked(desk)


def test_two_triggers_of_a_floor_switch_what_is_theirs_once(desk: FireDesk) -> None:
    desk.record("kitchen-smoke", "smoke")
    desk.record("corridor-smoke", "smoke")
    assert sorted(asked(desk)) == ["doors-ground", "kitchen-gas", "kitchen-power", "siren"]
    assert told(desk, "kitchen-smoke")["siren"] == (False, "two_triggers")
    desk.record("kitchen-heat", "heat_alarm")
    desk.record("store-smoke", "smoke")
    desk.forward(600)
    assert len(commands(desk)) == 4
    desk.record("bathroom-smoke", "smoke")
    desk.command(desk.of("bathroom-smoke"), "confirm_fire", "kong")  # it has reached the other floor
    assert asked(desk)[4:] == ["doors-upper"]


def test_a_command_names_why_expires_and_comes_once(desk: FireDesk) -> None:
    desk.record("kitchen-smoke", "smoke")
    desk.command(desk.only, "confirm_fire", "kong")
    first = commands(desk)[0]
    assert (first["reason"], first["expires_at"]) == ("person", desk.now.timestamp() + 120)
    assert len({body["nonce"] for body in commands(desk)}) == len(commands(desk)) == 4
    assert "Linked" in desk.log(desk.only)
    desk.restart(linked_home())
    desk.command(desk.only, "confirm_fire", "li")
    assert len(commands(desk)) == 4


def test_what_must_not_lose_power_keeps_it_and_everybody_sees_why(desk: FireDesk) -> None:
    desk.record("bedroom-smoke", "smoke")
    desk.command(desk.only, "confirm_fire", "kong")
    assert "bedroom-power" not in asked(desk)
    assert told(desk, "bedroom-smoke")["bedroom-power"] == (True, "feeds")
    assert desk.command(desk.only, "link", "kong", to="bedroom-power")["ok"]  # nor does a person's word cut it
    assert "bedroom-power" not in asked(desk)


def test_where_gas_stands_no_relay_cuts_power(desk: FireDesk) -> None:
    desk.record("corridor-button", "gas")
    desk.record("kitchen-smoke", "smoke")
    desk.command(desk.of("kitchen-smoke"), "confirm_fire", "kong")
    assert told(desk, "kitchen-smoke")["kitchen-power"] == (True, "gas")
    assert "kitchen-gas" in asked(desk)


def test_water_is_shut_by_a_person_only_and_never_in_a_fire(desk: FireDesk) -> None:
    desk.record("kitchen-smoke", "smoke")
    desk.record("corridor-button", "water_flow")
    assert "main-water" not in asked(desk)
    fire = desk.of("kitchen-smoke")
    assert desk.command(fire, "link", "kong", to="main-water")["ok"]
    assert told(desk, "kitchen-smoke")["main-water"] == (True, "flow")
    desk.record("kitchen-smoke", "smoke", False)
    desk.record("corridor-button", "water_flow", False)
    desk.command(desk.of("kitchen-smoke"), "link", "kong", to="main-water")
    assert asked(desk)[-1] == "main-water"


def test_a_person_may_ask_again_and_for_one_detector_too(desk: FireDesk) -> None:
    desk.record("kitchen-smoke", "smoke")
    for _ in range(2):
        assert desk.command(desk.only, "link", "kong", to="siren")["ok"]
    assert asked(desk) == ["siren", "siren"]
    assert not desk.command(desk.only, "link", "kong", to="no-such")["ok"]


def test_a_test_an_exercise_and_unknown_devices_switch_nothing(desk: FireDesk) -> None:
    desk.record("kitchen-smoke", "test")
    desk.record("corridor-smoke", "test")
    desk.record("kitchen-smoke", "smoke")
    desk.record("corridor-smoke", "smoke")
    desk.record("nobody-knows", "smoke")
    desk.record("nobody-else", "smoke")
    assert commands(desk) == []


def test_silence_clears_no_condition_and_a_new_room_sounds_again(desk: FireDesk) -> None:
    desk.record("bedroom-smoke", "smoke")
    desk.command(desk.only, "acknowledge", "kong")
    assert desk.sirens[-1] == ("bedroom-smoke", False)
    assert (desk.only.condition, desk.only.is_open) == ("active", True)
    assert not desk.command(desk.only, "resolve", "kong", disposition="fire_service")["ok"]
    before = len(desk.heard)
    desk.record("kitchen-smoke", "smoke")
    assert len(desk.heard) > before
    assert desk.of("kitchen-smoke").priority == "emergency"


def test_the_gateway_switches_only_what_its_signed_configuration_names() -> None:
    sent: list[tuple[str, bytes]] = []

    def publish(topic: str, payload: bytes) -> bool:
        sent.append((topic, payload))
        return True

    (config,) = site_configs.configs(linked_home())
    outputs = Outputs(publish, "", "zigbee2mqtt", config)
    assert outputs.switch("siren", "siren")
    assert [(topic, json.loads(body)) for topic, body in sent] == [("zigbee2mqtt/siren/set", {"state": "ON"})]
    assert not outputs.switch("siren", "power_cut")
    assert not outputs.switch("other", "siren")
    (config,) = site_configs.configs(fire_home())
    outputs.configure(config)
    assert not outputs.switch("siren", "siren")
