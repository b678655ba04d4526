"""A home whose meter and sensors tell of its people: asked about, alarmed, and left alone; on a moved clock."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from numpy.typing import NDArray

from alarms.core import saved
from alarms.core.engine import Core, CoreDevice, Judgement
from alarms.core.home import Home
from alarms.core.profiles import load_profiles
from ingest.wire.batch import ReadingBatch
from ingest.wire.signals import BY_NAME
from tests.quiet_home import DAY_MIN, house_w, person_w

PROFILES = load_profiles().only("no_sign_of_life")
ZONE = ZoneInfo("Asia/Shanghai")
MONDAY = datetime(2026, 3, 2, tzinfo=ZONE)
MINUTE_S = 60.0
STEP = 5
"""Minutes that come together."""
DAYS = 32
HOUSE, PERSON = house_w(DAYS, 3), person_w(DAYS, 3)
BREAKFAST = 12 * DAY_MIN + 9 * 60
WANG = Home(resident_id="wang", home_id="flat", subject="resident:wang", timezone="Asia/Shanghai")
METER = CoreDevice(device_id="meter-1", number=1, profile="meter", gateway_id="g", home=WANG)


class Flat:
    """A core, the flat's devices and the life in it; ``told`` is what was judged."""

    def __init__(self, *devices: CoreDevice, minute: int = 0) -> None:
        self.devices = devices or (METER,)
        self.core = Core(PROFILES, self.devices, "platform")
        self.minute = minute
        self.told: list[Judgement] = []

    @property
    def now_s(self) -> float:
        return MONDAY.timestamp() + self.minute * MINUTE_S

    def live(self, hours: float, *, alone: bool = False, heard: bool = True) -> None:
        """Minutes go by; ``alone``: the house by itself; not ``heard``: no reading comes."""
        watts = HOUSE if alone else HOUSE + PERSON
        for begin in range(self.minute, self.minute + round(hours * 60), STEP):
            self.minute = begin + STEP
            if heard:
                moments = MONDAY.timestamp() + MINUTE_S * np.arange(begin + 1, begin + STEP + 1)
                self.say(*((1, "power_w", one) for one in watts[begin : begin + STEP].tolist()), at_s=moments)
            self.hear(self.core.tick(self.now_s))

    def say(self, *readings: tuple[int, str, float], at_s: NDArray[np.float64] | None = None) -> None:
        batch = ReadingBatch(
            device=np.array([device for device, _, _ in readings], np.int32),
            signal=np.array([BY_NAME[signal].number for _, signal, _ in readings], np.int16),
            element=np.zeros(len(readings), np.int8),
            observed_s=np.full(len(readings), self.now_s) if at_s is None else at_s,
            received_s=np.full(len(readings), self.now_s),
            value=np.array([value for _, _, value in readings]),
        )
        self.hear(self.core.update(batch, self.now_s))

    def hear(self, judged: Iterable[Judgement]) -> None:
        self.told += [one for one in judged if one.rule == "no_sign_of_life"]

    def know(self, devices: Sequence[CoreDevice]) -> None:
        """The registry has changed: a new core goes on from the old one's state."""
        state, self.core = self.core.state(), Core(PROFILES, devices, "platform")
        self.hear(self.core.restore(state, self.now_s, live=True))

    @property
    def stages(self) -> list[str]:
        return [one.evidence.get("stage", "over") for one in self.told]

    def hours_of(self, stage: str) -> float:
        """The hour of its day at which the first judgement of a stage came."""
        at_s = next(one.at_s for one in self.told if one.evidence.get("stage") == stage)
        at = datetime.fromtimestamp(at_s, ZONE)
        return at.hour + at.minute / 60


@pytest.fixture(scope="module")
def lived() -> bytes:
    """The state after twelve days of an ordinary life, to the end of the thirteenth day's breakfast."""
    flat = Flat()
    flat.live(BREAKFAST / 60)
    assert flat.told == [], "an ordinary life asks for nothing"
    return flat.core.state()


@pytest.fixture
def flat(lived: bytes) -> Flat:
    known = Flat(minute=BREAKFAST)
    known.core.restore(lived, known.now_s, live=True)
    return known


def test_silence_after_breakfast_is_asked_about_and_half_an_hour_later_at_least_alarmed(flat: Flat) -> None:
    flat.live(24, alone=True)
    assert flat.stages == ["asked", "missing"]
    asked, missing = flat.told
    assert (asked.rule, asked.subject, asked.device_number) == ("no_sign_of_life", "resident:wang", 1)
    assert missing.at_s - asked.at_s >= 1800
    assert flat.hours_of("missing") < 22, "the same day"


