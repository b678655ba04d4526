"""What a room's detectors say together: fires of known heat, and what is only mistaken for one."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec
import numpy as np
import pytest

from alarms.core import saved
from alarms.core.engine import Core, CoreDevice, Judgement
from alarms.core.errors import ModelError
from alarms.core.fire.model import decode, encode
from alarms.core.profiles import load_profiles
from firmware_sim.fires.scenes import Played, draw, play
from ingest.wire.batch import ReadingBatch
from ingest.wire.signals import BY_NAME

PROFILES = load_profiles()
START = 1_763_781_000.0
EVERYTHING = ("obscuration_db_m", "temp_c", "co_ppm", "humidity_pct")
FIRE_RULES = ("room_fire", "smoke_dense", "heat_high", "heat_rise")


class House:
    """Rooms with one detector each; a scene is played in every room at once."""

    def __init__(self, rooms: int, use: str | None = None, profile: str = "smoke_alarm") -> None:
        self.devices = [
            CoreDevice(device_id=f"d{n}", number=n + 1, profile=profile, room_id=f"r{n}", room_use=use)
            for n in range(rooms)
        ]
        self.core = Core(PROFILES, self.devices, "gateway")
        self.first: dict[tuple[str, int], tuple[int, Judgement]] = {}
        self.now = START

    def say(self, values: Mapping[str, float], room: int = 0) -> list[Judgement]:
        found = self.hear(np.array([list(values.values())]), tuple(values), [room])
        return [one for one in found if one.rule in FIRE_RULES]

    def hear(self, values: np.ndarray, names: tuple[str, ...], rooms: list[int]) -> list[Judgement]:
        """One sample of each signal in each room; ``values`` (rooms, signals)."""
        count = len(names) * len(rooms)
        batch = ReadingBatch(
            device=np.repeat(np.array(rooms, np.int32) + 1, len(names)),
            signal=np.tile(np.array([BY_NAME[name].number for name in names], np.int16), len(rooms)),
            element=np.zeros(count, np.int8),
            observed_s=np.full(count, self.now),
            received_s=np.full(count, self.now),
            value=values.ravel().astype(np.float64),
        )
        return [*self.core.update(batch, self.now), *self.core.tick(self.now)]

    def play(self, played: Played, names: tuple[str, ...] = EVERYTHING) -> None:
        values = np.stack([getattr(played, name)[:, 0] for name in names], axis=1)
        rooms = list(range(len(values)))
        for second in range(values.shape[2]):
            for judgement in self.hear(values[:, :, second], names, rooms):
                room = int(judgement.subject.removeprefix("room:").lstrip("rd"))
                if judgement.raised:
                    self.first.setdefault((judgement.rule, room), (second, judgement))
            self.now += 1

    def raised(self, *rules: str) -> set[int]:
        """The rooms in which one of the rules was raised."""
        return {room for rule, room in self.first if rule in rules}

    def restart(self) -> None:
        saved, self.core = self.core.state(), Core(PROFILES, self.devices, "gateway")
        assert self.core.restore(saved, self.now) == []


@pytest.mark.parametrize(("kind", "seconds"), [("medium", 560), ("fast", 400), ("ultra_fast", 380)])
def test_every_fire_is_told_before_it_has_a_quarter_of_a_megawatt(kind: str, seconds: int) -> None:
    played = play(draw(kind, range(20), "room_20"), seconds)
    house = House(20)
    house.play(played)
    reach_s = played.reach_s(250)
    for room in np.flatnonzero(~np.isnan(reach_s)).tolist():
        assert house.first["room_fire", room][0] < reach_s[room]
    evidence = house.first["room_fire", 0][1].evidence
    assert evidence["looks_like"]["flaming"] > 0.5
    assert "flames" in evidence["text"]
    assert "明火" in evidence["text_zh"]
    assert {one["signal"] for one in evidence["series"]} == set(EVERYTHING)


@pytest.mark.parametrize("kind", ["toast", "frying", "boiling", "oven", "steam", "dust"])
def test_what_happens_in_a_kitchen_every_day_is_no_fire(kind: str) -> None:
    house = House(20, use="kitchen")
    house.play(play(draw(kind, range(20), "kitchen"), 600))
    assert house.raised(*FIRE_RULES) == set()


def test_dust_and_sprays_in_other_rooms_are_no_fire_of_the_room() -> None:
    for kind in ("dust", "hair_spray", "cigarette", "candle"):
        house = House(15)
        house.play(play(draw(kind, range(15), "living"), 400))
        assert house.raised("room_fire") == set()


def test_oil_that_burns_on_the_hob_is_told_among_the_fumes() -> None:
    house = House(8, use="kitchen")
    played = play(draw("kitchen_fire", range(8), "kitchen"), 1100)
    house.play(played)
    reach_s = played.reach_s(250)
    burnt = np.flatnonzero(~np.isnan(reach_s)).tolist()
    assert burnt
    assert all(house.first["room_fire", room][0] < reach_s[room] for room in burnt)


def test_a_detector_that_wakes_up_in_smoke_does_not_take_it_for_normal() -> None:
    house = House(1)
    told: list[Judgement] = []
    for _ in range(10):
        told += house.say({"obscuration_db_m": 2.0})
        house.now += 1
    assert "smoke_dense" in [one.rule for one in told]


def test_soiling_is_made_up_for_and_smoke_is_above_it() -> None:
    house = House(1)
    for hour in range(48):
        assert house.say({"obscuration_db_m": min(0.05, 0.002 * hour)}) == []
        house.now += 3600
    told: list[Judgement] = []
    for _ in range(40):
        told += house.say({"obscuration_db_m": 0.44})
        house.now += 1
    assert [one for one in told if one.rule == "smoke_dense"] == [], "0.39 dB/m above the usual"
    for _ in range(40):
        told += house.say({"obscuration_db_m": 0.6})
        house.now += 1
    (smoke,) = [one for one in told if one.rule == "smoke_dense"]
    assert "above the usual 0.05" in smoke.evidence["text"]
    assert smoke.evidence["series"][0]["values"][-1] == 0.6


def test_smoke_that_is_told_apart_waits_only_where_cooking_is_usual_and_heat_is_heard() -> None:
    fried = {"obscuration_db_m": 0.8, "temp_c": 27.0, "humidity_pct": 70.0}
    for use, heard, expected in (("kitchen", fried, False), (None, fried, True)):
        house = House(1, use=use)
        house.say({"obscuration_db_m": 0.0, "temp_c": 21.0, "humidity_pct": 45.0})
        told: list[Judgement] = []
        for step in range(1, 121):
            house.now += 1
            told += house.say(
                {name: value * min(1, step / 60) if name[0] == "o" else value for name, value in heard.items()}
            )
        assert ("smoke_dense" in [one.rule for one in told]) is expected
    house = House(1, use="kitchen")
    house.say({"obscuration_db_m": 0.0})
    told = []
    for _ in range(30):
        house.now += 1
        told += house.say({"obscuration_db_m": 0.8})
    assert "smoke_dense" in [one.rule for one in told], "nothing else is heard there"


def test_a_restart_in_the_middle_of_a_fire_changes_nothing() -> None:
    played = play(draw("fast", [3], "room_20"), 350)
    one, other = House(1), House(1)
    one.play(played)
    values = np.stack([getattr(played, name)[:, 0] for name in EVERYTHING], axis=1)
    for second in range(350):
        if second % 7 == 0:
            other.restart()
        for judgement in other.hear(values[:, :, second], EVERYTHING, [0]):
            if judgement.raised:
                other.first.setdefault((judgement.rule, 0), (second, judgement))
        other.now += 1
    assert {rule: second for (rule, _), (second, _) in one.first.items()} == {
        rule: second for (rule, _), (second, _) in other.first.items()
    }


def test_a_state_from_before_rooms_were_judged_is_taken_over_without_them() -> None:
    old, house = House(1), House(1)
    facts, arrays = saved.unpack(old.core.state())
    kept = {name: array for name, array in arrays.items() if not name.startswith("fire.")}
    assert house.core.restore(saved.pack({k: v for k, v in facts.items() if k != "fire.rooms"}, kept), START) == []


def test_it_is_over_a_minute_after_the_smoke_is_gone() -> None:
    house = House(1)
    house.say({"obscuration_db_m": 0.0, "temp_c": 20.0})
    told: list[Judgement] = []
    for step in range(60):
        house.now += 1
        told += house.say({"obscuration_db_m": 0.05 * step, "temp_c": 20 + step})
    assert ("room_fire", True) in [(one.rule, one.raised) for one in told]
    told = []
    for _ in range(400):
        house.now += 1
        told += house.say({"obscuration_db_m": 0.0, "temp_c": 20.0})
    over = next(one for one in told if one.rule == "room_fire")
    assert not over.raised
    assert over.evidence["text"] == "no longer looks like a fire"
    assert house.core.tick(house.now) == []


def test_the_shipped_weights_are_read_back_as_they_are_and_others_are_refused() -> None:
    from importlib.resources import files

    data = files("alarms.core.fire").joinpath("fires.json").read_bytes()
    model = decode(data)
    assert len(data) < 100_000
    assert decode(encode(model)) == model
    for wrong in (
        b"{}",
        encode(msgspec.structs.replace(model, version=99)),
        encode(msgspec.structs.replace(model, features=["smoke"])),
        encode(msgspec.structs.replace(model, heads=[msgspec.structs.replace(model.heads[0], bias=[1.0])])),
    ):
        with pytest.raises(ModelError):
            decode(wrong)
