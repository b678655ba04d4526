"""The supervisor: starts programs in their order, restarts them, gathers their words, ends them in their order."""

from __future__ import annotations

import contextlib
import os
import selectors
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum

from console.cli.supervise.backoff import Backoff
from console.cli.supervise.child import Child, LineReader
from console.cli.supervise.guard import Guard
from console.cli.supervise.output import Output
from console.cli.supervise.program import Program, Stage

STAGE_LIMIT_S = {Stage.PRODUCE: 2.0, Stage.HANDLE: 4.0, Stage.GROUND: 3.0}  # everything has ended within 10 s
_TICK_S = 0.1


class State(StrEnum):
    """How a program stands."""

    WAITING = "waiting"
    RUNNING = "running"
    RESTARTING = "restarting"
    DONE = "done"
    STOPPED = "stopped"


@dataclass(slots=True, eq=False)
class Entry:
    """A program and how it stands now."""

    program: Program
    backoff: Backoff
    child: Child | None = None
    state: State = State.WAITING
    starts: int = 0
    start_at_s: float = 0.0
    last_exit: int | None = None


class Supervisor:
    """Runs programs until it is told to stop. One thread; every wait has an end."""

    def __init__(
        self,
        output: Output,
        *,
        keep_open: Sequence[int] = (),
        changed: Callable[[Sequence[Entry]], None] = lambda _entries: None,
        tick: Callable[[], None] = lambda: None,
    ) -> None:
        self.entries: list[Entry] = []
        self._output = output
        self._keep_open = tuple(keep_open)
        self._changed = changed
        self._tick = tick
        self._selector = selectors.DefaultSelector()
        self._stop_asked = 0

    def done(self, name: str) -> bool:
        """True when a ``once`` program has ended well."""
        return any(entry.program.name == name and entry.state is State.DONE for entry in self.entries)

    def running(self, name: str) -> bool:
        """True while a program runs."""
        return any(entry.program.name == name and entry.state is State.RUNNING for entry in self.entries)

    def stop(self) -> None:
        """Ask for the end; asked twice, everything is killed at once."""
        self._stop_asked += 1

    def run(self, programs: Sequence[Program]) -> None:
        """Supervise until the end is asked for by a signal or ``stop``."""
        self.entries = [Entry(program, Backoff(program.cap_s)) for program in programs]
        self._guard = Guard(*self._keep_open)
        with self._signals():
            try:
                while not self._stop_asked:
                    self._start_due()
                    self._attend(_TICK_S)
                    self._tick()
            finally:
                self._stop_all()
                self._guard.close()

    def _start_due(self) -> None:
        now = time.monotonic()
        for entry in self.entries:
            waiting = entry.state in (State.WAITING, State.RESTARTING)
            if waiting and now >= entry.start_at_s and entry.program.after():
                self._start(entry)

    def _start(self, entry: Entry) -> None:
        name = entry.program.name
        try:
            command = entry.program.command()
            child = Child(command, lambda text: self._output.line(name, text), entry.program.told)
        except (OSError, RuntimeError) as error:
            self._output.say("program.not_started", program=name, error=error)
            self._again(entry, 0.0)
            return
        self._guard.watch(child.pid)
        for reader in child.readers:
            self._selector.register(reader.descriptor, selectors.EVENT_READ, reader)
        entry.child, entry.state = child, State.RUNNING
        entry.starts += 1
        self._output.say("program.started", program=name, pid=child.pid)
        self._changed(self.entries)

    def _attend(self, timeout_s: float) -> None:
        """Wait for words or an end, then deal with both."""
        for key, _events in self._selector.select(timeout_s):
            if isinstance(key.data, LineReader):
                if not key.data.read():
                    self._selector.unregister(key.fileobj)
            else:
                with contextlib.suppress(BlockingIOError):
                    os.read(key.fd, 4096)
        for entry in self.entries:
            if entry.child is not None and (code := entry.child.ended()) is not None:
                self._ended(entry, entry.child, code)

    def _ended(self, entry: Entry, child: Child, code: int) -> None:
        child.kill_group()
        for reader in child.readers:
            with contextlib.suppress(KeyError):
                self._selector.unregister(reader.descriptor)
            reader.close()
        self._guard.forget(child.pid)
        entry.child, entry.last_exit = None, code
        name, ran_s = entry.program.name, time.monotonic() - child.started_s
        if self._stop_asked:
            entry.state = State.STOPPED
            self._output.say("program.stopped", program=name, exit=code)
        elif entry.program.once and code == 0:
            entry.state = State.DONE
            self._output.say("program.done", program=name, took_s=round(ran_s, 1))
        else:
            self._output.say("program.ended", program=name, exit=_words(code), ran_s=round(ran_s, 1))
            self._again(entry, ran_s)
        self._changed(self.entries)

    def _again(self, entry: Entry, ran_s: float) -> None:
        delay_s = entry.backoff.ended(ran_s)
        entry.state, entry.start_at_s = State.RESTARTING, time.monotonic() + delay_s
        if delay_s:
            self._output.say("program.restarts", program=entry.program.name, in_s=delay_s)

    def _stop_all(self) -> None:
        self._stop_asked = max(self._stop_asked, 1)
        self._output.say("stopping")
        for stage in Stage:
            for entry in self._alive(stage):
                assert entry.child is not None
                entry.child.signal(entry.program.stop_signal)
            end = time.monotonic() + STAGE_LIMIT_S[stage]
            while self._alive(stage) and time.monotonic() < end and self._stop_asked < 2:
                self._attend(0.05)
            for entry in self._alive(stage):
                assert entry.child is not None
                self._output.say("program.killed", program=entry.program.name)
                entry.child.kill_group()
            while self._alive(stage):
                self._attend(0.05)
        self._output.say("stopped")

    def _alive(self, stage: Stage) -> list[Entry]:
        return [entry for entry in self.entries if entry.child is not None and entry.program.stage is stage]

    @contextmanager
    def _signals(self) -> Iterator[None]:
        """Signals wake the wait; those that end programs ask for the end."""
        ear, mouth = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        self._selector.register(ear, selectors.EVENT_READ)
        old_wakeup = signal.set_wakeup_fd(mouth, warn_on_full_buffer=False)
        ends = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
        old = {sign: signal.signal(sign, lambda *_: self.stop()) for sign in ends}
        old[signal.SIGCHLD] = signal.signal(signal.SIGCHLD, lambda *_: None)
        try:
            yield
        finally:
            for sign, handler in old.items():
                signal.signal(sign, handler)
            signal.set_wakeup_fd(old_wakeup)
            self._selector.close()
            os.close(ear)
            os.close(mouth)


def _words(code: int) -> str:
    if code >= 0:
        return str(code)
    try:
        return signal.Signals(-code).name
    except ValueError:
        return str(code)
