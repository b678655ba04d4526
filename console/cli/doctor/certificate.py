"""The console's certificate: when it ends, whether it names the host that phones go to, what to do."""

from __future__ import annotations

import contextlib
import ipaddress
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

from cryptography import x509

from alarms.notify.settings import NotifySettings
from console.cli.doctor.finding import Finding, Verdict
from console.cli.doctor.settings import DoctorSettings
from console.cli.run_file import read_run
from console.errors import CertificateError
from console.tls import machine
from console.tls.keeper import Keeper
from console.tls.names import covers, names_of
from console.tls.pair import faults, fingerprint, read_certificate

SOON = timedelta(days=14)
AUTHORITY_SOON = timedelta(days=365)


def look_at_certificate(data: Path, settings: DoctorSettings, now: datetime) -> Iterator[Finding]:
    """Nothing to say where the console speaks plain HTTP, or where its certificate is not known here."""
    run = read_run(data)
    path = settings.console_certificate or (Path(run.certificate) if run is not None and run.certificate else None)
    if path is None:
        return
    keeper = Keeper(data, ())
    is_own = path == keeper.certificate
    try:
        certificate = read_certificate(path)
        authority = read_certificate(keeper.authority) if is_own else None
    except CertificateError as error:
        yield _finding(Verdict.BAD, str(error), "put it back; the console takes it within a minute")
        return
    url = str(NotifySettings.load().public_url or (run.phone_url if run is not None else ""))
    yield _judged(certificate, authority, urlsplit(url).hostname or "", now)
    if authority is not None and authority.not_valid_after_utc - now < AUTHORITY_SOON:
        yield _finding(
            Verdict.SLOW,
            f"the authority that phones trust ends on {authority.not_valid_after_utc:%Y-%m-%d}",
            f"choose a day: stop, remove {keeper.certificate.parent}, start; every phone must trust the new one",
        )


def _judged(certificate: x509.Certificate, authority: x509.Certificate | None, host: str, now: datetime) -> Finding:
    ends, names = certificate.not_valid_after_utc, names_of(certificate)
    renewal = (
        "the console takes new files within a minute: renew it where it came from"
        if authority is None
        else "`anxin up` renews it by itself; why it did not: grep '^certificate' anxin.log"
    )
    if wrong := list(faults(certificate, now)):
        return _finding(Verdict.BAD, "; ".join(wrong), renewal)
    if host and not covers(names, host):
        advice = (
            f"get one for {host}, or set notify.public_url to a name that it has"
            if authority is None
            else f"start with it: anxin up --tls --tls-name {host}"
        )
        return _finding(Verdict.BAD, f"it is not for {host}, where messages lead phones", advice)
    if authority is not None and _has_moved(host):
        return _finding(
            Verdict.SLOW,
            f"messages lead phones to {host}, and this machine has that address no more",
            "start `anxin up` anew; better, let the router give it always the same address",
        )
    text = f"good until {ends:%Y-%m-%d} ({(ends - now).days} days), for {', '.join(map(str, names))}"
    if authority is not None:
        text += f"; renewed by itself; the authority's fingerprint is {fingerprint(authority)}"
    if ends - now < SOON:
        return _finding(Verdict.SLOW, text, renewal)
    facts = {"ends_at": ends.isoformat(), "names": [str(name) for name in names]}
    return Finding(check="https", verdict=Verdict.OK, text=text, facts=facts)


def _has_moved(host: str) -> bool:
    """True for an address in a network that was this machine's and is not any more."""
    with contextlib.suppress(ValueError):
        return ipaddress.ip_address(host) not in machine.addresses()
    return False


def _finding(verdict: Verdict, text: str, advice: str) -> Finding:
    return Finding(check="https", verdict=verdict, text=text, advice=advice)
