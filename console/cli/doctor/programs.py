"""The programs: do they run, does their heart beat, what do they say about themselves."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from console.cli.doctor.finding import Finding, Verdict
from console.cli.processes import lives
from console.cli.run_file import ProgramState, Run, read_run
from ingest.health import FILE, read_health

LATE_S, DEAD_S = 5.0, 15.0
MANY_STARTS = 4
LAG_S = 5.0
PROGRAMS = ("alarms", "detect", "ingest", "gateway", "watch")
_HARM = {
    "alarms": "alarms reach nobody",
    "detect": "what is judged from telemetry is not noticed; calls and smoke still are",
    "ingest": "no history is stored; the gateways keep it meanwhile",
    "gateway": "the devices of this machine's gateways are not heard",
    "console": "nobody sees the alarms; phones are still told",
    "watch": "nobody is told when the path breaks; alarms are not affected",
    "certificate": "the console's certificate is not renewed, and no more phones can be made to trust it",
    "broker": "no message moves; the gateways keep theirs",
    "database": "no history is stored; alarms are not affected",
}


def look(data: Path, now_s: float, apart: Path | None = None) -> Iterator[Finding]:
    """The supervisor, then every program that is supervised here or has said something about itself.

    ``apart`` holds the data directories of the programs that do not share this one, by their names.
    """
    if apart is not None:
        yield from _apart(data, apart, now_s)
        return
    run = read_run(data)
    said = {name: health for name in PROGRAMS if (health := read_health(data / name / FILE)) is not None}
    if run is None and any(_age_s(health, now_s) < DEAD_S for health in said.values()):
        # each of them runs by itself, without a supervisor of ours
        yield from (_heartbeat(name, health, now_s) for name, health in said.items())
        return
    yield _supervisor(data, run, now_s)
    if run is not None and lives(run.pid):
        for name, state in run.programs.items():
            yield from _supervised(name, state, said.get(name), now_s)


def _apart(data: Path, apart: Path, now_s: float) -> Iterator[Finding]:
    """Each runs by itself, and each of them should."""
    places = {name: apart / name / name for name in PROGRAMS if (apart / name).is_dir()}
    for name, place in {"alarms": data / "alarms", **places}.items():
        health = read_health(place / FILE)
        if health is not None:
            yield _heartbeat(name, health, now_s)
            continue
        advice = f"{_HARM[name]}; was it ever started?"
        yield Finding(check=name, verdict=Verdict.BAD, text="has never said anything", advice=advice)


def _supervisor(data: Path, run: Run | None, now_s: float) -> Finding:
    if run is None:
        return Finding(
            check="up",
            verdict=Verdict.SLOW,
            text=f"`anxin up` does not run on {data}",
            advice=f"start it: anxin up --data {data} (or look at another directory with --data)",
        )
    if not lives(run.pid):
        return Finding(
            check="up", verdict=Verdict.BAD, text="`anxin up` was killed", advice=f"start it: anxin up --data {data}"
        )
    hours = (now_s - run.started_at) / 3600
    return Finding(check="up", verdict=Verdict.OK, text=f"runs since {hours:.1f} h (process {run.pid})")


def _supervised(name: str, state: ProgramState, health: dict[str, Any] | None, now_s: float) -> Iterator[Finding]:
    # Any: JSON values
    if state.state == "done":
        return
    if state.pid is None or not lives(state.pid):
        waits = state.state == "waiting"
        yield Finding(
            check=name,
            verdict=Verdict.SLOW if waits else Verdict.BAD,
            text="waits for what it needs" if waits else f"does not run ({state.state}, last exit {state.last_exit})",
            advice=f"{_HARM.get(name, '')}; its last words are in anxin.log".lstrip("; "),
        )
        return
    if state.starts >= MANY_STARTS:
        yield Finding(
            check=name,
            verdict=Verdict.SLOW,
            text=f"runs, but was started {state.starts} times (last exit {state.last_exit})",
            advice=f"see why: grep '^{name}' anxin.log",
        )
    if health is not None:
        yield _heartbeat(name, health, now_s)
    elif state.starts < MANY_STARTS:
        yield Finding(check=name, verdict=Verdict.OK, text=f"runs (process {state.pid})")


def _heartbeat(name: str, health: dict[str, Any], now_s: float) -> Finding:  # Any: JSON values
    age_s = _age_s(health, now_s)
    facts = {key: value for key, value in health.items() if key not in ("at", "pid")}
    if age_s > DEAD_S:
        return Finding(
            check=name,
            verdict=Verdict.BAD,
            text=f"has said nothing for {age_s:.0f} s",
            advice=f"{_HARM.get(name, 'it hangs')}; if it does not come back, restart it",
            facts=facts,
        )
    if health.get("broker") is False:
        return Finding(
            check=name, verdict=Verdict.BAD, text="has no connection to the broker", advice="see broker", facts=facts
        )
    if misses := int(health.get("misses") or 0):
        text = f"the canary's last {misses} presses did not come through: see {health.get('failed') or 'the log'}"
        verdict = Verdict.BAD if misses > 1 else Verdict.SLOW
        return Finding(check=name, verdict=verdict, text=text, advice="what it names is broken or slow", facts=facts)
    lag_s = float(health.get("lag_s") or 0)
    if age_s > LATE_S or lag_s > LAG_S:
        late = f"{lag_s:.0f} s behind" if lag_s > LAG_S else f"its last heartbeat is {age_s:.0f} s old"
        return Finding(
            check=name, verdict=Verdict.SLOW, text=late, advice="is this machine short of CPU or disk?", facts=facts
        )
    words = ", ".join(f"{key} {value}" for key, value in facts.items() if not isinstance(value, dict | list))
    return Finding(check=name, verdict=Verdict.OK, text=f"runs ({words})" if words else "runs", facts=facts)


def _age_s(health: dict[str, Any], now_s: float) -> float:  # Any: JSON values
    return now_s - float(health.get("at", 0))
