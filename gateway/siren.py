"""The siren at the site: it sounds for life safety even when nobody beyond the gateway can be reached."""

from __future__ import annotations

import contextlib
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import msgspec

from ingest.log import Log

_MOST_RUNNING = 16
"""In a storm of reasons the command is not started once more for each: it sounds already."""


class Siren(Protocol):
    """What makes the noise."""

    def sound(self, reason: str) -> None:
        """Begin, or go on with one more reason."""
        ...

    def silence(self) -> None:
        """Stop."""
        ...


class FileSiren:
    """Logs, and writes what it sounds for into a file that other programs at the site may watch."""

    def __init__(self, path: Path, log: Log) -> None:
        self._path = path
        self._log = log

    def sound(self, reason: str) -> None:
        self._log.warning("siren.on", reason=reason)
        self._write(f"on {reason}\n")

    def silence(self) -> None:
        self._log.info("siren.off")
        self._write("off\n")

    def _write(self, text: str) -> None:
        # a full disk must not keep the siren's other half from sounding
        with contextlib.suppress(OSError):
            self._path.write_text(text, "utf-8")


class CommandSiren:
    """Runs ``command on REASON`` and ``command off``, beside whatever ``beside`` does; it never waits for either."""

    def __init__(self, command: Sequence[str], beside: Siren, log: Log) -> None:
        self._command = tuple(command)
        self._beside = beside
        self._log = log
        self._running: list[subprocess.Popen[bytes]] = []

    def sound(self, reason: str) -> None:
        self._beside.sound(reason)
        if self._clean() < _MOST_RUNNING:
            self._run("on", reason)

    def silence(self) -> None:
        self._beside.silence()
        self._run("off")

    def finish(self, within_s: float = 2.0) -> None:
        """Wait for the commands that still run."""
        for child in self._running:
            with contextlib.suppress(subprocess.TimeoutExpired):
                child.wait(within_s)

    def _clean(self) -> int:
        self._running = [child for child in self._running if child.poll() is None]
        return len(self._running)

    def _run(self, *arguments: str) -> None:
        self._clean()
        try:
            self._running.append(subprocess.Popen([*self._command, *arguments], stdin=subprocess.DEVNULL))
        except OSError as error:
            self._log.error("siren.command_failed", command=self._command[0], error=error)


class Reason(msgspec.Struct, frozen=True):
    """Why it sounds."""

    rule: str
    device_id: str

    def __str__(self) -> str:
        return f"{self.rule} {self.device_id}"

    def fits(self, rule: str | None, device_id: str | None) -> bool:
        """Whether it is for this rule and of this device; None fits all."""
        return rule in (None, self.rule) and device_id in (None, self.device_id)


class Sounding:
    """What the siren sounds for: it is silent when no reason is left."""

    def __init__(self, siren: Siren, saved: bytes | None = None) -> None:
        self._siren = siren
        self._reasons: set[Reason] = set()
        if saved is not None:
            with contextlib.suppress(msgspec.MsgspecError):
                for reason in msgspec.json.decode(saved, type=list[Reason]):
                    self.start(reason.rule, reason.device_id)

    @property
    def reasons(self) -> frozenset[Reason]:
        return frozenset(self._reasons)

    def start(self, rule: str, device_id: str) -> None:
        """Sound for ``rule`` at the device; it already sounds for a known reason."""
        reason = Reason(rule, device_id)
        if reason not in self._reasons:
            self._reasons.add(reason)
            self._siren.sound(str(reason))

    def stop(self, rule: str | None = None, device_id: str | None = None) -> None:
        """Take back the reasons that fit; None fits all."""
        before = len(self._reasons)
        self._reasons = {reason for reason in self._reasons if not reason.fits(rule, device_id)}
        if before and not self._reasons:
            self._siren.silence()

    def encode(self) -> bytes:
        """For ``save_state``."""
        return msgspec.json.encode(sorted(self._reasons, key=str))
