"""What ``anxin eval fire`` measures: rows of recorded fires, what is left out, and simulated scenes."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from alarms.core.profiles import load_profiles
from console.cli.fire_table import table
from console.cli.main import anxin
from evaluation.fire import simulated
from evaluation.fire.rows import Outcome, Row
from evaluation.fire.run import evaluate, open_folder
from evaluation.fire.stream import judge, paces
from firmware_sim.errors import RecordingError
from firmware_sim.recordings import fsri, nist_smoke
from firmware_sim.recordings.fire_test import FireTest, Probe
from tests.fire_recordings import rising, write_fires, write_fsri, write_nist

PROFILES = load_profiles()
ROW_KEYS = {
    "dataset",
    "experiment",
    "ignition_s",
    "fused_alarm_s",
    "heat_alarm_s",
    "reach_57c_s",
    "first_photoelectric_recorded_s",
    "median_recorded_s",
    "false_alarms",
    "hours",
}


@pytest.fixture
def fires(tmp_path: Path) -> Path:
    write_fires(tmp_path / "data")
    return tmp_path / "data"


def eval_fire(*words: str | Path) -> tuple[int, str, str]:
    done = CliRunner().invoke(anxin, ["eval", "fire", *map(str, words)], standalone_mode=False)
    code = done.return_value if done.exception is None else getattr(done.exception, "exit_code", -1)
    said = str(done.exception.format_message()) if hasattr(done.exception, "format_message") else done.stderr
    return code, done.stdout, said


def rows_of(out: str) -> dict[str, Row]:
    return {row["dataset"]: row for row in json.loads(out.splitlines()[-1])["results"]}


def test_the_command_ends_with_one_object_of_the_rows_that_were_promised(fires: Path) -> None:
    code, out, _ = eval_fire("--data", fires, "--json")
    body = json.loads(out.splitlines()[-1])
    assert (code, body["command"], body["problems"]) == (0, "eval fire", [])
    assert body["settings"] == {"data": str(fires), "scenes": 0}
    assert all(row.keys() >= ROW_KEYS for row in body["results"])
    assert rows_of(out).keys() == {"nist_smoke", "fsri_room", "smoke_iot", "broadnet_arc", "tracebase"}
    assert all(row["false_alarms"] == 0 for row in body["results"])


def test_a_house_fire_is_told_by_its_smoke_before_the_alarms_that_were_there(fires: Path) -> None:
    (test,) = [test for test in open_folder(fires).tests if test.dataset == "nist_smoke"]
    assert [(probe.name, sorted(probe.readings)) for probe in test.probes] == [
        ("A", ["obscuration_db_m", "temp_c"]),
        ("B", ["obscuration_db_m"]),
    ]
    row = Outcome.of(test, judge([test], PROFILES)[0]).row
    assert (row["ignition_s"], row["first_photoelectric_recorded_s"], row["median_recorded_s"]) == (0, 90, 90)
    assert (row["reach_57c_s"], row["heat_in_time"], row["fused_in_time"]) == (110, True, True)
    assert 30 < row["fused_alarm_s"] < 60
    assert 30 < row["smoke_alarm_s"] < 60
    assert row["any_alarm_s"] == min(row["fused_alarm_s"], row["smoke_alarm_s"])
    assert row["delay_s_by_detector"]["A"]["room_fire"] == row["fused_delay_s"] == row["fused_alarm_s"]
    assert row["delay_s_by_detector"]["B"]["smoke_dense"] > row["smoke_delay_s"]


def test_a_room_fire_is_told_by_the_thermocouples_right_under_its_ceiling(fires: Path) -> None:
    (test,) = [test for test in open_folder(fires).tests if test.dataset == "fsri_room"]
    assert [(probe.name, probe.room) for probe in test.probes] == [("Quadrant A", "room"), ("Quadrant B", "room")]
    row = Outcome.of(test, judge([test], PROFILES)[0]).row
    assert (row["reach_57c_s"], row["heat_in_time"], row["median_recorded_s"]) == (16, True, None)
    assert 4 < row["heat_alarm_s"] <= 16
    assert row["fused_in_time"] is None
    assert row["hours"] == pytest.approx(419 / 3600, abs=1e-4)


def test_the_uppermost_thermocouple_of_each_place_and_the_named_ignition_count(tmp_path: Path) -> None:
    time_s = np.arange(-20.0, 60.0)
    path = tmp_path / "fsri_hvac" / "a.npz"
    write_fsri(
        path,
        time_s,
        {
            "Kitchen Temperature 1.52 m Above Floor": np.full(80, 20.0),
            "Kitchen Temperature 2.41 m Above Floor": np.where(time_s == 5, np.nan, 25.0),
            "Hall  Temperature 2.41 m Above Floor": np.full(80, np.nan),
            "Hall  Temperature 2.13 m Above Floor": np.full(80, 24.0),
            "Thermostat Temperature": np.full(80, 23.0),
        },
        [("Pilot Confirmed", 0.0), ("Ignition", 12.0)],
    )
    test = fsri.read_test(path)
    assert (test.dataset, test.ignition_s) == ("fsri_hvac", 12)
    most_c = {probe.name: np.nanmax(probe.readings["temp_c"]) for probe in test.probes}
    assert most_c == pytest.approx({"Kitchen": 25, "Hall": 24})
    assert np.isnan(test.probes[0].readings["temp_c"]).sum() == 1


def test_an_alarm_before_ignition_is_false_and_what_is_missing_is_not_sent() -> None:
    time_s = np.arange(-100.0, 100.0)
    temp_c = rising(time_s, -50, 2.0, 20.0, 90.0)
    temp_c[::7] = np.nan
    early = FireTest(
        dataset="some", name="early", time_s=time_s, ignition_s=0.0,
        probes=(Probe(name="hall", room="hall", readings={"temp_c": temp_c}),),
    )  # fmt: skip
    row = Outcome.of(early, judge([early], PROFILES)[0]).row
    assert row["false_alarms"] == 2
    assert row["alarms_by_rule"] == {"heat_rise": 1, "heat_high": 1}
    assert (row["fused_alarm_s"], row["heat_alarm_s"], row["any_alarm_s"]) == (None, None, None)


def test_a_broken_thermocouple_is_named_and_its_alarms_count_as_false_only() -> None:
    time_s = np.arange(-100.0, 100.0)
    noise = np.random.default_rng(1).uniform(5, 50, len(time_s))
    test = FireTest(
        dataset="some", name="noisy", time_s=time_s, ignition_s=0.0,
        probes=(
            Probe(name="hall", room="hall", readings={"temp_c": noise}),
            Probe(name="den", room="den", readings={"temp_c": rising(time_s, 30, 2.0, 20.0, 90.0)}),
        ),
    )  # fmt: skip
    outcome = Outcome.of(test, judge([test], PROFILES)[0])
    assert outcome.noisy == ("hall",)
    assert 0 < outcome.row["false_alarms"] == outcome.row["false_alarms_of_noisy"]
    assert outcome.row["any_alarm_s"] > 30


def test_recordings_side_by_side_are_judged_as_each_by_itself(fires: Path) -> None:
    first = fsri.read_test(fires / "fsri_room" / "100kW_Open_Center_9.npz")
    time_s = np.arange(0.0, 40.0)
    short = FireTest(
        dataset="fsri_room", name="short", time_s=time_s, ignition_s=0.0,
        probes=(Probe(name="hall", room="room", readings={"temp_c": rising(time_s, 20, 4.0, 20.0)}),),
    )  # fmt: skip
    uneven = FireTest(dataset="fsri_room", name="uneven", time_s=np.array([0.0, 1.0, 3.0]), probes=short.probes)
    assert [len(group) for group in paces([first, short, uneven])] == [2, 1]
    assert judge([first, short], PROFILES) == [judge([first], PROFILES)[0], judge([short], PROFILES)[0]]


BROKEN = {
    "cut off": "cannot be read",
    "of another kind": "is no recording of a fire",
    "short of a column": "data has shape",
    "without a clock": "no column TIME that goes on",
    "without a station": "no smoke meter",
}


@pytest.mark.parametrize("fault", list(BROKEN))
def test_a_file_that_is_not_what_it_should_be_is_named_and_the_others_go_on(fires: Path, fault: str) -> None:
    path = fires / "nist_smoke" / "zz.npz"
    time_s = np.arange(0.0, 20.0, 2.0)
    if fault == "cut off":
        path.write_bytes((fires / "nist_smoke" / "SDC99.npz").read_bytes()[:500])
    elif fault == "of another kind":
        np.savez(path, moon=np.zeros(3))
    elif fault == "without a clock":
        write_nist(path, time_s[::-1], {"TCA_1": time_s}, [])
    elif fault == "without a station":
        write_nist(path, time_s, {"TCFIRE": time_s}, [])
    else:
        write_nist(path, time_s, {"TCA_1": time_s}, [])
        with np.load(path) as whole:
            np.savez(path, **{**whole, "columns": whole["columns"][:1]})
    code, out, said = eval_fire("--data", fires, "--json")
    assert code == 1
    assert str(path) in said
    assert BROKEN[fault] in said
    assert "left out: 1" in said
    assert len(rows_of(out)) == 5


def test_files_of_other_evaluations_are_passed_over(fires: Path) -> None:
    (fires / "house_power").mkdir()
    np.savez(fires / "house_power" / "home.npz", minute=np.zeros(3))
    (fires / "house_power" / "cut.npz").write_bytes(b"PK")
    assert eval_fire("--data", fires)[0] == 0


def test_nothing_to_measure_is_said_in_words(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    assert eval_fire("--data", tmp_path / "empty")[0] == 3
    assert eval_fire("--data", tmp_path / "nowhere")[0] == 2
    with pytest.raises(RecordingError, match="there is no recording"):
        nist_smoke.read_test(tmp_path / "none.npz")


def test_simulated_scenes_are_also_those_of_one_signal_of_the_room_beside_and_without_flames() -> None:
    kinds = {kind.name: replace(kind, seconds=420) for kind in simulated.KINDS}
    glow, smoke_only, beside = (
        simulated._judged(kinds[name], range(3), PROFILES).row
        for name in ("smouldering", "ultra_fast_smoke_only", "ultra_fast_next_door")
    )
    assert glow["reached"] == 0
    assert glow["caught"] == 0
    assert set(smoke_only["alarms_by_rule"]) <= {"smoke_dense", "room_fire"}
    assert smoke_only["caught"] == smoke_only["reached"] == 3
    assert smoke_only["before_flames"] == 0
    assert beside["delay_s_median"] is None or beside["delay_s_median"] > smoke_only["delay_s_median"]


def test_simulated_fires_are_caught_before_they_are_big(fires: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    few = [replace(kind, seconds=360) for kind in simulated.KINDS if kind.name in ("ultra_fast", "toast")]
    monkeypatch.setattr(simulated, "KINDS", few)
    told: list[str] = []
    files = open_folder(fires)
    files.appliances = []
    result = evaluate(files, PROFILES, scenes=2, tell=told.append)
    fire, toast = (one.row for one in result.simulated)
    assert (fire["seeds"], fire["reached"], fire["caught"], fire["caught_fused"]) == (2, 2, 2, 2)
    assert 0 < fire["alarm_kw_max"] <= fire["fused_kw_max"] < 250
    assert (fire["false_alarms"], fire["missed_seeds"]) == (0, [])
    assert (toast["reached"], toast["caught"]) == (None, None)
    assert "room_fire" not in toast["alarms_by_rule"]
    assert toast["false_alarms"] == sum(toast["alarms_by_rule"].values())
    assert told[-1] == "simulated toast: 2 scenes"
    english, chinese = ("\n".join(table(result, language)) for language in ("en", "zh"))
    assert "fused in time in 1 of 1 tests" in english
    assert "2 of 2, 100.0 %" in english
    assert "1 次试验中 1 次融合判断及时" in chinese


def test_plots_and_figures_are_written_where_they_are_asked_for(fires: Path, tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    code, _, said = eval_fire("--data", fires, "--out", tmp_path / "out")
    assert (code, "tests.png" in said) == (0, True)
    written = {path.name for path in (tmp_path / "out").iterdir()}
    assert written == {"fire.json", *(f"{name}.{ending}" for name in ("tests", "heat") for ending in ("png", "svg"))}


def test_recorded_house_fires_are_told_in_time(recordings: Path) -> None:
    tests = [nist_smoke.read_test(path) for path in sorted((recordings / "nist_smoke").glob("*.npz"))]
    outcomes = [Outcome.of(test, judge([test], PROFILES)[0]) for test in tests]
    assert [outcome.test.name for outcome in outcomes if outcome.fused_in_time is not True or outcome.false] == []


def test_recorded_room_fires_are_told_by_their_heat(recordings: Path) -> None:
    paths = sorted((recordings / "fsri_room").glob("*_1.npz"))[::4]
    tests = [fsri.read_test(path) for path in paths]
    outcomes = [Outcome.of(test, told) for test, told in zip(tests, judge(tests, PROFILES), strict=True)]
    assert [outcome.test.name for outcome in outcomes if outcome.heat_in_time is not True or outcome.false] == []
