"""Every message of the families that we read, as devices really send them."""

from __future__ import annotations

import json
import math
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from gateway.adapters.families import Families
from gateway.adapters.native import Decoded, NativeDecodeError, NativeMessage
from gateway.decode import decode_lines
from tests.parts import MISSING

FAMILIES = ("zigbee2mqtt", "shelly-gen2", "tasmota", "any")
VECTORS = Path(os.environ.get("ANXIN_TEST_VECTORS") or Path(__file__).parents[3] / "shared" / "vectors")

OWN: list[dict[str, Any]] = [
    {
        "id": "own-smoke",
        "topic": "zigbee2mqtt/二楼厨房 烟感",
        "payload": '{"smoke":true,"battery":"","temperature":21.5,"linkquality":300}',
        "expect": {"device": "二楼厨房 烟感", "signals": {"smoke": True, "temp_c": 21.5}},
    },
    {
        "id": "own-button-with-keys",
        "topic": "zigbee2mqtt/Wall/Button",
        "payload": '{"action":"2_double","voltage":2900,"battery":71}',
        "expect": {"device": "Wall/Button", "signals": {"battery_v": 2.9}, "events": ["button_double"]},
    },
    {
        "id": "own-keypad-panic",
        "topic": "zigbee2mqtt/Keypad",
        "payload": '{"action":"panic","action_code":null}',
        "expect": {"device": "Keypad", "events": ["help_call"]},
    },
    {
        "id": "own-call-on-its-topic-as-json-text",
        "topic": "zigbee2mqtt/Cord/action",
        "payload": '"sos"',
        "expect": {"device": "Cord", "events": ["help_call"]},
    },
    {
        "id": "own-attribute",
        "topic": "zigbee2mqtt/Cord/battery",
        "payload": "55",
        "expect": {"device": "Cord", "signals": {"battery_pct": 55}},
    },
    {
        "id": "own-wrong-type-beside-the-alarm",
        "topic": "zigbee2mqtt/Hall smoke",
        "payload": '{"smoke":true,"battery":{"a":1},"linkquality":"strong","last_seen":"soon"}',
        "expect": {"device": "Hall smoke", "signals": {"smoke": True}},
    },
    {
        "id": "own-door",
        "topic": "zigbee2mqtt/Door",
        "payload": '{"contact":false,"last_seen":1763781000123}',
        "expect": {
            "device": "Door",
            "signals": {"contact_open": True},
            "observed_at": "2025-11-22T03:10:00.123000Z",
        },
    },
    {
        "id": "own-bridge-log",
        "topic": "zigbee2mqtt/bridge/logging",
        "payload": '{"level":"info"}',
        "expect": {"device": "bridge", "ignore": True},
    },
    {
        "id": "own-three-phases",
        "topic": "shellypro3em-0a/status/em:0",
        "payload": '{"id":0,"a_current":1.5,"b_current":2.5,"c_current":3.5,"a_voltage":230,"b_voltage":231,'
        '"c_voltage":232,"a_act_power":-10,"b_act_power":20,"c_act_power":30,"total_act_power":40}',
        "expect": {
            "device": "shellypro3em-0a",
            "signals": {"current_a": [1.5, 2.5, 3.5], "voltage_v": [230, 231, 232], "power_w": 40},
        },
    },
    {
        "id": "own-input-event",
        "topic": "house/panel/events/rpc",
        "payload": '{"src":"x","method":"NotifyEvent","params":{"ts":1763781000.5,"events":'
        '[{"component":"input:1","id":1,"event":"btn_down"},{"component":"input:1","id":1,"event":"long_push"}]}}',
        "expect": {
            "device": "house/panel",
            "events": ["button_long"],
            "observed_at": "2025-11-22T03:10:00.500000Z",
        },
    },
    {
        "id": "own-overpower",
        "topic": "shellyplus1pm-0b/status/switch:0",
        "payload": '{"id":0,"output":false,"apower":0,"errors":["overpower"],"aenergy":{"total":12500}}',
        "expect": {
            "device": "shellyplus1pm-0b",
            "signals": {"electrical_trip": True, "switch_on": False, "energy_kwh": 12.5},
        },
    },
    {
        "id": "own-flood",
        "topic": "shellyflood-0c/status/flood:0",
        "payload": '{"id":0,"alarm":true,"mute":true}',
        "expect": {"device": "shellyflood-0c", "signals": {"leak": True, "muted": True}},
    },
    {
        "id": "own-foreign-topic",
        "topic": "weather/today",
        "payload": "{}",
        "expect": {"device": "", "error": "unknown_topic"},
    },
    {
        "id": "own-senml",
        "topic": "senml/pendant-7",
        "payload": '[{"bn":"pendant-7/","bt":1763781000,"n":"help_call","vb":true},{"n":"battery_pct","v":80}]',
        "expect": {
            "device": "pendant-7",
            "signals": {"battery_pct": 80},
            "events": ["help_call"],
            "observed_at": "2025-11-22T03:10:00Z",
        },
    },
]


