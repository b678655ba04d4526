"""A certificate and its key as files: can they be used, for how long, for whom."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes

from console.errors import CertificateError
from console.tls.names import names_of


def read_pair(certificate: Path, key: Path) -> x509.Certificate:
    """The server's own certificate, the first of the file; its key belongs to it.

    Raises
    ------
    CertificateError
        A file cannot be read, is not what it should be, or the two do not belong together.
    """
    own = read_certificate(certificate)
    if read_key(key).public_key() != own.public_key():
        raise CertificateError(f"the key {key} does not belong to the certificate {certificate}")
    return own


def read_certificate(path: Path) -> x509.Certificate:
    """The first certificate of a PEM file.

    Raises
    ------
    CertificateError
        The file cannot be read, or has none.
    """
    try:
        return x509.load_pem_x509_certificates(_read(path, "certificate"))[0]
    except ValueError as error:
        raise CertificateError(
            f"{path} has no certificate in PEM form (-----BEGIN CERTIFICATE-----);"
            f" from DER: openssl x509 -inform der -in {path} -out NEW"
        ) from error


def read_key(path: Path) -> PrivateKeyTypes:
    """The private key of a PEM file.

    Raises
    ------
    CertificateError
        The file cannot be read, has none, or one with a passphrase.
    """
    try:
        return serialization.load_pem_private_key(_read(path, "key"), password=None)
    except TypeError as error:
        raise CertificateError(
            f"the key {path} has a passphrase, and nobody is there to type it at a restart:"
            f" take it off (openssl pkey -in {path} -out NEW) and keep the file private"
        ) from error
    except ValueError as error:
        raise CertificateError(f"{path} has no private key in PEM form (-----BEGIN PRIVATE KEY-----)") from error


def faults(certificate: x509.Certificate, now: datetime) -> Iterator[str]:
    """Why browsers refuse a certificate that can be served."""
    if now >= certificate.not_valid_after_utc:
        yield f"the certificate ended on {certificate.not_valid_after_utc:%Y-%m-%d}"
    if now < certificate.not_valid_before_utc:
        yield f"the certificate begins on {certificate.not_valid_before_utc:%Y-%m-%d}; is this machine's clock right?"
    if not names_of(certificate):
        yield "the certificate names no host (no subjectAltName): browsers do not look at its common name"


def fingerprint(certificate: x509.Certificate) -> str:
    """SHA-256, as phones show it."""
    return certificate.fingerprint(hashes.SHA256()).hex(":").upper()


def _read(path: Path, what: str) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise CertificateError(f"the {what} {path} cannot be read: {error.strerror}") from error
