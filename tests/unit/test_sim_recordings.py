"""Recordings and their small synthetic twins: read, put on the stage, and the right alarms expected."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from firmware_sim.connection import BrokerAddress
from firmware_sim.errors import RecordingError
from firmware_sim.firmware.wearable import simulated_fall
from firmware_sim.recordings.house_power import read_morning
from firmware_sim.recordings.nist_smoke import read_fire
from firmware_sim.recordings.trials import read_fall
from firmware_sim.replay import REPLAYS, list_replays, replay, stage_replay
from firmware_sim.stage import Send, Stage
from ingest.wire import motion
from tests.sim_recordings import write_twins

NOBODY = BrokerAddress(host="127.0.0.1", port=1)


@pytest.fixture
def twins(tmp_path: Path) -> Path:
    write_twins(tmp_path)
    return tmp_path


def staged(name: str, data: Path, recording: str | None = None) -> tuple[Stage, list[Send]]:
    known = REPLAYS[name]
    stage, _ = stage_replay(known, data, None, recording=recording, seed=1, speed=known.speed)
    return stage, [doing for doing in stage.advance(stage.last_cue_at) if isinstance(doing, Send)]


def test_differences_become_the_very_samples_again(twins: Path) -> None:
    fall = read_fall(twins / "sisfall", subject="SA01", seed=1)
    path = simulated_fall(np.random.default_rng(2), 200)
    assert fall.trial.fall
    assert fall.trial.rate_hz == 200
    assert np.abs(fall.accel_g - path).max() < 0.003


def test_a_recorded_fall_is_worn_and_expected_at_its_impact(twins: Path) -> None:
    stage, sent = staged("sisfall", twins)
    windows = [motion.decode(s.message.payload) for s in sent if s.message.topic.startswith("motion/")]
    accel_g = np.concatenate([window.accel_g for window in windows])
    path = simulated_fall(np.random.default_rng(2), 200)
    (expected,) = stage.expectations
    impact_s = float(np.argmax(np.linalg.norm(accel_g, axis=1))) / 200
    assert accel_g[: len(path)] == pytest.approx(path, abs=0.01)
    assert expected.kinds == ("fall",)
    assert expected.at_s - stage.start == pytest.approx(2.0 + impact_s, abs=0.1)
    assert len(accel_g) >= len(path) + 200 * 8


def test_a_fire_is_read_at_the_station_of_its_first_photoelectric_alarm(twins: Path) -> None:
    fire = read_fire(twins / "nist_smoke", None)
    assert (fire.station, fire.photoelectric, fire.photoelectric_s) == ("C", "Pho1C", 60.0)
    assert fire.obscuration_db_m[-1] == pytest.approx(10.0)
    assert fire.co_ppm is not None
    assert fire.co_ppm[0] == 0
    assert fire.co_ppm[-1] == pytest.approx(1000, abs=1)
    assert fire.held_s(fire.obscuration_db_m, 5.0, 4.0) == pytest.approx(64.0)
    assert fire.held_s(fire.obscuration_db_m, 99.0, 4.0) is None


def test_a_replayed_fire_closes_the_contact_when_the_real_alarm_sounded(twins: Path) -> None:
    stage, sent = staged("nist_smoke", twins)
    contact = next(i for i, s in enumerate(sent) if b'"smoke":true' in s.message.payload)
    assert [e.what for e in stage.expectations] == [
        "dense smoke",
        "deadly carbon monoxide",
        "the room",
        "detector Pho1C",
    ]
    assert [e.kinds for e in stage.expectations] == [("fire",), ("co",), ("fire",), ("fire",)]
    detector, room = (*("demo-huaiyin:dayroom-smoke",) * 2, None), (None, None, "room:demo-huaiyin:dayroom")
    assert [e.device_id for e in stage.expectations] == [*detector, "demo-huaiyin:dayroom-smoke"]
    assert [e.subject for e in stage.expectations] == [*room, None]
    assert 28 <= contact <= 32
    assert b'"smoke":false' in sent[-1].message.payload


def test_a_morning_is_whole_and_nothing_is_expected_of_it(twins: Path) -> None:
    morning = read_morning(twins / "house_power", None, seed=1)
    stage, sent = staged("house_power", twins)
    told = [s for s in sent if s.message.topic.endswith("status/em1:0")]
    assert len(morning.watts) == 360
    assert morning.watts.min() >= 0
    assert stage.expectations == []
    assert len(told) >= 360


def test_a_missing_recording_is_said_in_words(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(RecordingError, match="no recordings in"):
        read_fire(tmp_path, None)
    assert replay("sisfall", tmp_path, NOBODY) == 1
    assert "recordings" in capsys.readouterr().err
    assert replay("moon_landing", tmp_path, NOBODY) == 2


def test_a_broken_recording_is_said_in_words(tmp_path: Path) -> None:
    (tmp_path / "x.npz").write_bytes(b"PK not really")
    with pytest.raises(RecordingError, match="not such a recording"):
        read_morning(tmp_path, None, seed=1)


@pytest.mark.parametrize("name", [name for name, _ in list_replays()])
def test_the_real_recordings_can_be_staged(name: str, recordings: Path) -> None:
    _, sent = staged(name, recordings)
    assert len(sent) > 10
