"""Packs to columns: what is read, what is refused and why."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from ingest.wire import pack
from ingest.wire.directory import Directory, KnownDevice, SiteDevices
from ingest.wire.errors import DecodeError
from ingest.wire.moments import AHEAD_S, BEHIND_S
from ingest.wire.readings import Drained, Reader, resolve
from ingest.wire.rejects import SAMPLES
from ingest.wire.signals import BY_NAME, Kind

NOW = 1_763_781_000.0
HOME = SiteDevices(
    "home",
    {
        "meter-1": KnownDevice(1, Kind.METER),
        "meter-2": KnownDevice(2, Kind.METER),
        "pendant": KnownDevice(3, Kind.BUTTON),
        "watch": KnownDevice(4, Kind.WEARABLE),
    },
)
NEIGHBOUR = SiteDevices("neighbour", {"meter-9": KnownDevice(9, Kind.METER)})
DIRECTORY = Directory(gateways={"gw": HOME, "gw-9": NEIGHBOUR, "gw-stolen": HOME}, revoked=frozenset({"gw-stolen"}))
Read = Callable[..., Drained]


@pytest.fixture
def read() -> Read:
    def given(records: list[dict[str, Any]] | None = None, gateway: str = "gw", **tables: Any) -> Drained:
        body = {"boot": "b", "seq": 1, "records": records or []} | tables
        reader = Reader(DIRECTORY)
        reader.add(gateway, pack.decode(json.dumps(body).encode()), NOW)
        return reader.drain()

    return given


def reasons(drained: Drained) -> dict[str, int]:
    return {reason: count for (_, reason), count in drained.rejects.counts.items()}


def test_base_fields_carry_over_and_phases_become_elements(read: Read) -> None:
    drained = read(
        [
            {"bn": "meter-1/", "bt": NOW - 10, "n": "power_w", "v": 120.5},
            {"n": "current_a:2", "v": 3.5, "t": 1},
            {"n": "switch_on", "vb": True},
            {"bn": "meter-2/", "n": "switch_on", "vb": False},
        ]
    )
    batch = drained.batch
    assert batch.device.tolist() == [1, 1, 1, 2]
    assert batch.signal.tolist() == [BY_NAME[n].number for n in ("power_w", "current_a", "switch_on", "switch_on")]
    assert batch.element.tolist() == [0, 2, 0, 0]
    assert batch.value.tolist() == [120.5, 3.5, 1.0, 0.0]
    assert batch.observed_s.tolist() == [NOW - 10, NOW - 9, NOW - 10, NOW - 10]
    assert set(batch.received_s.tolist()) == {NOW}
    assert not drained.rejects.counts


def test_a_fall_is_a_word_or_its_code(read: Read) -> None:
    drained = read([{"bn": "watch/", "n": "fall", "vs": word} for word in ("none", "suspected", "confirmed", "maybe")])
    assert drained.batch.value.tolist() == [0, 1, 2]
    assert reasons(drained) == {"wrong_type": 1}


def test_a_table_is_read_without_a_step_per_reading(read: Read) -> None:
    table = {
        "d": ["meter-1", "meter-2"],
        "n": ["power_w", "voltage_v"],
        "v": [[1.5, 230.0], [2.5, None]],
        "bt": NOW - 5,
        "t": [0.0, 1.0],
    }
    drained = read(tables=[table])
    (rows,) = drained.rows
    assert rows.device.tolist() == [1, 2]
    assert rows.observed_s.tolist() == [NOW - 5, NOW - 4]
    assert rows.value[0].tolist() == [1.5, 230.0]
    assert np.isnan(rows.value[1, 1])
    assert drained.as_batch().value.tolist() == [1.5, 230.0, 2.5]


def test_one_device_may_stand_for_all_rows(read: Read) -> None:
    table = {"d": ["meter-2"], "n": ["power_w"], "v": [[1], [2], [3]], "bt": NOW - 60, "t": [0, 1, 2]}
    (rows,) = read(tables=[table]).rows
    assert rows.device.tolist() == [2, 2, 2]
    assert (rows.observed_s - NOW).tolist() == [-60, -59, -58]


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        ({"n": "meter-7/power_w", "v": 1}, "unknown_device"),
        ({"n": "meter-9/power_w", "v": 1}, "unknown_device"),  # the neighbour's: this account speaks for its own site
        ({"n": "meter-1/colour", "v": 1}, "unknown_signal"),
        ({"n": "meter-1/current_a:0", "v": 1}, "unknown_signal"),
        ({"n": "meter-1/power_w", "vb": True}, "wrong_type"),
        ({"n": "meter-1/power_w", "vs": "much"}, "wrong_type"),
        ({"n": "meter-1/switch_on", "v": 0.5}, "wrong_type"),
        ({"n": "meter-1/switch_on", "v": 2}, "out_of_range"),
        ({"n": "meter-1/voltage_v", "v": 1e9}, "out_of_range"),
        ({"n": "meter-1/power_w"}, "no_value"),
        ({"n": "power_w", "v": 1}, "bad_name"),
        ({"n": "meter-1/power_w", "v": 1, "t": NOW + AHEAD_S + 1}, "future_time"),
        ({"n": "meter-1/power_w", "v": 1, "t": NOW - BEHIND_S - 1}, "too_old"),
    ],
)
def test_what_cannot_be_used_is_set_aside_and_the_rest_goes_on(read: Read, record: dict[str, Any], reason: str) -> None:
    good = {"n": "meter-1/voltage_v", "v": 230.0}
    drained = read([record, good])
    assert reasons(drained) == {reason: 1}
    assert drained.batch.value.tolist() == [230.0]
    (sample,) = drained.rejects.samples
    assert sample.gateway_id == "gw"
    assert json.loads(sample.raw)[0]["n"] == record["n"]


def test_a_small_lead_of_the_clock_is_kept_and_no_clock_means_now(read: Read) -> None:
    drained = read(
        [
            {"n": "meter-1/power_w", "v": 1, "t": NOW + AHEAD_S - 1},
            {"n": "meter-1/power_w", "v": 2, "t": 12.5},
            {"n": "meter-1/power_w", "v": 3},
            {"n": "meter-1/power_w", "v": 4, "t": NOW - BEHIND_S + 1},
        ]
    )
    assert (drained.batch.observed_s - NOW).tolist() == [AHEAD_S - 1, 0, 0, -BEHIND_S + 1]


def test_a_table_sets_aside_only_what_is_wrong(read: Read) -> None:
    table = {
        "d": ["meter-1", "stranger", "meter-2", "meter-2"],
        "n": ["power_w", "colour", "switch_on", "voltage_v"],
        "v": [[1, 5, 0.5, 230], [1, 1, 1, 1], [2, None, 1, 5000], [3, None, None, None]],
        "bt": NOW,
        "t": [0, 0, 0, AHEAD_S + 5],
    }
    drained = read(tables=[table])
    assert reasons(drained) == {
        "unknown_device": 4,
        "future_time": 1,
        "unknown_signal": 1,
        "out_of_range": 1,
        "wrong_type": 1,
    }
    batch = drained.as_batch()
    assert list(zip(batch.device.tolist(), batch.signal.tolist(), batch.value.tolist(), strict=True)) == [
        (1, BY_NAME["power_w"].number, 1.0),
        (1, BY_NAME["voltage_v"].number, 230.0),
        (2, BY_NAME["power_w"].number, 2.0),
        (2, BY_NAME["switch_on"].number, 1.0),
    ]
    row = next(sample for sample in drained.rejects.samples if sample.reason == "unknown_device")
    assert json.loads(row.raw) == {"d": ["stranger"], "n": table["n"], "v": [[1, 1, 1, 1]], "bt": NOW, "t": [0]}


def test_a_table_of_times_without_a_clock_is_of_the_moment_it_came(read: Read) -> None:
    (rows,) = read(tables=[{"d": ["meter-1"], "n": ["power_w"], "v": [[1]], "bt": 99.0}]).rows
    assert rows.observed_s.tolist() == [NOW]


def test_only_known_and_trusted_gateways_are_believed(read: Read) -> None:
    records = [{"n": "meter-1/power_w", "v": 1}, {"n": "meter-1/voltage_v", "v": 1}]
    assert reasons(read(records, gateway="nobody")) == {"unknown_gateway": 2}
    assert reasons(read(records, gateway="gw-stolen")) == {"revoked_gateway": 2}


def test_a_flood_is_counted_in_full_and_kept_in_samples(read: Read) -> None:
    rows = 3 * SAMPLES
    table = {"d": ["meter-1"], "n": ["colour"], "v": [[1]] * rows, "bt": NOW, "t": [-i for i in range(rows)]}
    drained = read([{"n": "stranger/power_w", "v": 1}] * rows, tables=[table])
    assert reasons(drained) == {"unknown_signal": rows, "unknown_device": rows}
    assert len(drained.rejects.samples) == 2 * SAMPLES


def test_a_new_device_counts_from_the_next_pack_on() -> None:
    message = pack.decode(b'{"boot":"b","seq":1,"records":[{"n":"new/power_w","v":1}]}')
    table = pack.decode(b'{"boot":"b","seq":1,"tables":[{"d":["new"],"n":["power_w"],"v":[[1]]}]}')
    reader = Reader(DIRECTORY)
    for one in (message, table):
        reader.add("gw", one, NOW)
    assert reasons(reader.drain()) == {"unknown_device": 2}
    devices = dict(HOME.devices) | {"new": KnownDevice(7, Kind.METER)}
    reader.set_directory(Directory(gateways={"gw": SiteDevices("home", devices)}))
    for one in (message, table):
        reader.add("gw", one, NOW)
    assert reader.drain().as_batch().device.tolist() == [7, 7]


def test_what_cannot_be_decoded_is_set_aside_with_its_bytes() -> None:
    reader = Reader(DIRECTORY)
    reader.refuse("gw", DecodeError("not_json", "at the first byte"), b"\xff\x00")
    (sample,) = reader.drain().rejects.samples
    assert (sample.reason, sample.raw) == ("not_json", b"\xff\x00")


@pytest.mark.parametrize("records", ["[" * 100_000, '{"boot":"b","seq":1,"x":' + '{"a":' * 5000])
def test_a_message_nested_without_end_is_a_decode_error(records: str) -> None:
    with pytest.raises(DecodeError):
        pack.decode(records.encode())


def test_an_endless_nest_in_a_record_is_a_decode_error() -> None:
    nest = '{"a":' * 5000 + "1" + "}" * 5000
    for payload in (f'[{{"n":"meter-1/power_w","v":1,"ev":{nest}}}]', f'{{"boot":"b","seq":1,"x":{nest}}}'):
        with pytest.raises(DecodeError, match="not_json"):
            pack.decode(payload.encode())
        assert pack.decode_header(payload.encode()) is None


def test_one_pack_may_be_resolved_by_itself() -> None:
    batch, rejects = resolve(
        DIRECTORY, "gw", pack.decode(b'[{"n":"pendant/battery_pct","v":80},{"n":"x/y","v":1}]'), NOW
    )
    assert batch.device.tolist() == [3]
    assert rejects.counts == {("gw", "unknown_device"): 1}
