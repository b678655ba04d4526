"""``anxin up --tls`` or ``--tls-cert``: what the person asked for, refused where it contradicts itself."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from console.cli.exit_codes import CommandError
from console.errors import CertificateError
from console.settings import LOOPBACK, ConsoleSettings
from console.tls import machine
from console.tls.keeper import Keeper
from console.tls.names import Name, host_in_url, names_of, parse_name
from console.tls.pair import faults, fingerprint, read_certificate, read_pair
from console.tls.settings import TlsSettings

ANYWHERE = "0.0.0.0"  # noqa: S104 - what HTTPS is for: phones come from other machines

_LAST_PORT = 65_535


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """The options of one command."""

    own: bool
    names: tuple[str, ...]
    trust_port: int | None
    certificate: Path | None
    key: Path | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Https:
    """How the console speaks HTTPS. ``keeper`` and ``trust_port``: with an authority of one's own."""

    certificate: Path
    key: Path
    names: tuple[Name, ...] = ()
    keeper: Keeper | None = None
    trust_port: int | None = None

    def prepare(self, now: datetime) -> list[str]:
        """Make or read the certificate; what browsers will say against it.

        An authority that cannot renew stops nobody from starting while there is a certificate to serve.

        Raises
        ------
        CommandError
            There is nothing to serve, or a name is asked for that the authority must not speak for.
        """
        told: list[str] = []
        try:
            if self.keeper is not None:
                self.keeper.check_given()
                try:
                    self.keeper.look(now)
                except CertificateError as error:
                    told.append(str(error))
                    if not self.certificate.exists():
                        raise
            return [*told, *faults(read_pair(self.certificate, self.key), now)]
        except CertificateError as error:
            raise CommandError(str(error)) from error

    def phone_host(self, listen: str) -> str:
        """The host by which phones reach a console that listens there; empty when only this machine does."""
        if listen in LOOPBACK:
            return ""
        if listen not in (ANYWHERE, "::"):
            return host_in_url(listen)
        known = [name for name in self.names or self._names_of_certificate() if not str(name).startswith("*")]
        return host_in_url(next(iter(known or machine.addresses()), f"{machine.hostname()}.local"))

    @property
    def fingerprint(self) -> str:
        """Of the authority that phones are to trust; empty with a certificate that they trust already."""
        return "" if self.keeper is None else fingerprint(read_certificate(self.keeper.authority))

    def _names_of_certificate(self) -> Sequence[Name]:
        if self.keeper is not None:
            return ()
        with contextlib.suppress(CertificateError):
            names = names_of(read_certificate(self.certificate))
            return [name for name in names if name != "localhost" and not _is_loopback(name)]
        return ()


def https_options(command: Callable[..., int]) -> Callable[..., int]:
    """Add the options to a click command, which gets ``asked``."""

    @click.option("--tls", "own", is_flag=True, help="HTTPS, for phones too, with an authority made for this machine.")
    @click.option("--tls-name", "names", multiple=True, metavar="NAME", help="With --tls: one more name or address.")
    @click.option("--trust-port", type=click.IntRange(1, 65535), help="With --tls: the port of the page for phones.")
    @click.option("--tls-cert", "certificate", type=click.Path(path_type=Path), help="HTTPS with this certificate.")
    @click.option("--tls-key", "key", type=click.Path(path_type=Path), help="The private key of --tls-cert.")
    @functools.wraps(command)
    def wrapped(
        *args: Any,  # Any: click's
        own: bool,
        names: tuple[str, ...],
        trust_port: int | None,
        certificate: Path | None,
        key: Path | None,
        **kwargs: Any,  # Any: click's
    ) -> int:
        asked = Asked(own=own, names=names, trust_port=trust_port, certificate=certificate, key=key)
        return command(*args, asked=asked, **kwargs)

    return wrapped


def choose_https(asked: Asked, console: ConsoleSettings, tls: TlsSettings, data: Path, port: int) -> Https | None:
    """HTTPS as the options say, else as the settings say; None: plain HTTP.

    Raises
    ------
    click.UsageError
        They contradict each other, or a name is none.
    """
    if (asked.certificate is None) != (asked.key is None):
        raise click.UsageError("--tls-cert and --tls-key belong together: a certificate and its private key.")
    if asked.own and asked.certificate is not None:
        raise click.UsageError("--tls makes a certificate and --tls-cert brings one: take one of them.")
    if asked.own and console.tls_cert is not None:
        raise click.UsageError(
            f"--tls makes a certificate, and the setting console.tls_cert brings one ({console.tls_cert}):"
            " take one of them."
        )
    if (asked.own or tls.own) and console.hsts:
        raise click.UsageError("with --tls the setting console.hsts would shut the page for phones: switch it off.")
    certificate, key = asked.certificate or console.tls_cert, asked.key or console.tls_key
    if asked.certificate is None and tls.own and console.tls_cert is not None:
        raise click.UsageError("the settings tls.own and console.tls_cert contradict each other: take one of them.")
    own = asked.own or (tls.own and asked.certificate is None)
    if not own:
        if asked.names or asked.trust_port:
            raise click.UsageError("--tls-name and --trust-port belong to --tls.")
        return (
            None
            if certificate is None or key is None
            else Https(certificate=certificate.absolute(), key=key.absolute())
        )
    try:
        names = tuple(dict.fromkeys([*(parse_name(name) for name in asked.names), *tls.parsed]))
    except CertificateError as error:
        raise click.UsageError(f"--tls-name: {error}") from error
    keeper = Keeper(data, names)
    trust_port = asked.trust_port or tls.trust_port or (port + 1 if port < _LAST_PORT else port - 1)
    return Https(certificate=keeper.certificate, key=keeper.key, names=names, keeper=keeper, trust_port=trust_port)


def _is_loopback(name: Name) -> bool:
    return not isinstance(name, str) and name.is_loopback
