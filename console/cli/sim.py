"""``anxin sim``: simulated homes on a real broker."""

from __future__ import annotations

import signal
import threading
from pathlib import Path

import click
import msgspec

from console.cli.exit_codes import ExitCode, MissingPartError
from console.cli.sim_account import sim_account
from console.cli.where import Where, connection_options
from firmware_sim.replay import list_replays
from firmware_sim.replay import replay as send_again
from firmware_sim.run import BrokerAddress, list_scenarios, run_scenario


@click.group()
def sim() -> None:
    """Simulated homes, people, fires and faults; recordings sent again."""


@sim.command("list")
def list_() -> int:
    """The scenarios, and the data sets that can be replayed."""
    for name, text in list_scenarios():
        click.echo(f"run     {name:<14} {text}")
    for name, text in list_replays():
        click.echo(f"replay  {name:<14} {text}")
    return ExitCode.OK


@sim.command()
@click.argument("scenario")
@connection_options
@click.option("--seed", type=int, default=1, show_default=True, help="The same seed gives the same messages.")
@click.option("--speed", type=click.FloatRange(min=0, min_open=True), help="Simulated seconds per second.")
@click.option("--stay", is_flag=True, help="Keep the homes alive afterwards, until Ctrl-C.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on the last line.")
def run(scenario: str, where: Where, seed: int, speed: float | None, *, stay: bool, as_json: bool) -> int:
    """Run SCENARIO and say which of the alarms that it expects came, and how fast."""
    if scenario not in dict(list_scenarios()):
        raise click.UsageError(f"there is no scenario {scenario!r}; see: anxin sim list")
    return run_scenario(
        scenario, broker_address(where), seed=seed, speed=speed, as_json=as_json, stay=stay, stop=_stop_event()
    )


@sim.command()
@click.argument("dataset")
@connection_options
@click.option(
    "--recordings",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    envvar="ANXIN_RECORDINGS",
    help="Directory with a folder per data set; not needed where DATASET is the folder's path.",
)
@click.option("--recording", help="A subject (sisfall), an experiment (nist_smoke) or a home (house_power).")
@click.option("--seed", type=int, default=1, show_default=True, help="Which recording, where none is named.")
@click.option("--speed", type=click.FloatRange(min=0, min_open=True), help="Recorded seconds per second.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on the last line.")
def replay(
    dataset: str,
    where: Where,
    recordings: Path | None,
    recording: str | None,
    seed: int,
    speed: float | None,
    *,
    as_json: bool,
) -> int:
    """Send a real recording through the whole path, as if a device of the demo had seen it.

    DATASET is a name of `anxin sim list`, or the path of a folder of that name.
    """
    folder = Path(dataset)
    known = dict(list_replays())
    if folder.name not in known:
        raise click.UsageError(f"there is no data set {folder.name!r}; there are: {', '.join(known)}")
    if recordings is None and not folder.is_dir():
        raise MissingPartError(f"where are the recordings? Give --recordings DIR, or the path of {dataset} itself")
    return send_again(
        folder.name,
        recordings or folder.absolute().parent,
        broker_address(where),
        recording=recording,
        seed=seed,
        speed=speed,
        as_json=as_json,
        stop=_stop_event(),
    )


def broker_address(where: Where) -> BrokerAddress:
    """The simulator's way to the broker."""
    username, password = sim_account(where.data)
    if not password:
        raise MissingPartError(
            f"no password for the broker: does `anxin up` run on {where.data}? (--data; ANXIN_SIM_PASSWORD)"
        )
    return BrokerAddress(
        host=where.broker_host,
        port=where.broker_port,
        username=username,
        password=password,
        ca=where.broker_ca,
        passwords=_gateway_passwords(where.data),
    )


def _stop_event() -> threading.Event:
    stop = threading.Event()
    for sign in (signal.SIGINT, signal.SIGTERM):
        signal.signal(sign, lambda *_: stop.set())
    return stop


def _gateway_passwords(data: Path) -> dict[str, str]:
    """The accounts of this machine's gateways, for scenarios that play a gateway themselves."""
    found: dict[str, str] = {}
    for path in data.glob("gateway/*/credentials.json"):
        try:
            credentials = msgspec.json.decode(path.read_bytes())
            found[str(credentials["username"])] = str(credentials["password"])
        except (OSError, msgspec.MsgspecError, KeyError, TypeError):
            continue
    return found
