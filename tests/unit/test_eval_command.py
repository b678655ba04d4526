"""What ``anxin eval falls`` says: its object, its plots, and what is wrong with files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner

from console.cli.main import anxin
from tests.fall_recordings import fallen, still, write_sets, write_trials

ROW_KEYS = (
    "dataset",
    "placement",
    "group",
    "falls",
    "detected",
    "adl",
    "adl_false",
    "adl_hours",
    "false_per_hour",
    "delay_s_median",
    "delay_s_p95",
)


@pytest.fixture
def sets(tmp_path: Path) -> Path:
    write_sets(tmp_path / "data")
    return tmp_path / "data"


def eval_falls(*words: str | Path) -> tuple[int, str, str]:
    done = CliRunner().invoke(anxin, ["eval", "falls", *map(str, words)], standalone_mode=False)
    code = done.return_value if done.exception is None else getattr(done.exception, "exit_code", -1)
    said = str(done.exception.format_message()) if hasattr(done.exception, "format_message") else done.stderr
    return code, done.stdout, said


def test_the_command_ends_with_one_object_of_the_rows_that_were_promised(sets: Path) -> None:
    code, out, _ = eval_falls("--data", sets, "--json")
    body = json.loads(out.splitlines()[-1])
    assert (code, body["command"], body["problems"]) == (0, "eval falls", [])
    assert {"version", "settings"} <= body.keys()
    assert all(set(ROW_KEYS) <= row.keys() for row in body["results"])
    (wrist,) = [row for row in body["results"] if row["dataset"] == "weda_fall" and row["group"] == "young"]
    assert (wrist["falls"], wrist["detected"], wrist["adl"], wrist["adl_false"]) == (1, 1, 1, 0)
    assert 0 < wrist["delay_s_median"] <= wrist["delay_s_p95"] < 6


def test_plots_and_figures_are_written_where_they_are_asked_for(sets: Path, tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    code, _, said = eval_falls("--data", sets, "--out", tmp_path / "out")
    assert (code, "roc.png" in said) == (0, True)
    written = {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()}
    assert {"falls.json", *(f"{n}.{e}" for n in ("roc", "delay", "missed", "false") for e in ("png", "svg"))} == set(
        written
    )
    assert written["roc.png"].startswith(b"\x89PNG")
    assert b"sisfall, waist" in written["missed.svg"] or b"<svg" in written["missed.svg"]


def test_without_matplotlib_one_sentence_says_so_and_the_figures_still_come(
    sets: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("evaluation.falls.plots.find_spec", lambda _: None)
    code, out, said = eval_falls("--data", sets, "--out", tmp_path / "out", "--json")
    assert code == 0
    assert "no plots: matplotlib is not installed" in said
    assert (
        json.loads(out.splitlines()[-1])["results"]
        == json.loads((tmp_path / "out" / "falls.json").read_text())["results"]
    )


BROKEN: dict[str, tuple[dict[str, Any], str]] = {
    "a column too few": ({"subject": None}, "lacks subject"),
    "a column too short": ({"code": ["D01"]}, "code has shape"),
    "samples too few": ({"off": [0, 10_000, 20_000]}, "dxyz is int16"),
    "samples as floats": ({"dxyz": np.full((3, 300), np.nan)}, "dxyz is float64"),
    "no rate": ({"rate_hz": np.float64("nan")}, "rate_hz is nan"),
    "no scale": ({"scale_g": np.array([1.0, 2.0])}, "scale_g is"),
    "recordings out of order": ({"off": [0, 200, 100]}, "off must say"),
    "half a trial": ({"trial": [1.5, float("nan")]}, "trial is float64"),
}


@pytest.mark.parametrize("fault", list(BROKEN))
def test_a_file_that_is_not_what_it_should_be_is_named_and_the_others_go_on(sets: Path, fault: str) -> None:
    columns, words = BROKEN[fault]
    path = sets / "weda_fall" / "zz_broken.npz"
    write_trials(path, [still(3, 50), still(3, 50)], 50, **{"subject": ["U1", "U2"], "code": ["D01", "D02"]} | columns)
    if columns.get("subject", ()) is None:
        with np.load(path, allow_pickle=True) as whole:
            np.savez(path, **{name: whole[name] for name in whole.files if name != "subject"})
    code, out, said = eval_falls("--data", sets, "--json")
    assert code == 1
    assert str(path) in said
    assert words in said
    assert {row["dataset"] for row in json.loads(out.splitlines()[-1])["results"]} == {
        "sisfall",
        "weda_fall",
        "umafall",
        "assist_stairs",
    }


@pytest.mark.parametrize("keep", [0, 100, 3000])
def test_a_file_that_was_cut_off_is_named_and_the_others_go_on(sets: Path, keep: int) -> None:
    path = sets / "weda_fall" / "cut.npz"
    path.write_bytes((sets / "weda_fall" / "weda.npz").read_bytes()[:keep])
    code, _, said = eval_falls("--data", sets)
    assert (code, str(path) in said, "Fetch it again" in said) == (1, True, True)


def test_a_file_whose_samples_rotted_is_named_and_the_others_go_on(sets: Path) -> None:
    path = sets / "weda_fall" / "weda.npz"
    bytes_ = bytearray(path.read_bytes())
    bytes_[600] ^= 0xFF
    path.write_bytes(bytes_)
    code, out, said = eval_falls("--data", sets, "--json")
    assert (code, str(path) in said) == (1, True)
    assert "sisfall" in out


def test_an_empty_recording_is_set_aside_and_said(tmp_path: Path) -> None:
    signals = [still(3, 50), np.zeros((0, 3)), fallen(50)]
    interval_s = {"fall_start_s": [np.nan, np.nan, 9.0], "fall_end_s": [np.nan, np.nan, 4.0]}
    columns = {"subject": ["U1"] * 3, "code": ["D01", "D02", "F01"], "elder": [False] * 3}
    write_trials(tmp_path / "weda_fall" / "a.npz", signals, 50, **columns, **interval_s)
    code, out, said = eval_falls("--data", tmp_path, "--json")
    (row,) = json.loads(out.splitlines()[-1])["results"]
    assert (code, row["adl"], row["falls"]) == (0, 1, 0)
    assert "U1 D02 trial 1 is left out: it has no samples" in said
    assert "its fall lasts from 9 to 4 s" in said


def test_nothing_to_measure_and_wrong_words_are_said_in_words(sets: Path, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    assert eval_falls("--data", tmp_path / "empty")[0] == 3
    assert eval_falls("--data", tmp_path / "nowhere")[0] == 2
    code, _, said = eval_falls("--data", sets, "--test", "moon")
    assert (code, "there are: assist_stairs, sisfall, umafall, weda_fall" in said) == (2, True)
    assert eval_falls("--data", sets, "--train", "sisfall", "--test", "sisfall")[0] == 2
    assert eval_falls("--data", sets, "--train", "sisfall", "--leave-subjects-out", "2")[0] == 2
