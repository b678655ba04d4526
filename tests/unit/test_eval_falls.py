"""``anxin eval falls``: streamed as a device would, counted event by event, and what is wrong is said in words."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable
from itertools import chain, islice
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.cli.falls_table import table
from console.cli.text_table import terminal_language
from evaluation.errors import NothingToMeasureError
from evaluation.falls.curves import by_code, roc
from evaluation.falls.detector import MotionDetector
from evaluation.falls.outcome import Event, Outcome, events_of
from evaluation.falls.rows import Figures, count
from evaluation.falls.run import Result, Tell, evaluate, open_folder
from evaluation.falls.split import Split, across_sets, as_shipped, leave_subjects_out
from evaluation.falls.stream import START_S, judge
from evaluation.intervals import poisson_rate, wilson
from firmware_sim.recordings.trial import Group, Recording, Trial
from tests.fall_recordings import LoudDetector, Told, still, write_sets, write_trials

NOBODY: frozenset[str] = frozenset()


@pytest.fixture
def sets(tmp_path: Path) -> Path:
    write_sets(tmp_path / "data")
    return tmp_path / "data"


def measured(folder: Path, *, splits: list[Split] | None = None, **given: Any) -> Result:
    recordings = open_folder(folder, ankle=given.pop("ankle", False))
    chosen = {"shipped_people": NOBODY, "window_s": 1.0, "seed": 1, "tell": lambda _: None} | given
    return evaluate(recordings, splits or as_shipped(NOBODY), LoudDetector, **chosen)


def figures_of(result: Result, dataset: str, placement: str, group: Group = Group.YOUNG) -> Figures:
    (found,) = [f for f in result.figures if (f.dataset, f.placement, f.group) == (dataset, placement, group)]
    return found


# reading


def test_every_set_is_known_by_its_content_whatever_its_folder_and_file_are_called(sets: Path) -> None:
    for number, folder in enumerate(sorted(sets.iterdir())):
        folder.rename(sets / f"part{number}")
    found = {(trial.dataset, trial.position) for trial in open_folder(sets, ankle=True).trials()}
    assert found == {
        ("sisfall", "waist"),
        ("weda_fall", "wrist"),
        ("assist_stairs", "waist"),
        *(("umafall", position) for position in ("waist", "wrist", "chest", "ankle", "pocket")),
    }


def test_a_set_may_be_given_alone_and_a_set_that_nobody_knows_goes_by_its_folder(sets: Path) -> None:
    assert open_folder(sets / "sisfall").datasets == {"sisfall"}
    write_trials(sets / "ours" / "a.npz", [still(3, 25)], 25, subject=["p1"], code=["D1"], position=["neck"])
    (trial,) = open_folder(sets / "ours").trials()
    assert (trial.dataset, trial.position, trial.placement.name) == ("ours", "chest", "NECK")


def test_who_is_an_elder_is_told_by_flag_by_years_or_by_name(sets: Path) -> None:
    elders = {trial.person for trial in open_folder(sets).trials() if trial.group is Group.ELDER}
    assert elders == {"sisfall/SE02", "weda_fall/U21", "umafall/S01"}


def test_other_recordings_beside_them_are_passed_over(sets: Path) -> None:
    (sets / "house_power").mkdir()
    np.savez(sets / "house_power" / "home.npz", watts=np.zeros(3))
    assert open_folder(sets).unreadable == []


# streaming


def test_the_detector_hears_every_sample_once_and_never_before_it_is_there(sets: Path) -> None:
    made: list[LoudDetector] = []

    def make(wearers: int, model: object) -> LoudDetector:
        made.append(LoudDetector(wearers, model))
        return made[-1]

    recordings = list(open_folder(sets).read(lambda _: True))
    list(judge(recordings, make, None, 1.5))
    (detector,) = made
    for recording, heard in zip(recordings, detector.heard, strict=True):
        assert np.concatenate([window.counts for window in heard]) == pytest.approx(recording.counts)
        assert heard[0].accel_g == pytest.approx(recording.accel_g[: len(heard[0].counts)], rel=1e-6)
        assert {window.placement for window in heard} == {recording.trial.placement}
        assert len(heard[0].counts) == round(1.5 * recording.trial.rate_hz)
        for window, now_s in zip(heard, detector.arrivals_s, strict=False):
            assert window.start_s + (len(window.counts) - 1) / window.rate_hz < now_s


def test_what_is_found_when_no_more_windows_come_counts_too(sets: Path) -> None:
    class Patient(LoudDetector):
        def tick(self, now_s: float) -> list[Told]:
            ended_s = [heard[-1].start_s + len(heard[-1].counts) / heard[-1].rate_hz for heard in self.heard]
            found = [wearer for wearer, end_s in enumerate(ended_s) if now_s - 1 <= end_s + 3 < now_s]
            return [Told(wearer=w, stage="suspected", impact_at=ended_s[w] - 1, logit=1.0) for w in found]

    calm = open_folder(sets).read(lambda trial: trial.position == "waist" and not trial.fall)
    for outcome in judge(calm, Patient, None, 1.0):
        assert outcome.events[-1].raised_s == pytest.approx(outcome.trial.duration_s + 3, abs=1.1)


def test_many_at_once_are_judged_as_each_alone(sets: Path) -> None:
    recordings = list(open_folder(sets).read(lambda _: True))
    together = list(judge(recordings, MotionDetector, None, 1.0))
    alone = [outcome for recording in recordings for outcome in judge([recording], MotionDetector, None, 1.0)]
    assert together == alone


def test_a_window_that_no_device_could_send_is_refused(sets: Path) -> None:
    with pytest.raises(NothingToMeasureError, match="give --window 128"):
        measured(sets, window_s=200.0)


# counting


def trial(**given: Any) -> Trial:
    return Trial(
        **{
            "row": 0,
            "dataset": "set",
            "subject": "p",
            "code": "F01",
            "trial": 1,
            "position": "waist",
            "group": Group.YOUNG,
            "fall": True,
            "rate_hz": 50.0,
            "samples": 500,
            "interval_s": None,
        }
        | given
    )


def event(impact_s: float, raised_s: float | None, **given: Any) -> Event:
    return Event(
        **{"impact_s": impact_s, "raised_s": raised_s, "confirmed_s": None, "recovered": False, "score": 1.0} | given
    )


def test_only_an_impact_within_the_annotated_fall_finds_it() -> None:
    events = (event(1.0, 2.0), event(4.9, 6.0, confirmed_s=9.0))
    found = Outcome(trial=trial(interval_s=(3.0, 4.0)), impact_s=3.5, events=events)
    assert (found.delay_s, found.confirm_s, found.alarms) == (2.5, 5.5, 2)
    missed = Outcome(trial=trial(interval_s=(7.0, 8.0)), impact_s=7.5, events=events)
    assert missed.delay_s is None
    anywhere = Outcome(trial=trial(), impact_s=3.5, events=events)
    assert anywhere.delay_s == -1.5
    row = count([found, missed, anywhere], NOBODY)[0].row
    assert (row["falls"], row["detected"], row["strays"], row["confirmed"]) == (3, 2, 3, 2)


def test_two_false_alarms_of_one_recording_are_two_per_hour_and_one_recording() -> None:
    sits = trial(fall=False, code="D01", samples=50 * 1800)
    events = (event(1, 2.0), event(9, 11.0, recovered=True), event(20, None, score=0.2))
    (figures,) = count([Outcome(trial=sits, impact_s=None, events=events)], NOBODY)
    assert (figures.adl, figures.adl_false, figures.adl_alarms, figures.adl_recovered) == (1, 1, 2, 1)
    assert (figures.adl_hours, figures.false_per_hour) == (0.5, 4.0)
    assert (figures.row["detected"], figures.row["detected_share"], figures.row["delay_s_median"]) == (0, None, None)


def test_the_stages_of_one_fall_are_one_event() -> None:
    def told(stage: str | None, impact_at: float, logit: float = 0.9) -> Told:
        return Told(wearer=0, stage=stage, impact_at=impact_at, logit=logit)

    heard = [(12.0, told("suspected", 10.0)), (20.0, told("confirmed", 10.0, 0.7)), (31.0, told(None, 30.0, 0.1))]
    fell, hit = events_of(heard, 0.0)
    assert fell == event(10.0, 12.0, confirmed_s=20.0, score=0.9)
    assert hit == event(30.0, None, score=0.1)
    (near,) = events_of([(12.0, told("suspected", 10.0)), (25.0, told("recovered", 10.0))], 2.0)
    assert near == event(8.0, 10.0, recovered=True, score=0.9)


def test_the_twins_are_counted_as_they_were_made(sets: Path) -> None:
    result = measured(sets)
    young, elder = figures_of(result, "sisfall", "waist"), figures_of(result, "sisfall", "waist", Group.ELDER)
    assert (young.falls, young.detected, young.adl, young.adl_false) == (2, 2, 1, 0)
    assert (elder.falls, elder.adl, elder.adl_false, elder.subjects) == (0, 1, 1, 1)
    assert all(0 < delay_s <= 1 for delay_s in young.delays_s)
    assert figures_of(result, "weda_fall", "wrist").detected == 1
    assert "ankle" not in {figures.placement for figures in result.figures}
    assert "ankle" in {figures.placement for figures in measured(sets, ankle=True).figures}


def test_a_threshold_between_the_scores_parts_falls_from_knocks() -> None:
    falls = [Outcome(trial=trial(), impact_s=1, events=(event(1, 2.0, score=score),)) for score in (0.9, 0.6)]
    daily = trial(fall=False, code="D01")
    knock = Outcome(trial=daily, impact_s=None, events=(event(1, None, score=0.7),))
    calm = Outcome(trial=daily, impact_s=None, events=())
    curve = roc([*falls, knock, calm])
    assert curve is not None
    assert list(zip(curve.threshold, curve.detected, curve.false, strict=True)) == [
        (math.inf, 0, 0),
        (0.9, 0.5, 0),
        (0.7, 0.5, 0.5),
        (0.6, 1, 0.5),
    ]
    assert curve.at == (1.0, 0.0)
    assert roc(falls) is None
    assert by_code([*falls, knock, calm], fall=True) == {"F01": (0, 2)}
    assert by_code([*falls, knock, calm], fall=False) == {"D01": (0, 2)}


# intervals


def test_the_intervals_are_those_of_the_tables() -> None:
    assert wilson(8, 10) == pytest.approx((0.4902, 0.9433), abs=1e-4)
    assert wilson(0, 10) == pytest.approx((0.0, 0.2775), abs=1e-4)
    assert wilson(0, 0) is None
    assert poisson_rate(0, 2.0) == pytest.approx((0.0, 3.6889 / 2), abs=1e-4)
    assert poisson_rate(1, 1.0) == pytest.approx((0.0253, 5.5716), abs=1e-4)
    assert poisson_rate(10, 1.0) == pytest.approx((4.7954, 18.3904), abs=1e-4)
    assert poisson_rate(3, 0.0) is None


@given(st.integers(0, 400), st.floats(0.1, 100))
def test_a_rate_is_within_its_interval_whose_ends_are_exact(events: int, hours: float) -> None:
    interval = poisson_rate(events, hours)
    assert interval is not None
    assert interval[0] <= events / hours < interval[1]
    for bound, tail in ((interval[0], range(events)), (interval[1], range(events + 1))):
        mean = bound * hours
        chance = sum(math.exp(k * math.log(mean) - mean - math.lgamma(k + 1)) for k in tail) if mean else 0.975
        assert chance == pytest.approx(0.975 if len(tail) == events else 0.025, abs=1e-6)


# who is trained on


class Weights:
    """Knows whom it was fitted to, and nothing else."""

    def __init__(self, recordings: Iterable[Recording]) -> None:
        self.trained_on = frozenset(recording.trial.person for recording in recordings)


def test_nobody_is_both_trained_on_and_tested_and_everybody_is_tested_once(sets: Path) -> None:
    seen: list[frozenset[str]] = []

    def train(recordings: Iterable[Recording], *, seed: int, progress: Tell) -> Weights:
        assert len(list(recordings)) == len(list(recordings))
        seen.append(Weights(recordings).trained_on)
        return Weights(recordings)

    splits = leave_subjects_out(open_folder(sets).trials(), 2, 7, NOBODY)
    result = measured(sets, splits=splits, train=train)
    everybody = {trial.person for trial in open_folder(sets).trials()}
    tested = [sorted({t.person for t in open_folder(sets).trials(split.test)}) for split in splits]
    assert sorted(chain.from_iterable(tested)) == sorted(everybody)
    assert all(people.isdisjoint(fold) for people, fold in zip(seen, tested, strict=True))
    assert len(result.outcomes) == len(measured(sets).outcomes)
    assert all(figures.honest for figures in result.figures)


def test_trained_on_one_set_and_tested_on_the_others(sets: Path) -> None:
    def train(recordings: Iterable[Recording], *, seed: int, progress: Tell) -> Weights:
        weights = Weights(recordings)
        assert weights.trained_on == {"sisfall/SA01", "sisfall/SE02", "sisfall/SA03"}
        return weights

    result = measured(sets, splits=across_sets(frozenset({"sisfall"}), NOBODY), train=train)
    assert {figures.dataset for figures in result.figures} == {"weda_fall", "umafall", "assist_stairs"}


def test_a_figure_of_people_that_were_trained_on_is_marked(sets: Path) -> None:
    result = measured(sets, shipped_people=frozenset({"sisfall/SA01", "umafall/S99"}))
    young = figures_of(result, "sisfall", "waist")
    assert (young.trained_on, young.honest, young.row["honest"]) == (1, False, False)
    assert figures_of(result, "umafall", "waist").honest
    english, chinese = list(table(result.figures, "en")), list(table(result.figures, "zh"))
    assert [line.split()[:2] for line in english if line.startswith("sisfall *")] == [["sisfall", "*"]]
    assert "not an honest figure" in english[-1]
    assert "不客观" in chinese[-1]


def test_the_table_speaks_the_language_of_the_terminal() -> None:
    assert terminal_language({"LANG": "zh_CN.UTF-8"}) == "zh"
    assert terminal_language({"LC_ALL": "C.UTF-8", "LANG": "zh_CN.UTF-8"}) == "en"
    assert terminal_language({}) == "en"


# the real ones


def test_the_real_sets_have_the_recordings_that_their_readmes_tell(recordings: Path) -> None:
    found = open_folder(recordings, ankle=True)
    assert (found.unreadable, found.set_aside) == ([], [])
    there = Counter((trial.dataset, trial.fall) for trial in found.trials())
    assert (there["sisfall", True], there["sisfall", False]) == (1050, 1624)
    assert (there["weda_fall", True], there["weda_fall", False]) == (200, 364)
    some = list(islice(found.read(lambda trial: trial.dataset == "weda_fall" and trial.fall), 40))
    outcomes = list(judge(some, LoudDetector, None, 1.0))
    assert np.mean([outcome.delay_s is not None for outcome in outcomes]) > 0.8
    assert all(abs(np.median(np.linalg.norm(one.accel_g, axis=1)) - 1) < 0.2 for one in some)
    assert START_S > 2**28
