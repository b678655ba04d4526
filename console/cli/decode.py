"""``anxin decode``: what a gateway's adapters, or the platform, make of a message."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

from console.cli.exit_codes import CommandError, ExitCode
from gateway.decode import decode_lines


@click.command()
@click.option("--topic", help="The topic the message came on (an HTTP push: its path); not for a file of messages.")
@click.argument("file", default="-")
def decode(topic: str | None, file: str) -> int:
    """Decode FILE (- or nothing: standard input) and print one JSON line per record.

    FILE is one message as bytes, or JSON lines with topic, payload or payload_hex. A rejected message is a line with
    error and reason, and makes the exit code 1.
    """
    try:
        source = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
    except OSError as error:
        raise CommandError(f"{file} cannot be read: {error.strerror}") from error
    rejected = False
    for line in decode_lines(topic, source):
        rejected = rejected or "error" in line
        click.echo(json.dumps(line, ensure_ascii=False))
    return ExitCode.FAILED if rejected else ExitCode.OK
