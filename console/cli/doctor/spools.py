"""The gateways' spools on this machine: what waits there for the platform."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from console.cli.doctor.finding import Finding, Verdict
from ingest.health import FILE, read_health

MANY = {"alarm": 10, "data": 1_000, "motion": 1_000}
OLD_S = 15.0


def look(data: Path, now_s: float) -> Iterator[Finding]:
    """A finding per gateway that holds something back, and one for all that do not."""
    quiet = 0
    for path in sorted(data.glob(f"gateway/*/{FILE}")):
        if not path.with_name("credentials.json").exists():
            continue
        finding = _gateway(path.parent.name, read_health(path) or {}, now_s)
        if finding is None:
            quiet += 1
        else:
            yield finding
    if quiet:
        yield Finding(check="spools", verdict=Verdict.OK, text=f"{quiet} gateways have handed over what they had")


def _gateway(gateway_id: str, state: dict[str, Any], now_s: float) -> Finding | None:  # Any: JSON values
    check = f"gateway {gateway_id}"
    spool = state.get("spool")
    waiting = {str(lane): int(count) for lane, count in spool.items()} if isinstance(spool, dict) else {}
    text = ", ".join(f"{count} {lane}" for lane, count in waiting.items())
    facts = {"spool": waiting}
    if now_s - float(state.get("at", 0)) > OLD_S:
        return Finding(check=check, verdict=Verdict.BAD, text="does not run", advice="see gateway", facts=facts)
    if state.get("broker") is False:
        text = f"has no connection to the platform; its spool holds {text}"
        advice = "see broker; was the gateway revoked?"
        return Finding(check=check, verdict=Verdict.BAD, text=text, advice=advice, facts=facts)
    if waiting.get("alarm", 0) > MANY["alarm"]:
        text = f"alarms wait in its spool ({text})"
        return Finding(check=check, verdict=Verdict.BAD, text=text, advice="see alarms", facts=facts)
    if any(count > MANY.get(lane, 1_000) for lane, count in waiting.items()):
        advice = "see ingest and detect: they have not acknowledged it"
        return Finding(check=check, verdict=Verdict.SLOW, text=f"its spool holds {text}", advice=advice, facts=facts)
    return None
