"""The core of the platform, built from the registry and rebuilt whenever that changes."""

from __future__ import annotations

from collections.abc import Sequence

from alarms.core.engine import Core, CoreDevice, Judgement
from alarms.core.errors import StateError
from alarms.core.profiles import Profiles
from alarms.detect.homes import Homes
from alarms.detect.intake import Motion
from ingest.log import Log
from ingest.registry.model import Device, Registry
from ingest.registry.thresholds import thresholds_of
from ingest.wire.batch import ReadingBatch

STATE = "core"
CLOCK = "clock"
HISTORY = "history"


class Detector:
    """The core, and the saved state that waits for a registry: without one nothing is judged and nothing forgotten."""

    def __init__(self, profiles: Profiles, log: Log, state: bytes | None, history: bytes | None) -> None:
        self._profiles = profiles
        self._log = log
        self._waiting = state
        self._waiting_history = history
        self._core = Core(profiles, [], "platform")
        self._known = False
        self._set_by_s = 0.0
        self._online: dict[str, bool] = {}
        self._listening = False

    @property
    def ready(self) -> bool:
        """True once a registry is known."""
        return self._known

    def set_registry(self, registry: Registry, now_s: float) -> list[Judgement]:
        """Judge the devices of ``registry`` from now on, going on from what is known of them."""
        if not registry.version and not registry.devices:
            return []
        state = self._core.state(history=False) if self._known else self._waiting
        history = self._core.history() if self._known else self._waiting_history
        devices = core_devices(registry)
        core = Core(self._profiles, devices, "platform")
        judgements: list[Judgement] = []
        if state is not None:
            try:
                judgements = core.restore(state, now_s, live=self._known, set_by_s=self._set_by_s)
                if history is not None:
                    core.restore_history(history)
            except StateError as error:
                self._log.warning("core.state_refused", error=error)
                core = Core(self._profiles, devices, "platform")
        self._core, self._known = core, True
        self._waiting = self._waiting_history = None
        self._set_by_s = 0.0
        for problem in core.problems:
            self._log.warning("core.threshold_refused", source=problem.source, rule=problem.rule, reason=problem.text)
        core.set_listening(self._listening, now_s)
        for gateway_id, online in self._online.items():
            core.set_gateway_online(gateway_id, online, now_s)
        return judgements

    def update(self, batch: ReadingBatch, motions: Sequence[Motion], now_s: float) -> list[Judgement]:
        """Judge what came."""
        found = self._core.update(batch, now_s) if len(batch) else []
        if motions:
            found += self._core.update_motion([(motion.device_number, motion.window) for motion in motions], now_s)
        return found

    def tick(self, now_s: float) -> list[Judgement]:
        """Judge the passing of time."""
        return self._core.tick(now_s) if self._known else []

    def back(self) -> dict[str, float]:
        """Homes that are watched again though all are still said to be away, by subject, and since when."""
        return self._core.back()

    def clock_set(self, by_s: float) -> None:
        """The wall clock was set; a state that waits for a registry is moved when it is taken over."""
        if self._known:
            self._core.clock_set(by_s)
        else:
            self._set_by_s += by_s

    def set_gateway_online(self, gateway_id: str, online: bool, now_s: float) -> None:
        """What a gateway's status says."""
        self._online[gateway_id] = online
        self._core.set_gateway_online(gateway_id, online, now_s)

    def set_listening(self, listening: bool, now_s: float) -> None:
        """Whether our own connection stands."""
        self._listening = listening
        self._core.set_listening(listening, now_s)

    def state(self) -> dict[str, bytes]:
        """What must be durable before telemetry is acknowledged; nothing while the old state waits for a registry."""
        return {STATE: self._core.state(history=False)} if self._known else {}

    def history(self) -> dict[str, bytes]:
        """What is nice to have after a restart."""
        return {HISTORY: self._core.history()} if self._known else {}

    def facts(self, now_s: float) -> dict[str, object]:
        """For the health file."""
        return {
            "signals": self._core.inputs,
            "rules": len(self._core.rules),
            "thresholds_refused": len(self._core.problems),
            "devices": self._core.presence(now_s),
        }


def core_devices(registry: Registry) -> list[CoreDevice]:
    """The registry's devices as the core needs them."""
    homes = Homes(registry)
    return [_core_device(device, registry, homes) for device in registry.devices]


def _core_device(device: Device, registry: Registry, homes: Homes) -> CoreDevice:
    room = registry.room.get(device.room_id or "")
    return CoreDevice(
        device_id=device.device_id,
        number=device.number,
        profile=device.profile,
        gateway_id=device.gateway_id,
        room_id=device.room_id,
        room_use=room.use if room is not None else None,
        home=homes.of(device),
        thresholds=thresholds_of(device, registry),
        out_of_service=device.out_of_service,
    )
