"""Adapters on hostile bytes: they answer or refuse, and never anything else."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.adapters.families import Families
from gateway.adapters.native import NativeDecodeError, NativeMessage
from gateway.decode import decode_lines
from ingest.wire.signals import BY_NAME

TOPICS = (
    "zigbee2mqtt/SOS bedroom",
    "zigbee2mqtt/SOS bedroom/action",
    "zigbee2mqtt/SOS bedroom/battery",
    "zigbee2mqtt/SOS bedroom/availability",
    "zigbee2mqtt/bridge/state",
    "shellyplussmoke-0a/status/smoke:0",
    "shellyplus1pm-0b/status/switch:0",
    "shellypro3em-0c/events/rpc",
    "shellyplus1pm-0b/online",
    "tele/pow1/SENSOR",
    "tele/pow1/LWT",
    "stat/pow1/POWER1",
    "senml/pendant",
    "motion/belt",
    "anxin/v1/gw/0a/g1/up/data",
    "anxin/v1/gw/0a/g1/up/motion",
    "weather/today",
)
FIELDS = st.sampled_from(
    [
        "action",
        "smoke",
        "battery",
        "voltage",
        "power",
        "state",
        "last_seen",
        "fall_down_status",
        "method",
        "params",
        "ts",
        "smoke:0",
        "switch:0",
        "alarm",
        "aenergy",
        "total",
        "errors",
        "ENERGY",
        "Power",
        "Time",
        "boot",
        "seq",
        "records",
        "n",
        "v",
        "vb",
        "bn",
        "t",
    ]
)
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from(["emergency", "ON", "NotifyStatus", "NotifyEvent", "fall", 10**400, 1e300]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(FIELDS, inner, max_size=6),
    max_leaves=12,
)


@given(topic=st.sampled_from(TOPICS), payload=st.binary(max_size=200) | JSON.map(lambda v: json.dumps(v).encode()))
def test_any_bytes_are_decoded_or_refused(topic: str, payload: bytes) -> None:
    try:
        decoded = Families().decode(NativeMessage(topic=topic, payload=payload))
    except NativeDecodeError:
        (line,) = decode_lines(topic, payload)
        assert line["error"]
        return
    for item in decoded:
        for reading in item.readings:
            signal = BY_NAME.get(reading.signal)
            if signal is not None and not isinstance(reading.value, str):
                assert signal.low <= reading.value <= signal.high
    json.dumps(list(decode_lines(topic, payload)), allow_nan=False)


@given(depth=st.integers(1_000, 100_000))
def test_a_deeply_nested_payload_is_refused(depth: int) -> None:
    with pytest.raises(NativeDecodeError, match=r"not_json|unexpected_shape"):
        Families().decode(NativeMessage(topic="zigbee2mqtt/x", payload=b"[" * depth + b"]" * depth))


def test_a_retained_press_is_no_press() -> None:
    (decoded,) = Families().decode(
        NativeMessage(topic="zigbee2mqtt/SOS", payload=b'{"action":"emergency","smoke":true}', retained=True)
    )
    assert decoded.events == ()
    assert [reading.signal for reading in decoded.readings] == ["smoke"]


def test_bytes_that_are_no_text_on_an_action_topic_may_be_a_call() -> None:
    with pytest.raises(NativeDecodeError) as refused:
        Families().decode(NativeMessage(topic="zigbee2mqtt/SOS/action", payload=b"\xff\xfe"))
    assert refused.value.is_call
    assert refused.value.device == "SOS"


def test_a_time_without_a_zone_stays_local_and_with_one_becomes_utc() -> None:
    (local,) = Families().decode(
        NativeMessage(topic="zigbee2mqtt/x", payload=b'{"smoke":true,"last_seen":"2025-11-22T03:10:00"}')
    )
    assert local.observed_at is None
    assert local.observed_at_local == datetime(2025, 11, 22, 3, 10)  # noqa: DTZ001 - a device's local time
    (aware,) = Families().decode(
        NativeMessage(topic="zigbee2mqtt/x", payload=b'{"smoke":true,"last_seen":"2025-11-22T11:10:00+08:00"}')
    )
    assert aware.observed_at == datetime(2025, 11, 22, 3, 10, tzinfo=UTC)


def test_another_base_topic_is_read_when_it_is_set() -> None:
    families = Families(("z2m/floor 2",))
    (decoded,) = families.decode(NativeMessage(topic="z2m/floor 2/SOS", payload=b'{"action":"emergency"}'))
    assert (decoded.native, decoded.events) == ("zigbee2mqtt:SOS", ("help_call",))


def test_a_file_of_messages_is_decoded_line_by_line() -> None:
    source = b"\n".join(
        [
            json.dumps({"topic": "zigbee2mqtt/SOS", "payload": '{"action":"emergency"}'}).encode(),
            json.dumps({"topic": "zigbee2mqtt/SOS/action", "payload_hex": b"emergency".hex()}).encode(),
            json.dumps({"topic": "zigbee2mqtt/SOS", "payload": '{"action":"emergency"}', "retained": True}).encode(),
            json.dumps({"topic": "zigbee2mqtt/Hall", "payload": "{"}).encode(),
        ]
    )
    lines = list(decode_lines(None, source))
    assert [line.get("signal", line.get("error")) for line in lines] == [
        "help_call",
        "help_call",
        "heartbeat",
        "not_json",
    ]


def test_a_single_json_message_is_not_taken_for_a_file() -> None:
    (line,) = decode_lines("zigbee2mqtt/Hall", b'{"smoke":true,\n "topic":"x"}')
    assert (line["signal"], line["value"], line["adapter"]) == ("smoke", True, "zigbee2mqtt")
