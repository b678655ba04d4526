"""The ``anxin`` command."""

from __future__ import annotations

import sys
from importlib.metadata import version

import click

from console.cli.exit_codes import ExitCode
from console.cli.lazy_group import LazyGroup, Verb
from ingest.errors import SettingsError

VERBS = {
    "up": Verb("console.cli.up:up", "Run everything on this machine; --demo adds simulated homes."),
    "doctor": Verb("console.cli.doctor.command:doctor", "Say what is up, what is slow and what to do."),
    "gateway": Verb("console.cli.gateway:gateway", "Run this machine's gateways; add, list and revoke gateways."),
    "ingest": Verb("console.cli.programs:ingest", "Run the telemetry program: broker to database."),
    "detect": Verb("console.cli.programs:detect", "Run the detectors: telemetry to judgements."),
    "alarms": Verb("console.cli.programs:alarms", "Run the alarm engine: journal, lifecycle, notifications."),
    "console": Verb("console.cli.programs:console", "Run the web console."),
    "watch": Verb("console.cli.programs:watch", "Run the watcher: a canary through the whole path, dead-man pings."),
    "migrate": Verb("console.cli.migrate:migrate", "Bring the database to the newest schema."),
    "registry": Verb("console.cli.registry_verbs:registry", "Sites, rooms, people and devices as a JSON file."),
    "user": Verb("console.cli.user:user", "Add and list the console's users."),
    "family": Verb("console.cli.family_verbs:family", "Who is whose family, and what a resident shares with whom."),
    "rota": Verb("console.cli.rota_verbs:rota", "Show who is on duty at a site, and when nobody is."),
    "preview": Verb("console.cli.preview:preview", "Show who would be woken by an alarm, when and over what."),
    "journal": Verb("console.cli.journal_verbs:journal", "Prove that the log of alarms is as it was written."),
    "sim": Verb("console.cli.sim:sim", "Run simulated homes and replay recordings."),
    "decode": Verb("console.cli.decode:decode", "Show what a gateway would make of a message."),
    "bench": Verb("console.cli.bench:bench", "Measure this machine: storing, latency, detectors."),
    "train": Verb("console.cli.train:train", "Fit the detectors' weights."),
    "backtest": Verb("console.cli.backtest:backtest", "Show what a rule would have raised on stored history."),
    "eval": Verb("console.cli.evaluate:evaluate", "Measure the detectors on recordings."),
    "nightly": Verb("console.cli.nightly:nightly", "Simulate a thousand days of a home; find broken promises."),
    "check": Verb("console.cli.check:check", "Check the source: lint, types, imports, documents, translations."),
    "test": Verb("console.cli.test:test", "Run the tests."),
}


@click.group(
    cls=LazyGroup,
    verbs=VERBS,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
)
@click.version_option(version("anxin"), prog_name="anxin")
def anxin() -> None:
    """Anxin 安心: gateway and alarm platform for places where older people live.

    Exit codes: 0 all right, 1 failed, 2 wrong usage or setting, 3 something needed is missing, 4 already running.
    """


def main() -> int:
    """Run the command line; the exit code is returned."""
    try:
        result = anxin.main(standalone_mode=False)
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        return ExitCode.INTERRUPTED
    except SettingsError as error:
        click.echo(f"Error: {error}", err=True)
        return ExitCode.USAGE
    except BrokenPipeError:
        # the reader of our output went away (``anxin … | head``): nothing left to say
        sys.stderr.close()
        return ExitCode.OK
    return result if isinstance(result, int) else ExitCode.OK


if __name__ == "__main__":
    sys.exit(main())