def test_the_evidence_names_the_days_and_draws_the_usual_one(flat: Flat) -> None:
    flat.live(24, alone=True)
    asked = flat.told[0].evidence
    assert asked["text"].startswith("by ")
    assert "there was a sign of life on" in asked["text"]
    assert "now nothing since" in asked["text"]
    assert asked["text_zh"].endswith("起没有任何活动迹象")
    day = asked["day"]
    assert len(day["usual"]) == 48
    assert all(share is None or 0 <= share <= 1 for share in day["usual"])
    assert len(day["today"]) == -(-int(day["now_h"] * 60) // 30)
    assert day["today"][14] is True, "breakfast"
    assert day["today"][-1] is False


def test_life_that_comes_back_ends_it(flat: Flat) -> None:
    flat.live(12, alone=True)
    assert "asked" in flat.stages
    before = len(flat.told)
    flat.live(12)
    over = flat.told[before:]
    assert [one.raised for one in over] == [False]
    flat.live(24)
    assert len(flat.told) == before + 1


def test_a_week_of_silence_is_one_question_and_one_alarm(flat: Flat) -> None:
    flat.live(7 * 24, alone=True)
    assert flat.stages == ["asked", "missing"]


def test_a_night_is_no_silence_and_neither_is_an_outage(flat: Flat) -> None:
    flat.live(14)
    flat.live(10, heard=False)
    flat.live(2, alone=True)
    assert flat.told == []


def test_nothing_is_asked_while_they_are_away_and_soon_after(flat: Flat) -> None:
    flat.know([replace(METER, home=replace(WANG, away=True))])
    flat.live(3 * 24, alone=True)
    assert flat.told == []
    flat.know([METER])
    flat.live(24)
    assert flat.told == []


def test_what_is_asked_ends_with_away_and_is_asked_anew_before_the_next_alarm(flat: Flat) -> None:
    while not flat.told:
        flat.live(0.5, alone=True)
    flat.know([replace(METER, home=replace(WANG, away=True))])
    flat.live(2 * 24, alone=True)
    assert flat.stages == ["asked", "over"]
    flat.know([METER])
    flat.live(2 * 24, alone=True)
    assert flat.stages[2:] == ["asked", "missing"]
    assert flat.told[3].at_s - flat.told[2].at_s >= 1800


def away_since(flat: Flat) -> CoreDevice:
    """Everybody is away from now on."""
    return replace(METER, home=replace(WANG, away=True, away_at_s=flat.now_s))


def test_a_forgotten_mark_ends_with_life_and_from_then_on_silence_is_asked_about(flat: Flat) -> None:
    flat.know([away_since(flat)])
    flat.live(2 * 24, alone=True)
    assert flat.core.back() == {}
    flat.live(12)
    assert list(flat.core.back()) == ["resident:wang"]
    assert flat.core.back()["resident:wang"] < flat.now_s
    assert flat.told == []
    flat.live(2 * 24, alone=True)
    assert flat.stages == ["asked", "missing"]
    asked, missing = flat.told
    assert asked.evidence["back_s"] == flat.core.back()["resident:wang"]
    assert missing.at_s - asked.at_s >= 1800


def test_packing_and_leaving_are_no_return(flat: Flat) -> None:
    flat.know([away_since(flat)])
    flat.live(1.75)
    flat.live(24, alone=True)
    assert flat.core.back() == {}


def test_whoever_stays_at_home_in_spite_of_the_mark_is_watched(flat: Flat) -> None:
    flat.know([away_since(flat)])
    flat.live(10)
    assert list(flat.core.back()) == ["resident:wang"]


def test_that_they_are_away_may_be_said_again(flat: Flat) -> None:
    flat.know([away_since(flat)])
    flat.live(2 * 24, alone=True)
    flat.live(12)
    flat.know([away_since(flat)])
    assert flat.core.back() == {}
    flat.live(2 * 24, alone=True)
    assert flat.told == []
    flat.know([METER])
    assert flat.core.back() == {}


def test_that_life_is_back_outlives_a_restart(flat: Flat) -> None:
    mark = away_since(flat)
    flat.know([mark])
    flat.live(2 * 24, alone=True)
    flat.live(12)
    back = flat.core.back()
    flat.know([mark])
    assert flat.core.back() == back != {}


def test_a_state_of_before_there_were_returns_still_loads(flat: Flat, lived: bytes) -> None:
    facts, arrays = saved.unpack(lived)
    del arrays["silence.home.back_at"]
    arrays["silence.home.away"] = np.zeros(1, np.bool_)
    flat.core.restore(saved.pack(facts, arrays), flat.now_s, live=True)
    flat.live(24, alone=True)
    assert flat.stages == ["asked", "missing"]


def test_somebody_says_that_all_is_well_and_it_counts_anew_from_there(flat: Flat) -> None:
    while not flat.told:
        flat.live(0.5, alone=True)
    said_s = flat.now_s
    flat.know([replace(METER, home=replace(WANG, well_at_s=said_s))])
    flat.live(0.5, alone=True)
    assert flat.stages == ["asked", "over"]
    flat.live(2 * 24, alone=True)
    assert flat.stages[2:] == ["asked", "missing"]


def test_a_restart_changes_nothing(flat: Flat) -> None:
    other = Flat(minute=flat.minute)
    other.core.restore(flat.core.state(), flat.now_s, live=True)
    flat.live(20, alone=True)
    for _ in range(40):
        other.live(0.5, alone=True)
        other.know([METER])
    assert [(one.at_s, one.evidence.get("stage")) for one in flat.told] == [
        (one.at_s, one.evidence.get("stage")) for one in other.told
    ]


def test_somebody_who_moves_without_switching_anything_on_is_alive(flat: Flat) -> None:
    sensor = CoreDevice(device_id="pir-1", number=2, profile="motion_sensor", gateway_id="g", home=WANG)
    flat.know([METER, sensor])
    for half_hour in range(24):
        flat.say((2, "motion", float(half_hour % 2)))
        flat.live(0.5, alone=True)
    assert flat.told == []


@pytest.mark.parametrize(("in_bed", "goes_on", "out"), [(True, True, False), (True, False, True), (False, True, True)])
def test_when_a_visitor_leaves_whoever_lies_in_bed_has_not_gone_out(
    flat: Flat, *, in_bed: bool, goes_on: bool, out: bool
) -> None:
    """``goes_on``: the bed's sensor is heard until the visitor has left."""
    bed = CoreDevice(device_id="bed", number=2, profile="bed_sensor", gateway_id="g", home=WANG)
    door = CoreDevice(device_id="door", number=3, profile="entrance_door", gateway_id="g", home=WANG)
    flat.know([METER, bed, door])
    flat.say((2, "bed_occupied", float(in_bed)))
    flat.live(1)
    for opens in (True, False):
        flat.say((3, "contact_open", float(opens)))
        for _ in range(6):
            if goes_on:
                flat.say((2, "bed_occupied", float(in_bed)))
            flat.live(1 / 12, alone=True)
    flat.live(24, alone=True)
    assert flat.stages[:2] == ["asked", "missing"]
    assert ("last heard at the front door" in flat.told[1].evidence["text"]) is out


@pytest.mark.parametrize("deed", ["help_call", "call_test", "staff_present", "bed_exit"])
def test_whoever_presses_or_looks_in_shows_that_there_is_life(flat: Flat, deed: str) -> None:
    button = CoreDevice(device_id="sos", number=3, profile="sos_button", gateway_id="g", home=WANG)
    flat.know([METER, button])
    for half_hour in range(24):
        flat.say((3, deed, float(half_hour % 2 == 0 or deed != "staff_present")))
        flat.live(0.5, alone=True)
    assert flat.told == []


@pytest.mark.parametrize(("apart_s", "ended"), [(0.0, False), (1.0, True)])
def test_one_press_that_comes_four_times_is_less_than_four_presses(flat: Flat, apart_s: float, ended: bool) -> None:
    button = CoreDevice(device_id="sos", number=3, profile="sos_button", gateway_id="g", home=WANG)
    flat.know([METER, button])
    while not flat.told:
        flat.live(0.5, alone=True)
    flat.say(*[(3, "help_call", 1.0)] * 4, at_s=flat.now_s - 4 + apart_s * np.arange(4))
    flat.live(0.25, alone=True)
    assert ("over" in flat.stages) == ended


def test_patience_waits_for_longer(flat: Flat, lived: bytes) -> None:
    patient = Flat(minute=flat.minute)
    device = replace(METER, thresholds={"no_sign_of_life": {"patience": 2.0}})
    patient.core = Core(PROFILES, [device], "platform")
    patient.core.restore(lived, patient.now_s, live=True)
    flat.live(24, alone=True)
    patient.live(24, alone=True)
    assert patient.told == [] or patient.told[0].at_s > flat.told[0].at_s


def test_devices_of_nobody_and_homes_without_the_rule_are_not_watched() -> None:
    button = CoreDevice(device_id="sos", number=3, profile="sos_button", gateway_id="g", home=WANG)
    stranger = replace(METER, home=Home())
    flat = Flat(stranger, button)
    flat.live(1, alone=True)
    assert flat.core.state()
    assert flat.told == []
