"""What a run says: a line when an alarm comes, a table at the end, or one JSON object on the last line."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import msgspec

from firmware_sim.watch import AlarmSeen, Verdict


def say(line: str) -> None:
    """A line for the person at the terminal."""
    sys.stderr.write(line + "\n")
    sys.stderr.flush()


class Report:
    """Collects nothing itself; says what it is told, in the form that was asked for."""

    def __init__(self, command: str, settings: Mapping[str, Any], *, as_json: bool) -> None:  # Any: JSON values
        self._command = command
        self._settings = dict(settings)
        self._as_json = as_json

    def came(self, verdict: Verdict) -> None:
        """An expected alarm is here."""
        say(f"  came after {verdict.after_s:6.3f} s  {verdict.expectation.what}")

    def close(self, verdicts: Sequence[Verdict], unexpected: Sequence[AlarmSeen], sent: int) -> bool:
        """Say how it ended; True when everything expected came in time and nothing else sounded."""
        passed = all(verdict.came for verdict in verdicts) and not unexpected
        if self._as_json:
            rows = [_row(verdict) for verdict in verdicts] + [_surprise(alarm) for alarm in unexpected]
            body = {
                "command": self._command,
                "version": _version(),
                "settings": self._settings,
                "results": rows,
                "passed": passed,
                "messages_sent": sent,
            }
            sys.stdout.write(msgspec.json.encode(body).decode() + "\n")
            sys.stdout.flush()
        for verdict in verdicts:
            if verdict.after_s is None:
                say(f"  MISSING  {verdict.expectation.what}: nothing within {verdict.expectation.within_s:g} s")
            elif not verdict.came:
                expected = verdict.expectation
                say(f"  LATE     {expected.what}: {verdict.after_s:.1f} s > {expected.within_s:g} s")
        for alarm in unexpected:
            say(f"  UNEXPECTED emergency: {alarm.kind} by rule {alarm.rule} on {alarm.identity.site_id}")
        came = sum(verdict.came for verdict in verdicts)
        say(f"{came} of {len(verdicts)} expected alarms came in time; {sent} messages sent")
        return passed


def _row(verdict: Verdict) -> dict[str, Any]:  # Any: JSON values
    expected = verdict.expectation
    return {
        "what": expected.what,
        "site": expected.site_id,
        "kinds": list(expected.kinds),
        "device": expected.device_id,
        "within_s": expected.within_s,
        "after_s": None if verdict.after_s is None else round(verdict.after_s, 3),
        "came": verdict.came,
        "rule": verdict.alarm.rule if verdict.alarm else None,
        "priority": verdict.alarm.priority if verdict.alarm else None,
        "alarm_id": verdict.alarm.alarm_id if verdict.alarm else None,
    }


def _surprise(alarm: AlarmSeen) -> dict[str, Any]:  # Any: JSON values
    return {
        "what": "unexpected emergency",
        "site": alarm.identity.site_id,
        "kinds": [alarm.kind],
        "device": alarm.identity.device_id,
        "within_s": None,
        "after_s": None,
        "came": False,
        "rule": alarm.rule,
        "priority": alarm.priority,
        "alarm_id": alarm.alarm_id,
    }


def _version() -> str:
    try:
        return version("anxin")
    except PackageNotFoundError:
        return "unknown"
