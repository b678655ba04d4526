"""Running a scenario against a broker: carry the stage's messages there, watch the alarms, give a verdict."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from typing import Self

from firmware_sim.connection import BrokerAddress, Connection
from firmware_sim.errors import SimulatorError
from firmware_sim.firmware.device import Timeline
from firmware_sim.places import Place, demo_places
from firmware_sim.report import Report, say
from firmware_sim.scenarios import SCENARIOS
from firmware_sim.stage import Break, Doing, GatewayState, Link, Send, Stage
from firmware_sim.uplink import PlayedGateway
from firmware_sim.watch import WATCHED, AlarmWatch, Verdict
from ingest.wire.topics import native

__all__ = ["BrokerAddress", "list_scenarios", "perform", "run_scenario"]


def list_scenarios() -> list[tuple[str, str]]:
    """Name and one line of every scenario."""
    return [(scenario.name, scenario.text) for scenario in SCENARIOS.values()]


def run_scenario(
    name: str,
    broker: BrokerAddress,
    *,
    seed: int = 1,
    speed: float | None = None,
    places: Sequence[Place] | None = None,
    as_json: bool = False,
    stay: bool = False,
    stop: threading.Event | None = None,
) -> int:
    """Run a scenario and say which expected alarms came and how fast; the exit code is returned.

    0: every expected alarm came in time and no unexpected emergency; 1: not so, or the broker cannot be used.
    ``speed`` None takes the scenario's own. ``stay`` keeps the homes alive afterwards, until ``stop`` is set.
    """
    scenario = SCENARIOS.get(name)
    if scenario is None:
        say(f"there is no scenario {name!r}; there are: {', '.join(SCENARIOS)}")
        return 2
    pace = scenario.speed if speed is None else speed
    timeline = Timeline(simulated_s=scenario.starts_s, world_s=time.time(), speed=pace)
    settings = {"scenario": name, "seed": seed, "speed": pace, "broker": f"{broker.host}:{broker.port}"}
    try:
        stage = scenario.stage(demo_places() if places is None else places, timeline, seed)
        report = Report("sim run", settings, as_json=as_json)
        return perform(stage, broker, report, stay=stay, stop=stop)
    except SimulatorError as error:
        say(str(error))
        return 1


def perform(
    stage: Stage, broker: BrokerAddress, report: Report, *, stay: bool = False, stop: threading.Event | None = None
) -> int:
    """Play a stage to its end on a broker; the exit code is returned.

    Raises
    ------
    BrokerError
        The broker cannot be reached or refuses the account.
    """
    with _Player(stage, broker, report, stop or threading.Event()) as player:
        verdicts = player.play()
        unexpected = player.watch.unexpected(stage.expectations, stage.concerns)
        passed = report.close(verdicts, unexpected, player.sent)
        if stay:
            player.live_on()
    return 0 if passed else 1


class _Player:
    """One run: links, watch and the clock."""

    def __init__(self, stage: Stage, broker: BrokerAddress, report: Report, stop: threading.Event) -> None:
        self.watch = AlarmWatch()
        self.sent = 0
        self._stage = stage
        self._broker = broker
        self._report = report
        self._stop = stop
        self._links: dict[tuple[str, str], Connection] = {}
        self._gateways: dict[str, PlayedGateway] = {}
        self._cued_at: dict[int, float] = {}
        self._told: set[int] = set()
        self._ear = Connection(broker, "watch", subscription=WATCHED, on_message=self.watch.hear)
        self._started = time.monotonic()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        for connection in self._links.values():
            connection.flush(2.0)
            connection.close()
        for gateway in self._gateways.values():
            gateway.close()
        self._ear.close()

    def play(self) -> list[Verdict]:
        """Until the last cue has happened and every expectation is met or too late."""
        # Retained alarms of before must be known before the first cue, or they look like new ones.
        self._stop.wait(0.3)
        self._started = time.monotonic()
        self._stage.timeline.begin(time.time())
        while not self._stop.is_set():
            self._move()
            verdicts = self.watch.judge(self._stage.expectations, self._cued_at)
            self._tell(verdicts)
            if self._now() >= self._stage.last_cue_at and self._settled(verdicts):
                return verdicts
        return self.watch.judge(self._stage.expectations, self._cued_at)

    def live_on(self) -> None:
        while not self._stop.is_set():
            self._move()

    def _now(self) -> float:
        """The stage's time."""
        return self._stage.start + (time.monotonic() - self._started) * self._stage.timeline.speed

    def _move(self) -> None:
        now = self._now()
        for index, expectation in enumerate(self._stage.expectations):
            if expectation.at_s <= now and index not in self._cued_at:
                self._cued_at[index] = time.monotonic()
        for doing in self._stage.advance(now):
            self._do(doing)
        wait_s = (self._stage.next_at - self._now()) / self._stage.timeline.speed
        self._stop.wait(min(max(wait_s, 0.001), 0.1))

    def _do(self, doing: Doing) -> None:
        if isinstance(doing, Send):
            message = doing.message
            topic = f"{native(doing.link.gateway_id)}/{message.topic}"
            self._open(doing.link).publish(topic, message.payload, qos=message.qos, retain=message.retain)
            self.sent += 1
        elif isinstance(doing, Break):
            connection = self._links.pop((doing.link.gateway_id, doing.link.name), None)
            if connection is not None:
                connection.flush(2.0)
                connection.break_off()
        elif isinstance(doing, GatewayState):
            self._play_gateway(doing)

    def _open(self, link: Link) -> Connection:
        key = (link.gateway_id, link.name)
        if key not in self._links:
            account = self._broker.as_account(f"native-{link.gateway_id}")
            will = None
            if link.will is not None:
                will = (f"{native(link.gateway_id)}/{link.will.topic}", link.will.payload)
            self._links[key] = Connection(account, f"{link.gateway_id}-{link.name}", will=will)
        return self._links[key]

    def _play_gateway(self, doing: GatewayState) -> None:
        played = self._gateways.pop(doing.place.gateway_id, None)
        if doing.online:
            self._gateways[doing.place.gateway_id] = PlayedGateway(self._broker, doing.place)
        elif played is not None:
            played.vanish()

    def _settled(self, verdicts: Sequence[Verdict]) -> bool:
        for index, verdict in enumerate(verdicts):
            at = self._cued_at.get(index)
            if verdict.after_s is None and (at is None or time.monotonic() - at <= verdict.expectation.within_s):
                return False
        return True

    def _tell(self, verdicts: Sequence[Verdict]) -> None:
        for index, verdict in enumerate(verdicts):
            if verdict.after_s is not None and index not in self._told:
                self._told.add(index)
                self._report.came(verdict)
