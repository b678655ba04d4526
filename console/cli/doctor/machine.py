"""The machine: disk, clock."""

from __future__ import annotations

import ctypes
import shutil
from collections.abc import Iterator
from pathlib import Path

from console.cli.doctor.finding import Finding, Verdict

_GIB = 1 << 30
_BUILT_AT_S = 1_760_000_000  # October 2025: no clock that is right says less
_UNSYNCHRONISED = 5  # TIME_ERROR of adjtimex(2)


def look(data: Path, now_s: float) -> Iterator[Finding]:
    yield _disk(data)
    yield _clock(now_s)


def _disk(data: Path) -> Finding:
    try:
        usage = shutil.disk_usage(data)
    except OSError as error:
        return Finding(
            check="disk",
            verdict=Verdict.BAD,
            text=f"{data} cannot be read: {error.strerror}",
            advice="is this the data directory of `anxin up`? (--data)",
        )
    free, share = usage.free / _GIB, usage.free / usage.total
    text = f"{free:.1f} GiB free of {usage.total / _GIB:.1f} at {data}"
    if free < 1:
        advice = "free some space now: with a full disk alarms are sent from memory and not journaled"
        return Finding(check="disk", verdict=Verdict.BAD, text=text, advice=advice)
    if free < 5 and share < 0.1:
        return Finding(check="disk", verdict=Verdict.SLOW, text=text, advice="plan for a larger disk")
    return Finding(check="disk", verdict=Verdict.OK, text=text)


def _clock(now_s: float) -> Finding:
    if now_s < _BUILT_AT_S:
        return Finding(
            check="clock",
            verdict=Verdict.BAD,
            text="this machine's clock is in the past",
            advice="set it, and let it follow a time server (systemd-timesyncd, chrony)",
        )
    if _kernel_says_unsynchronised():
        return Finding(
            check="clock",
            verdict=Verdict.OK,
            text="set, but the kernel does not know of a time server",
            advice="alarms carry times: let the clock follow a time server (systemd-timesyncd, chrony)",
        )
    return Finding(check="clock", verdict=Verdict.OK, text="follows a time server")


def _kernel_says_unsynchronised() -> bool:
    try:
        adjtimex = ctypes.CDLL(None, use_errno=True).adjtimex
    except (OSError, AttributeError):
        return False
    # struct timex is 208 bytes on Linux; all zero means: only tell
    return int(adjtimex(ctypes.create_string_buffer(512))) == _UNSYNCHRONISED
