"""``anxin sim replay``: real recordings through the whole path, as if a device behind a gateway had seen them."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from firmware_sim.connection import BrokerAddress
from firmware_sim.errors import SimulatorError
from firmware_sim.firmware.device import NativeMessage, Timeline
from firmware_sim.firmware.shelly import ShellyMeter
from firmware_sim.firmware.wearable import Wearable
from firmware_sim.firmware.zigbee2mqtt import FieldValue, ZigbeeDevice
from firmware_sim.places import NURSING_HOME, SPARE_BELT_HOME, Place, demo_places
from firmware_sim.recordings.house_power import read_morning
from firmware_sim.recordings.nist_smoke import read_fire
from firmware_sim.recordings.trials import read_fall
from firmware_sim.report import Report, say
from firmware_sim.run import perform
from firmware_sim.stage import Stage

DENSE_DB_M, DENSE_HOLD_S = 0.4, 4.0
"""Smoke this dense for so long must raise a fire alarm before any detector's own contact does."""

DEADLY_CO_PPM, DEADLY_HOLD_S = 300.0, 60.0
"""EN 50291's last step."""

METER_HOME = "demo-home4"
LEAD_S = 2.0
STILL_S = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """One data set: ``script`` puts a recording on the stage and returns a line about it."""

    name: str
    text: str
    sites: tuple[str, ...]
    script: Callable[[Stage, Path, str | None, int], str]
    starts_s: float = 0.0
    speed: float = 1.0


def list_replays() -> list[tuple[str, str]]:
    """Name and one line of every data set that can be replayed."""
    return [(known.name, known.text) for known in REPLAYS.values()]


def replay(
    dataset: str,
    data_dir: Path,
    broker: BrokerAddress,
    *,
    recording: str | None = None,
    seed: int = 1,
    speed: float | None = None,
    places: Sequence[Place] | None = None,
    as_json: bool = False,
    stop: threading.Event | None = None,
) -> int:
    """Replay a recording and say which expected alarms came; the exit code is returned as by ``run_scenario``.

    ``data_dir`` holds a folder per data set. ``recording`` names a subject (sisfall), an experiment (nist_smoke) or a
    home (house_power).
    """
    known = REPLAYS.get(dataset)
    if known is None:
        say(f"there is no replay of {dataset!r}; there are: {', '.join(REPLAYS)}")
        return 2
    pace = known.speed if speed is None else speed
    try:
        stage, text = stage_replay(known, data_dir, places, recording=recording, seed=seed, speed=pace)
        say(text)
        settings = {"dataset": dataset, "recording": text, "seed": seed, "speed": pace}
        return perform(stage, broker, Report("sim replay", settings, as_json=as_json), stop=stop)
    except SimulatorError as error:
        say(str(error))
        return 1


def stage_replay(
    known: Replay, data_dir: Path, places: Sequence[Place] | None, *, recording: str | None, seed: int, speed: float
) -> tuple[Stage, str]:
    """The stage of a replay and a line about the recording.

    Raises
    ------
    SimulatorError
        The recording or a place is missing.
    """
    timeline = Timeline(simulated_s=known.starts_s, world_s=time.time(), speed=speed)
    needed = [place for place in (demo_places() if places is None else places) if place.site_id in known.sites]
    stage = Stage(needed, timeline, seed, owned=False)
    return stage, known.script(stage, data_dir, recording, seed)


def _sisfall(stage: Stage, data_dir: Path, recording: str | None, seed: int) -> str:
    """The belt on its charger is put on, its wearer falls as recorded and lies still."""
    fall = read_fall(data_dir / "sisfall", subject=recording, seed=seed)
    rate_hz, accel_g = fall.trial.rate_hz, fall.accel_g
    home = stage.site(SPARE_BELT_HOME)
    belt = home.only("wearable")[0]
    model = stage.model(belt, Wearable)
    model.rate_hz, model.range_g, model.worn = rate_hz, 16.0, True
    still = np.repeat(accel_g[-1:], round(STILL_S * rate_hz), axis=0)
    model.play(accel_g)
    model.play(still + model.rng.normal(0, 0.01, still.shape))
    stage.wake(LEAD_S, belt)
    # Hardware samples in the world's time, whatever the stage's speed.
    real = stage.timeline.real
    end_s = LEAD_S + real((len(accel_g) + len(still)) / rate_hz + model.window_s)
    stage.cue(end_s, belt, Wearable, _take_off)
    stage.expect("fall", LEAD_S + real(fall.impact_s), home, "fall", device=belt, within_s=20.0)
    return f"SisFall {fall.trial.name}: {len(accel_g) / rate_hz:.0f} s at the waist, worn at {home.name}"


