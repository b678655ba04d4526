"""Keeps this machine's own authority and the certificate that the console serves: made once, renewed in time.

``authority.key`` signs, ``authority.crt`` is what phones trust; ``console.key`` is made once too, so that a renewal
changes one file, ``console.crt``, whole or not at all.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from console.cli.embedded.private_file import private_directory, write_private
from console.errors import CertificateError
from console.tls import machine
from console.tls.authority import Authority, issue, make_authority, new_key, permits
from console.tls.names import Name, names_of
from console.tls.pair import read_certificate, read_key, read_pair

FOLDER = "tls"
RENEWED_BEFORE = timedelta(days=30)
_NO_CLOCK_BEFORE = datetime(2025, 10, 1, tzinfo=UTC)


class Keeper:
    """``given`` are names from a person, ``own`` gives those of the machine as they are now."""

    def __init__(self, data: Path, given: Sequence[Name], own: Callable[[], list[Name]] = machine.names) -> None:
        self._folder = data / FOLDER
        self._given = tuple(given)
        self._own = own
        self.authority = self._folder / "authority.crt"
        self.certificate = self._folder / "console.crt"
        self.key = self._folder / "console.key"
        self._authority_key = self._folder / "authority.key"

    def check_given(self) -> None:
        """Refuse names that the authority, once made, must not speak for.

        Raises
        ------
        CertificateError
            It says which, and how a new authority is made.
        """
        if not self.authority.exists():
            return
        authority = read_certificate(self.authority)
        for name in self._given:
            if not permits(authority, name):
                raise CertificateError(
                    f"the authority in {self._folder} was made without {name} and must not speak for it."
                    " To let it: stop, remove that folder, start with all names; every phone must then trust it anew"
                )

    def look(self, now: datetime) -> bool:
        """Make what is missing and renew what is due; True when the console has a new certificate.

        Raises
        ------
        CertificateError
            It cannot be made: a file is missing or not readable, the disk is full, the clock is wrong.
        """
        try:
            authority = self._trusted(now)
            names = self._names(authority)
            if not self._is_due(authority, names, now):
                return False
            signing = Authority(certificate=authority, key=self._signing_key(authority))
            made = issue(signing, self._server_key().public_key(), names, now)
            write_private(self.certificate, _pem(made))
        except OSError as error:
            raise CertificateError(f"{error.filename or self._folder} cannot be written: {error.strerror}") from error
        return True

    def _trusted(self, now: datetime) -> x509.Certificate:
        """The authority's certificate; the first time it is made."""
        if self.authority.exists():
            return read_certificate(self.authority)
        if self._authority_key.exists() and self.certificate.exists():
            raise CertificateError(f"{self.authority} is missing beside its key: {self._way_back()}")
        if now < _NO_CLOCK_BEFORE:
            raise CertificateError(f"this machine's clock says {now:%Y-%m-%d}: set it before certificates are made")
        private_directory(self._folder)
        made = make_authority(f"Anxin {machine.hostname()}", [*self._given, *self._own()], now)
        write_private(self._authority_key, _key_pem(made.key))
        write_private(self.authority, _pem(made.certificate))
        return made.certificate

    def _names(self, authority: x509.Certificate) -> list[Name]:
        return list(dict.fromkeys(name for name in (*self._given, *self._own()) if permits(authority, name)))

    def _is_due(self, authority: x509.Certificate, names: list[Name], now: datetime) -> bool:
        try:
            served = read_pair(self.certificate, self.key)
            served.verify_directly_issued_by(authority)
        except (CertificateError, InvalidSignature, ValueError, TypeError):
            return True
        ends = served.not_valid_after_utc
        in_time = served.not_valid_before_utc <= now < ends - RENEWED_BEFORE
        return not set(names) <= set(names_of(served)) or not (in_time or ends == authority.not_valid_after_utc)

    def _signing_key(self, authority: x509.Certificate) -> ec.EllipticCurvePrivateKey:
        key = read_key(self._authority_key)
        if not isinstance(key, ec.EllipticCurvePrivateKey) or key.public_key() != authority.public_key():
            raise CertificateError(f"{self._authority_key} is not the key of {self.authority}: {self._way_back()}")
        return key

    def _server_key(self) -> ec.EllipticCurvePrivateKey:
        try:
            key = read_key(self.key)
        except CertificateError:
            key = new_key()
            write_private(self.key, _key_pem(key))
        if not isinstance(key, ec.EllipticCurvePrivateKey):
            raise CertificateError(f"{self.key} is no key of ours: remove it")
        return key

    def _way_back(self) -> str:
        return f"put it back from a backup; or remove {self._folder}, and every phone must trust a new authority"


def _pem(certificate: x509.Certificate) -> str:
    return certificate.public_bytes(serialization.Encoding.PEM).decode("ascii")


def _key_pem(key: ec.EllipticCurvePrivateKey) -> str:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode("ascii")