def vectors() -> list[Any]:
    path = VECTORS / "device_payloads.json"
    if not path.exists():
        reason = f"{MISSING}collected device payloads at {path} (set ANXIN_TEST_VECTORS)"
        return [pytest.param(None, id="vectors", marks=pytest.mark.skip(reason=reason))]
    cases = json.loads(path.read_text("utf-8"))["cases"]
    return [pytest.param(case, id=case["id"]) for case in cases if case["family"] in FAMILIES]


def message_of(case: dict[str, Any]) -> NativeMessage:
    payload = bytes.fromhex(case["payload_hex"]) if "payload_hex" in case else case["payload"].encode()
    return NativeMessage(topic=case["topic"], payload=payload, retained=case.get("retained", False))


@pytest.mark.parametrize("case", vectors())
def test_a_collected_message_is_decoded_as_expected(case: dict[str, Any]) -> None:
    check(case)


@pytest.mark.parametrize("case", [pytest.param(case, id=case["id"]) for case in OWN])
def test_a_constructed_message_is_decoded_as_expected(case: dict[str, Any]) -> None:
    check(case)


def check(case: dict[str, Any]) -> None:
    expect, message = case["expect"], message_of(case)
    lines = list(decode_lines(message.topic, message.payload))
    if "error" in expect:
        with pytest.raises(NativeDecodeError) as refused:
            Families().decode(message)
        assert refused.value.reason == expect["error"]
        assert refused.value.device == expect["device"]
        assert [line["error"] for line in lines] == [expect["error"]]
        return
    (decoded,) = Families().decode(message)
    assert decoded.device == expect["device"]
    assert decoded.ignored is expect.get("ignore", False)
    if decoded.ignored:
        assert not lines
        return
    signals = signals_of(decoded)
    for name, value in expect.get("signals", {}).items():
        assert same(signals[name], value), name
        assert any(line["signal"] == name and same(line["value"], value) for line in lines)
    assert sorted(decoded.events) == sorted(expect.get("events", []))
    for event in expect.get("events", []):
        assert any(line["signal"] == event and line["value"] is True for line in lines)
    assert decoded.online == expect.get("online")
    assert utc(decoded.observed_at) == utc(parsed(expect.get("observed_at")))
    if "observed_at_local" in expect:
        assert decoded.observed_at_local == parsed(expect["observed_at_local"])
    assert lines


def signals_of(decoded: Decoded) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for reading in decoded.readings:
        if reading.element == 0:
            found[reading.signal] = reading.value
        elif isinstance(found.setdefault(reading.signal, []), list):
            found[reading.signal].append(reading.value)
    totals = {reading.signal: reading.value for reading in decoded.readings if reading.element == 0}
    return found | totals


def same(value: Any, expected: Any) -> bool:
    if isinstance(expected, list):
        return len(value) == len(expected) and all(map(same, value, expected))
    if isinstance(expected, bool | str) or isinstance(value, bool):
        return value is expected or (value == expected and type(value) is type(expected))
    return math.isclose(value, expected, abs_tol=1e-6)


def parsed(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


def utc(at: datetime | None) -> datetime | None:
    return None if at is None else at.astimezone(UTC)
