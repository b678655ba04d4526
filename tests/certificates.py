"""Certificates for tests, and what a strict client says of them."""

from __future__ import annotations

import ssl
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from console.tls.authority import issue, make_authority, new_key
from console.tls.names import Name

NOW = datetime.now(UTC)
LONG_AGO = NOW - timedelta(days=365)


class Issuer:
    """An authority that also does what a careful one would not."""

    def __init__(self, *names: Name, at: datetime = NOW) -> None:
        self.authority = make_authority("Anxin test", names, at)

    def make(self, folder: Path, names: Sequence[Name], *, at: datetime = NOW, stem: str = "own") -> tuple[Path, Path]:
        """A certificate and its key as files."""
        key = new_key()
        certificate, key_path = folder / f"{stem}.crt", folder / f"{stem}.key"
        certificate.write_bytes(pem(issue(self.authority, key.public_key(), names, at)))
        key_path.write_bytes(key_pem(key))
        return certificate, key_path

    def refusal(self, served: tuple[Path, Path], host: str) -> str:
        """Why a client that trusts this authority does not believe the server to be ``host``; empty when it does."""
        return handshake(self.authority.certificate, served, host)


def trusting(certificate: x509.Certificate) -> ssl.SSLContext:
    """A client that trusts this authority alone."""
    return ssl.create_default_context(cadata=pem(certificate).decode())


def shake(client_context: ssl.SSLContext, server_context: ssl.SSLContext, host: str | None) -> ssl.SSLObject:
    """Both sides shake hands without a network; the client's end."""
    up, down = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = client_context.wrap_bio(down, up, server_hostname=host)
    server = server_context.wrap_bio(up, down, server_side=True)
    for _ in range(4):
        for side in (client, server):
            with suppress(ssl.SSLWantReadError):
                side.do_handshake()
    return client


def handshake(trusted: x509.Certificate, served: tuple[Path, Path], host: str) -> str:
    """A client's word on a server; empty when all is well."""
    server_context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server_context.load_cert_chain(*served)
    try:
        shake(trusting(trusted), server_context, host)
    except ssl.SSLCertVerificationError as error:
        return str(error.verify_message)
    return ""


def pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)


def key_pem(key: ec.EllipticCurvePrivateKey, passphrase: bytes = b"") -> bytes:
    secret = serialization.BestAvailableEncryption(passphrase) if passphrase else serialization.NoEncryption()
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, secret)
