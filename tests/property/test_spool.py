"""The spool against a model, through generated histories with crashes: what was committed is there, in order."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from gateway.spool import Spool
from ingest.wire.topics import Lane

MAX_BYTES = 400
LANES = st.sampled_from(list(Lane))
BODIES = st.binary(min_size=1, max_size=120)


class SpoolHistory(RuleBasedStateMachine):
    """Appends, group commits, undone commits, acknowledgements, clean restarts and crashes."""

    def __init__(self) -> None:
        super().__init__()
        self.directory = Path(tempfile.mkdtemp(prefix="spool-"))
        self.path = self.directory / "first" / "spool.sqlite"
        self.spool = self._open()
        self.boot = self.spool.boot
        self.model: dict[Lane, dict[int, bytes]] = {lane: {} for lane in Lane}
        self.next = dict.fromkeys(Lane, 0)
        self.acked: dict[Lane, int] = dict.fromkeys(Lane, -1)
        self.unwritten: dict[Lane, dict[int, bytes]] = {lane: {} for lane in Lane}
        self.dropped = dict.fromkeys(Lane, 0)
        self.state: bytes | None = None

    @rule(lane=LANES, body=BODIES)
    def append(self, lane: Lane, body: bytes) -> None:
        assert self.spool.append(lane, body) == self.next[lane]
        self._appended(lane, body)
        self._written()

    @rule(packs=st.lists(st.tuples(LANES, BODIES), max_size=6), state=st.binary(max_size=20))
    def commit_a_group(self, packs: list[tuple[Lane, bytes]], state: bytes) -> None:
        with self.spool.transaction():
            for lane, body in packs:
                self.spool.append(lane, body)
                self._appended(lane, body)
            self.spool.save_state("core", state)
        self.state = state
        self._written()

    @rule(packs=st.lists(st.tuples(LANES, BODIES), min_size=1, max_size=4))
    def undo_a_group(self, packs: list[tuple[Lane, bytes]]) -> None:
        with pytest.raises(InterruptedError), self.spool.transaction():
            for lane, body in packs:
                self.spool.append(lane, body)
            self.spool.save_state("core", b"never")
            raise InterruptedError

    @rule(lane=LANES, share=st.floats(0, 1))
    def acknowledge(self, lane: Lane, share: float) -> None:
        seq = int(share * self.next[lane]) - 1
        self.spool.acknowledge(lane, seq)
        for held in sorted(self.model[lane]):
            if held <= seq:
                self.unwritten[lane][held] = self.model[lane].pop(held)

    @rule()
    def tidy(self) -> None:
        self.spool.tidy()
        self._written()

    @rule()
    def restart(self) -> None:
        self.spool.close()
        self.spool = self._open()
        self._written()

    @rule(target_name=st.integers(0, 10**9))
    def crash(self, target_name: int) -> None:
        """Go on with a copy of the files as they stand: what a killed process leaves."""
        copy = self.directory / f"crash-{target_name}"
        if copy.exists():
            return
        copy.mkdir()
        for file in self.path.parent.glob("spool.sqlite*"):
            shutil.copy(file, copy / file.name)
        self.spool.close()
        self.path = copy / "spool.sqlite"
        self.spool = self._open()
        for lane in Lane:
            # an acknowledgement that was not yet written is forgotten, and the pack is sent again
            self.model[lane] |= self.unwritten[lane]
        self._written()

    @invariant()
    def holds_what_the_model_holds(self) -> None:
        assert self.spool.boot == self.boot
        for lane in Lane:
            held = sorted(self.model[lane].items())
            assert self.spool.pending(lane, -1, 1000) == held
            assert self.spool.floor(lane) == (held[0][0] if held else self.next[lane])
            assert self.spool.next_seq(lane) == self.next[lane]
            assert self.spool.count(lane) == len(held)
            assert self.spool.dropped(lane) == self.dropped[lane]
        assert self.spool.load_state("core") == self.state
        telemetry = sum(len(body) for lane in (Lane.DATA, Lane.MOTION) for body in self.model[lane].values())
        assert telemetry == 0 or self.spool.held_bytes <= 2 * MAX_BYTES
        assert self.spool.dropped(Lane.ALARM) == 0

    def teardown(self) -> None:
        self.spool.close()
        shutil.rmtree(self.directory)

    def _open(self) -> Spool:
        return Spool(self.path, max_bytes=MAX_BYTES)

    def _appended(self, lane: Lane, body: bytes) -> None:
        self.model[lane][self.next[lane]] = body
        self.next[lane] += 1
        for victim in (Lane.MOTION, Lane.DATA):
            while self.model[victim] and self._bytes() > MAX_BYTES:
                del self.model[victim][min(self.model[victim])]
                self.dropped[victim] += 1

    def _written(self) -> None:
        self.unwritten = {lane: {} for lane in Lane}

    def _bytes(self) -> int:
        return sum(len(body) for packs in self.model.values() for body in packs.values())


TestSpoolHistory = SpoolHistory.TestCase
TestSpoolHistory.settings = settings(max_examples=40, stateful_step_count=30, deadline=None)
