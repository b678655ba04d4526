"""What the person at the terminal is told when everything runs: what, where, what to try."""

from __future__ import annotations

import shlex
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from console.auth.tokens import LINK_LIFE_S
from firmware_sim.places import NURSING_HOME
from firmware_sim.scenarios.demo import CALL_S, CALLING_ROOM, COOKER_S, FALL_S, FIRE_S, SILENCE_S


@dataclass(frozen=True, slots=True, kw_only=True)
class Seed:
    """What the demonstration's registry says about itself; ``accounts`` are those made now, with their passwords."""

    login_path: str
    family_path: str
    sites: int
    devices: int
    accounts: list[dict[str, Any]] = field(default_factory=list)  # Any: user_id, role, password


@dataclass(frozen=True, slots=True, kw_only=True)
class Phones:
    """How phones come to the console by HTTPS; ``warnings`` say why browsers refuse the certificate, if they do.

    ``console_url`` is empty when only this machine reaches it, ``trust_url`` when phones trust the certificate already.
    """

    console_url: str
    trust_url: str
    fingerprint: str
    warnings: list[str]


def text(
    *,
    console_url: str,
    broker: str,
    database: str,
    data: Path,
    command: str,
    seed: Seed | None,
    phones: Phones | None = None,
    second_step: bool = True,
) -> str:
    """The whole message, as plain text; ``second_step``: the console requires it."""
    where = shlex.quote(str(data))
    lines = ["", "  Anxin 安心 runs on this machine.", ""]
    if seed is not None:
        lines += [
            f"  Open this   {console_url}{seed.login_path}",
            f"              It logs you in as demo-supervisor, once, within {LINK_LIFE_S // 60} minutes.",
        ]
        lines += [
            f"  As family   {console_url}{seed.family_path}",
            f"              The app of a relative of room {CALLING_ROOM}: open it in a private window, or on a phone.",
        ]
        lines += [
            f"  Or log in   {account['user_id']} ({account['role']}), password {account['password']}"
            for account in seed.accounts
        ]
        if seed.accounts:
            lines += ["              These passwords are not shown again."]
        if not second_step:
            lines += ["              As this is a demo, no code of a phone is asked; outside a demo it is."]
    else:
        lines += [
            f"  Console     {console_url}",
            f"  First user  {command} user add NAME --role administrator --data {where}",
        ]
    lines += _for_phones(phones) if phones is not None else []
    lines += [
        f"  Broker      {broker}",
        f"  Database    {database}",
        f"  Data        {data}  (log: anxin.log)",
        "",
    ]
    if seed is not None:
        lines += [
            f"  The demo has {seed.sites} places with {seed.devices} devices. In the next five minutes:",
            f"    {_at(CALL_S)}  somebody in room {CALLING_ROOM} of the nursing home calls for help",
            f"    {_at(FALL_S)}  somebody falls in room 107",
            f"    {_at(FIRE_S)}  a fire starts in the kitchen; the smoke alarm answers a little later",
            f"    {_at(SILENCE_S)}  a private home has been too quiet this morning",
            f"    {_at(COOKER_S)}  somebody has left another one, and the cooker is on",
            "",
            "  Messages to people carry links to answer; see them as they leave: put",
            "    ANXIN_ALARMS_DUTY_WEBHOOKS='[\"http://127.0.0.1:9000\"]'",
            "  before the command that started this: whatever listens on port 9000 gets them, as JSON.",
            "",
            "  Press another button yourself:",
            f"    {command} sim run press --data {where}",
            "",
            "  Real Zigbee2MQTT or Shelly devices may join; this prints their MQTT account and topic:",
            f"    {command} gateway add demo-huaiyin-gw --site {NURSING_HOME} --native --data {where}",
            "",
        ]
    lines += [
        f"  Is all well?   {command} doctor --data {where}",
        "  Stop           Ctrl-C",
        "",
        "",
    ]
    return "\n".join(lines)


def _for_phones(phones: Phones) -> list[str]:
    lines = [f"  WARNING     {warning}" for warning in phones.warnings]
    if phones.trust_url:
        lines += [
            f"  Trust it    {phones.trust_url}",
            "              Open this first, once on each phone and computer: until then its browser warns. Compare the",
            f"              fingerprint  {phones.fingerprint}",
        ]
    if phones.console_url:
        lines.append(f"  On phones   {phones.console_url}")
    return lines


def _at(seconds: float) -> str:
    return f"{int(seconds) // 60}:{int(seconds) % 60:02d}"
