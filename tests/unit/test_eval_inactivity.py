"""What ``anxin eval inactivity`` measures: rows per home, removals built without the judgement, the best timer."""

from __future__ import annotations

import gzip
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from console.cli.main import anxin
from evaluation.inactivity.event_homes import read_casas, read_ordonez, read_uci799
from evaluation.inactivity.machines import MACHINES, with_machine
from evaluation.inactivity.outages import with_outages
from evaluation.inactivity.power_homes import read_house, read_plugs
from evaluation.inactivity.recording import DAY_MIN, Recording, of_power
from evaluation.inactivity.removal import CAP_MIN, FROM_MIN, UNTIL_MIN, Removal, draw
from evaluation.inactivity.timer import best, episodes, silence_min
from evaluation.inactivity.uci235 import read_uci235
from firmware_sim.errors import RecordingError
from tests.quiet_home import house_w, person_w

ROW_KEYS = {
    "dataset", "home", "days", "false_alarms_per_month", "questions_per_month", "removals", "delay_h_median",
    "delay_h_p90", "fixed_timer_h", "fixed_timer_delay_h_median",
}  # fmt: skip
FIRST_DAY = 16_000
DAYS = 11


def write_house(path: Path, days: int = DAYS, *, gap_days: int = 0) -> None:
    kettle = np.where(person_w(days, 4) > 1500, 2000.0, 0.0)
    mains = house_w(days, 4) + person_w(days, 4)
    minute = FIRST_DAY * DAY_MIN + np.arange(days * DAY_MIN)
    minute[len(minute) // 2 :] += gap_days * DAY_MIN
    path.parent.mkdir(parents=True, exist_ok=True)
    watts = np.stack([mains, kettle], axis=1).astype(np.int16)
    np.savez(path, minute=minute.astype(np.int32), watts=watts, channels=np.array(["aggregate", "kettle"]))


def write_rows(path: Path, head: str, rows: list[str]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with gzip.open(path, "wt", encoding="utf-8") as file:
        file.write("\n".join([head, *rows]) + "\n")


def write_uci799(path: Path, days: int = DAYS) -> None:
    first = datetime(2019, 11, 6, tzinfo=UTC)
    hours = [first + timedelta(hours=hour) for hour in range(24 * days)]
    rows = [f"{hour:%Y-%m-%d %H:%M:%S+00:00},{5 * (7 <= hour.hour < 22)}" for hour in hours]
    write_rows(path, "timestamp,movement", rows)


def of_house(days: int = DAYS) -> Recording:
    watts = (house_w(days, 4) + person_w(days, 4)).astype(np.float32)[:, None]
    kettle = np.where(person_w(days, 4) > 1500, 2000.0, 0.0).astype(np.float32)[:, None]
    return of_power("simulated", "one", FIRST_DAY, watts, np.zeros(1, np.bool_), kettle)


def eval_inactivity(*words: str | Path) -> tuple[int, str, str]:
    done = CliRunner().invoke(anxin, ["eval", "inactivity", *map(str, words)], standalone_mode=False)
    code = done.return_value if done.exception is None else getattr(done.exception, "exit_code", -1)
    said = str(done.exception.format_message()) if hasattr(done.exception, "format_message") else done.stderr
    return code, done.stdout, said


def test_the_command_ends_with_one_object_with_a_row_per_home_and_names_what_is_missing(tmp_path: Path) -> None:
    write_house(tmp_path / "house_power" / "ours.npz")
    write_uci799(tmp_path / "uci799_elder" / "elder.csv.gz")
    (tmp_path / "casas_cil").mkdir()
    write_rows(tmp_path / "casas_cil" / "broken.csv.gz", "time,what", ["2016-07-12 00:00:30,x"])
    code, out, said = eval_inactivity("--data", tmp_path, "--removals", "6", "--json", "--plots", tmp_path / "plots")
    body = json.loads(out.splitlines()[-1])
    rows = body["results"]
    assert code == 1
    assert body["command"] == "eval inactivity"
    assert [row["home"] for row in rows] == ["ours", "elder"]
    assert all(row.keys() >= ROW_KEYS for row in rows)
    assert all(row["removals"] + row["alarm_stood"] == 6 for row in rows)
    assert set(body["absent"]) == {"tracebase", "ordonez", "uci235"}
    assert "broken.csv.gz" in body["problems"][0]
    assert "not there" in said
    assert {path.name for path in (tmp_path / "plots").iterdir()} >= {"inactivity.json", "delays.png", "days.svg"}


def test_nothing_to_measure_is_said(tmp_path: Path) -> None:
    code, _, said = eval_inactivity("--data", tmp_path)
    assert code == 3
    assert "no homes" in said


def test_removed_people_leave_the_house_as_it_is_at_night() -> None:
    recording = of_house()
    removals = draw(recording, 0, 20, 1, 7)
    assert len(removals) == 20
    for removal in removals:
        assert FROM_MIN <= removal.minute % DAY_MIN < UNTIL_MIN
        assert removal.watts.shape == (CAP_MIN, 1)
        assert removal.watts.max() < 200
        assert removal.watts.min() > 30
        assert (removal.watts > 130).mean() == pytest.approx((house_w(DAYS, 4) > 130).mean(), abs=0.1)


@pytest.mark.parametrize("name", MACHINES)
def test_a_machine_that_was_added_runs_by_day_and_goes_on_when_people_are_gone(name: str) -> None:
    recording = with_machine(of_house(), name, 1)
    machine = recording.machine[: recording.minutes].reshape(-1, DAY_MIN)
    assert machine.any(axis=1).all(), "every day"
    assert not machine[:, 60 : 5 * 60].any(), "never at night"
    assert recording.without_machine == pytest.approx(of_house().watts, abs=0.01)
    for removal in draw(recording, 0, 5, 1, 7):
        goes_on = recording.machine[removal.minute : removal.minute + CAP_MIN]
        assert (removal.watts[:, 0] - goes_on).max() < 200
        assert goes_on.any()


def test_homes_with_machines_are_judged_when_asked_for(tmp_path: Path) -> None:
    write_house(tmp_path / "house_power" / "ours.npz")
    code, out, _ = eval_inactivity("--data", tmp_path, "--removals", "2", "--machines", "--json")
    assert code == 0
    rows = json.loads(out.splitlines()[-1])["results"]
    assert [row["home"] for row in rows] == ["ours", "ours + pump", "ours + boiler", "ours + heating"]


def test_a_meter_that_drops_out_is_tried_on_demand(tmp_path: Path) -> None:
    (tmp_path / "house_power").mkdir()
    write_house(tmp_path / "house_power" / "ours.npz")
    code, out, _ = eval_inactivity("--data", tmp_path, "--removals", "2", "--outages", "--json")
    assert code == 0
    rows = json.loads(out.splitlines()[-1])["results"]
    assert [row["home"] for row in rows] == ["ours", "ours + outages"]


def test_outages_are_at_any_time_also_after_people_are_gone() -> None:
    recording = of_house()
    removals = draw(recording, 0, 3, 1, 7)
    there, gone = with_outages(recording, removals, 4, 1)
    unknown = ~there.known
    assert 2 * 40 / DAY_MIN < unknown.mean() < 6 * 90 / DAY_MIN
    assert [(one.home, one.minute) for one in gone] == [(4, one.minute) for one in removals]
    for one, whole in zip(gone, removals, strict=True):
        known = np.isfinite(one.watts)
        assert 0.6 < known.mean() < 1
        assert np.array_equal(one.watts[known], whole.watts[known])
        assert np.array_equal(known[:, 0][: len(unknown) - one.minute], ~unknown[one.minute : one.minute + CAP_MIN])


def test_the_same_moments_for_every_judgement() -> None:
    recording = of_house()
    again = [one.minute for one in draw(recording, 3, 10, 1, 7)]
    assert [one.minute for one in draw(recording, 3, 10, 1, 7)] == again
    assert [one.minute for one in draw(recording, 3, 10, 2, 7)] != again


def test_a_night_in_which_an_appliance_ran_is_no_example_of_the_house() -> None:
    recording = of_house()
    appliances = recording.appliances.copy()
    for night in range(DAYS):
        appliances[night * DAY_MIN + 120] = 2000
    assert draw(replace(recording, appliances=appliances), 0, 5, 1, 7) == []


def test_a_gap_of_months_is_cut_by_whole_weeks(tmp_path: Path) -> None:
    write_house(tmp_path / "gap.npz", gap_days=100)
    recording = read_house(tmp_path / "gap.npz")
    assert recording.minutes < (DAYS + 8) * DAY_MIN
    assert recording.known.sum() == DAYS * DAY_MIN


def test_the_timer_is_the_shortest_that_keeps_to_the_same_false_alarms() -> None:
    hours = np.zeros(20 * DAY_MIN, np.int16)
    for day in range(20):
        hours[day * DAY_MIN + 7 * 60 : day * DAY_MIN + 22 * 60 : 60] = 1
    hours[12 * DAY_MIN + 10 * 60 : 12 * DAY_MIN + 22 * 60] = 0  # silent from ten on: 21 hours
    recording = replace(
        of_house(20), watts=np.zeros((len(hours), 0), np.float32), own=np.zeros(0, np.bool_),
        appliances=np.zeros((len(hours), 0), np.float32), events=hours, sensed=np.ones(len(hours), np.bool_),
    )  # fmt: skip
    gone = [Removal(home=0, minute=15 * DAY_MIN + 12 * 60 + 30, watts=np.zeros((CAP_MIN, 0), np.float32))]
    one, none = best(recording, gone, 1, 7), best(recording, gone, 0, 7)
    assert 10 * 60 <= one.after_min < 11 * 60
    assert 21 * 60 <= none.after_min < 24 * 60
    assert (one.alarms, none.alarms) == (1, 0)
    assert one.delay_min[0] == pytest.approx(one.after_min - 30, abs=2)


def test_silence_waits_where_nothing_is_known_and_begins_anew_after_a_gap() -> None:
    sign, known = np.zeros(600, np.bool_), np.ones(600, np.bool_)
    sign[10] = True
    known[20:30] = False
    known[100:140] = False
    known[180:561] = False
    silent = silence_min(sign, known)
    assert (silent[19], silent[30], silent[99]) == (9, 10, 79)
    assert silent[141] == 81
    assert silent[560] == 0
    assert silent[570] == 10
    assert episodes(silent).max() >= 79
    sign[10] = False
    assert silence_min(sign, known, 100)[9] == 110


def test_sensors_tell_minutes_doors_and_hours_that_are_missing(tmp_path: Path) -> None:
    write_rows(
        tmp_path / "homeX_sensors.csv.gz", "start,end,location,type,place",
        [
            "2012-11-11 21:14:21,2012-11-11 21:20:00,Seat,Pressure,Living",
            "2012-11-12 08:00:00,2012-11-12 08:00:05,Maindoor,Magnetic,Entrance",
        ],
    )  # fmt: skip
    home = read_ordonez(tmp_path / "homeX_sensors.csv.gz")
    assert (home.home, int(home.events.sum()), int(home.doors.sum())) == ("homeX", 4, 2)
    write_rows(
        tmp_path / "tm1.csv.gz", "time,sensor,value", ["2016-07-12 00:00:30.6,Bed,ON", "2016-07-12 00:00:31,Bed,OFF"]
    )
    assert int(read_casas(tmp_path / "tm1.csv.gz").events.sum()) == 1
    write_rows(
        tmp_path / "u.csv.gz", "timestamp,movement", ["2019-11-06 10:00:00+00:00,19", "2019-11-06 12:00:00+00:00,0"]
    )
    hourly = read_uci799(tmp_path / "u.csv.gz")
    assert int(hourly.events[10 * 60 + 59]) == 19
    assert int(hourly.sensed.sum()) == 120


def test_the_house_of_uci_235_is_read_and_its_holes_are_unknown(tmp_path: Path) -> None:
    head = "Date;Time;Global_active_power;Global_reactive_power;Voltage;Global_intensity;Sub_metering_1"
    rows = ["16/12/2006;17:24:00;4.216;0.4;234.8;18.4;38.000", "16/12/2006;17:26:00;?;?;?;?;?"]
    (tmp_path / "h.txt").write_text("\n".join([head, *rows]), "ascii")
    home = read_uci235(tmp_path / "h.txt")
    at = 17 * 60 + 24
    assert (home.minutes, int(home.known.sum())) == (DAY_MIN, 1)
    assert home.watts[at, 0] == pytest.approx(4216)
    assert home.appliances[at, 0] == pytest.approx(2280)
    (tmp_path / "h.txt").write_text(f"{head}\n2006-12-16;17:24:00;1;1;1;1;1", "ascii")
    with pytest.raises(RecordingError, match="does not match"):
        read_uci235(tmp_path / "h.txt")


def test_what_cannot_be_read_says_so(tmp_path: Path) -> None:
    (tmp_path / "x.npz").write_bytes(b"nothing")
    (tmp_path / "x.csv.gz").write_bytes(b"nothing")
    for read in (read_house, read_plugs, read_ordonez, read_casas, read_uci799, read_uci235):
        with pytest.raises(RecordingError):
            read(tmp_path / ("x.npz" if read in (read_house, read_plugs) else "x.csv.gz"))
