"""The program under test, life after life: the real loop, engine, gateway watch and journal between simulated ends."""

from __future__ import annotations

import threading
from datetime import datetime
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from alarms.core.profiles import Profiles
from alarms.engine import escalation
from alarms.engine.engine import Engine
from alarms.engine.gateways import GatewayWatch
from alarms.engine.intake import Intake
from alarms.engine.loop import Loop
from alarms.engine.memory import MemoryPath
from alarms.journal.journal import Journal
from alarms.lifecycle.alarm import Alarm
from alarms.lifecycle.policy import Policy
from alarms.lifecycle.step import policy_of
from ingest.registry.model import Registry
from tests.simulation import home
from tests.simulation.channels import SimDispatcher
from tests.simulation.fragile_journal import Disk, FragileJournal
from tests.simulation.hazards import Hazards, KilledError
from tests.simulation.oracle.oracle import Oracle
from tests.simulation.phones import Phones
from tests.simulation.session import IDLE_WAIT_S, KeptSession, SimSession, Witness
from tests.simulation.story import Story
from tests.simulation.timeline import Timeline

_KEY = Ed25519PrivateKey.from_private_bytes(bytes(32))
_LONGEST_WAIT_S = 600.0


class SimProgram:
    """Runs lives of ``alarms`` until the run is over; ``crash`` and ``restart_after_s`` are the world's levers."""

    def __init__(
        self,
        *,
        timeline: Timeline,
        story: Story,
        oracle: Oracle,
        kept: KeptSession,
        phones: Phones,
        profiles: Profiles,
        registry: Registry,
        path: Path,
        exact: bool,
    ) -> None:
        self._timeline = timeline
        self._story = story
        self._oracle = oracle
        self._kept = kept
        self._phones = phones
        self._intake = Intake(profiles, late_after_s=900)
        self._path = path
        self._exact = exact
        self.registry = registry
        self._policies = escalation.policies(registry)  # they stay as they are
        self.hazards = Hazards()
        self.disk = Disk()
        self.stopping = threading.Event()
        self.over = False
        self.running = False
        self.alive_since_s = 0.0
        self.writable_since_s = 0.0
        self.connected_since_s: float | None = None
        self.lives = 0
        self.kills = 0
        self.starts_in_escalation = 0
        self.session: SimSession | None = None
        self.dispatcher: SimDispatcher | None = None
        self._journal: Journal | None = None
        self._down_s = 0.5
        self._back_s = 0.0

    # what the oracle asks

    @property
    def writable(self) -> bool:
        return not self.disk.full

    def now(self) -> datetime:
        """The program's clock."""
        return self._timeline.now()

    def policy_of(self, alarm: Alarm) -> Policy:
        return policy_of(alarm, self._policies)

    # what the world does

    def run(self) -> None:
        """One life after the other until ``over``."""
        while not self.over:
            self._live()
            self.running = False
            self.connected_since_s = None
            self._back_s = self._timeline.now_s + self._down_s
            while not self.over and self._timeline.now_s < self._back_s:
                self._timeline.run_until(min(self._back_s, self._timeline.next_s()))

    def crash(self, *, down_s: float) -> None:
        """Kill it here and now.

        Raises
        ------
        KilledError
            Through the program, if it runs.
        """
        self._down_s = down_s
        if self.running:
            raise KilledError("anywhere")

    def crash_soon(self, touches: int, *, down_s: float) -> None:
        """Kill it at one of its next side effects."""
        self._down_s = down_s
        self.hazards.arm(touches)

    def stop(self, *, down_s: float) -> None:
        """Ask it to end, as an update does."""
        self._down_s = down_s
        self.stopping.set()

    def mend(self) -> None:
        """Whatever was planned against it is off; if it is away it comes back now."""
        self.hazards.disarm()
        self._back_s = self._timeline.now_s
        self.free_disk()

    def end(self) -> None:
        """The run is over."""
        self.over = True
        self.stopping.set()

    def fill_disk(self, *, at_begin: bool) -> None:
        self._story.tell("the journal's disk is full")
        self.disk.full, self.disk.full_at_begin = True, at_begin
        self.nudge()

    def free_disk(self) -> None:
        if self.disk.full:
            self._story.tell("the journal's disk has room again")
            self.disk.full = False
            self.writable_since_s = self._timeline.now_s
            self.lives += 1  # what was told from memory may be told once more
            self.nudge()

    def change_registry(self, registry: Registry) -> None:
        self.registry = registry
        if self.session is not None:
            self.session.post(registry)

    def nudge(self) -> None:
        if self.session is not None:
            self.session.nudge()

    @property
    def at_rest(self) -> bool:
        """It runs, is connected, and has nothing in hand."""
        session, dispatcher = self.session, self.dispatcher
        return (
            self.running
            and session is not None
            and session.connected
            and not session.waiting
            and dispatcher is not None
            and not dispatcher.busy
        )

    def _live(self) -> None:
        self.stopping.clear()
        self.lives += 1
        loop, session, dispatcher, journal = self._build()
        self.session, self.dispatcher, self._journal = session, dispatcher, journal
        self.alive_since_s = self._timeline.now_s
        self.running = True
        if any(alarm.next_step_at is not None for alarm in self._oracle.open_alarms):
            self.starts_in_escalation += 1
        self._story.tell("alarms starts (life {})", self.lives)
        session.start()
        try:
            loop.run(self.stopping)
            self._story.tell("alarms ends")
            session.stop()
        except KilledError as killed:
            self.kills += 1
            self._story.tell("alarms is killed: {}", str(killed))
            session.die()
        finally:
            self.hazards.disarm()
            dispatcher.die()
            journal.close()
            self._journal = None

    def _build(self) -> tuple[Loop, SimSession, SimDispatcher, Journal]:
        """As ``alarms.engine.wiring`` does it."""
        oracle = self._oracle
        witness = Witness(
            patience=self._patience,
            looked=self._looked,
            taken=oracle.taken,
            published=oracle.publishing,
            acknowledged=oracle.acknowledging,
        )
        session = SimSession(self._kept, self.hazards, self.stopping, witness)
        dispatcher = SimDispatcher(
            self._phones,
            self.hazards,
            self.lives,
            oracle.submitting,
            session.post,
        )
        journal = FragileJournal(self._path, self.hazards, self.disk, oracle.pull)

        def engine_over(other: Journal) -> Engine:
            return Engine(other, self._intake, home.DUTY, test_limit_s=300)

        engine = engine_over(journal)
        engine.registry = self.registry
        loop = Loop(
            journal=journal,
            engine=engine,
            gateways=GatewayWatch(journal, engine, 3, 15),
            session=session,  # type: ignore[arg-type]  # the words that the loop uses
            dispatcher=dispatcher,  # type: ignore[arg-type]  # likewise
            clock=self._timeline,
            config_key=_KEY,
            broker_grace_s=10,
            memory=MemoryPath(engine_over),
        )
        return loop, session, dispatcher, journal

    def _looked(self) -> None:
        session = self.session
        if session is not None:
            if not session.connected:
                self.connected_since_s = None
            elif self.connected_since_s is None:
                self.connected_since_s = self._timeline.now_s
        self._oracle.looked()

    def _patience(self, timeout_s: float) -> float:
        """How long an idle wait may last: whole turns that would have found nothing to do are left out."""
        quiet = self.writable and self.session is not None and self.session.connected
        if self._exact or timeout_s < IDLE_WAIT_S or not quiet or self._journal is None:
            return timeout_s
        now_s, clock_s = self._timeline.now_s, self._timeline.now().timestamp()
        told_s = self._journal.next_deadline_s(self._timeline.now())
        due_s = min(self._oracle.next_due_s(), float("inf") if told_s is None else now_s + told_s - clock_s)
        turns = int(min(due_s - now_s, _LONGEST_WAIT_S) / timeout_s) - 1
        return max(1, turns) * timeout_s