def _take_off(belt: Wearable, now: float) -> list[NativeMessage]:
    del now
    belt.worn, belt.silent = False, True
    return []


def _nist_smoke(stage: Stage, data_dir: Path, recording: str | None, _seed: int) -> str:
    """The day room burns as the recorded station saw it."""
    fire = read_fire(data_dir / "nist_smoke", recording)
    home = stage.site(NURSING_HOME)
    detector = home.in_room(f"{home.site_id}:dayroom", "smoke_alarm")
    for row, at_s in enumerate(fire.time_s):
        fields: dict[str, FieldValue] = {
            "smoke_density_dbm": round(float(fire.obscuration_db_m[row]), 3),
            "temperature": round(float(fire.temp_c[row]), 1),
            "smoke": bool(at_s >= fire.photoelectric_s),
        }
        if fire.co_ppm is not None:
            fields["co"] = round(float(fire.co_ppm[row]), 1)
        stage.cue(LEAD_S + float(at_s), detector, ZigbeeDevice, _reports(fields))
    dense_s = fire.held_s(fire.obscuration_db_m, DENSE_DB_M, DENSE_HOLD_S)
    if dense_s is not None:
        stage.expect("dense smoke", LEAD_S + dense_s, home, "fire", device=detector, within_s=10.0)
    deadly_s = None if fire.co_ppm is None else fire.held_s(fire.co_ppm, DEADLY_CO_PPM, DEADLY_HOLD_S)
    if deadly_s is not None:
        stage.expect("deadly carbon monoxide", LEAD_S + deadly_s, home, "co", device=detector, within_s=10.0)
    lasts_s = float(fire.time_s[-1])
    stage.expect("the room", LEAD_S, home, "fire", subject=f"room:{detector.room_id}", within_s=lasts_s)
    stage.expect(
        f"detector {fire.photoelectric}", LEAD_S + fire.photoelectric_s, home, "fire", device=detector, within_s=5.0
    )
    end_s = LEAD_S + float(fire.time_s[-1]) + 2.0
    clear: dict[str, FieldValue] = {"smoke_density_dbm": 0.0, "temperature": 21.0, "smoke": False}
    stage.cue(end_s, detector, ZigbeeDevice, _reports(clear if fire.co_ppm is None else {**clear, "co": 0.0}))
    return f"NIST {fire.name}, station {fire.station}: {fire.time_s[-1]:.0f} s from ignition in {home.name}"


def _house_power(stage: Stage, data_dir: Path, recording: str | None, seed: int) -> str:
    """A meter tells what a real home drew on one morning; nothing may alarm."""
    morning = read_morning(data_dir / "house_power", recording, seed=seed)
    home = stage.site(METER_HOME)
    meter = home.only("meter")[0]
    stage.wake(0.0, meter)
    for minute, watts in enumerate(morning.watts):
        stage.cue(LEAD_S + 60.0 * minute, meter, ShellyMeter, _draws(float(watts)))
    return f"{morning.name}, day {morning.day}: {len(morning.watts)} minutes of real power at {home.name}"


def _reports(fields: dict[str, FieldValue]) -> Callable[[ZigbeeDevice, float], list[NativeMessage]]:
    return lambda device, now: device.report(now, **fields)


def _draws(watts: float) -> Callable[[ShellyMeter, float], list[NativeMessage]]:
    return lambda meter, now: meter.draw(now, watts, always=True)


REPLAYS: dict[str, Replay] = {
    known.name: known
    for known in (
        Replay(name="sisfall", text="a recorded fall at the waist", sites=(SPARE_BELT_HOME,), script=_sisfall),
        Replay(name="nist_smoke", text="a recorded house fire", sites=(NURSING_HOME,), script=_nist_smoke),
        Replay(
            name="house_power",
            text="a morning of a real electricity meter, in a minute",
            sites=(METER_HOME,),
            script=_house_power,
            starts_s=5 * 3600.0,
            speed=360.0,
        ),
    )
}
