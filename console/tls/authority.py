"""An authority of one's own, pure: as harmless as a phone's trust in it allows. The time is an argument.

Whoever steals its key can speak for this machine, for private addresses and for names that the Internet does not have,
and for nobody else: the constraint stands in the certificate that phones trust.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID

from console.errors import CertificateError
from console.tls.names import Name

AUTHORITY_LIFE = timedelta(days=3650)
CERTIFICATE_LIFE = timedelta(days=90)
BACKDATED = timedelta(days=1)
"""The clocks of phones differ."""

PRIVATE_NAMES = ("localhost", "local", "lan", "home.arpa", "internal")
PRIVATE_NETWORKS = tuple(
    ipaddress.ip_network(text)
    for text in (
        "127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16",
        "::1/128", "fc00::/7", "fe80::/10",
    )
)  # fmt: skip

_COMMON_NAME_LIMIT = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Authority:
    """The certificate that phones trust, and the key that signs."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey


def new_key() -> ec.EllipticCurvePrivateKey:
    """P-256, which every phone knows."""
    return ec.generate_private_key(ec.SECP256R1())


def make_authority(title: str, names: Iterable[Name], now: datetime) -> Authority:
    """An authority that may speak for private names and addresses, and for ``names`` beside them."""
    key = new_key()
    subject = _subject(title)
    builder = (
        _builder(subject, subject, key.public_key(), now, now + AUTHORITY_LIFE)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(sign_certificates=True), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.NameConstraints(_permitted(names), excluded_subtrees=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )
    return Authority(certificate=builder.sign(key, hashes.SHA256()), key=key)


def issue(
    authority: Authority, public_key: ec.EllipticCurvePublicKey, names: Sequence[Name], now: datetime
) -> x509.Certificate:
    """A server's certificate for ``names``; it does not outlive the authority.

    Raises
    ------
    CertificateError
        The authority's own time is over.
    """
    own = authority.certificate
    end = min(now + CERTIFICATE_LIFE, own.not_valid_after_utc)
    if end <= now:
        raise CertificateError(f"the authority's time was over on {own.not_valid_after_utc:%Y-%m-%d}")
    key_id = own.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    return (
        _builder(_subject("Anxin console"), own.subject, public_key, now, end)
        .add_extension(x509.SubjectAlternativeName([_general(name) for name in names]), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(sign_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public_key), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(key_id), critical=False)
        .sign(authority.key, hashes.SHA256())
    )


def permits(authority: x509.Certificate, name: Name) -> bool:
    """True when the authority may speak for this name."""
    constraints = authority.extensions.get_extension_for_class(x509.NameConstraints).value
    trees = [tree.value for tree in constraints.permitted_subtrees or ()]
    if isinstance(name, str):
        return any(isinstance(tree, str) and f".{name}".endswith(f".{tree}") for tree in trees)
    networks = [tree for tree in trees if isinstance(tree, ipaddress.IPv4Network | ipaddress.IPv6Network)]
    return any(name in network for network in networks)


def _permitted(names: Iterable[Name]) -> list[x509.GeneralName]:
    trees: list[x509.GeneralName] = [x509.DNSName(name) for name in PRIVATE_NAMES]
    trees += [x509.IPAddress(network) for network in PRIVATE_NETWORKS]
    for name in dict.fromkeys(names):
        if isinstance(name, str):
            if not any(f".{name}".endswith(f".{known}") for known in PRIVATE_NAMES):
                trees.append(x509.DNSName(name))
        elif not any(name in network for network in PRIVATE_NETWORKS):
            trees.append(x509.IPAddress(ipaddress.ip_network(name)))
    return trees


def _builder(
    subject: x509.Name, issuer: x509.Name, public_key: ec.EllipticCurvePublicKey, now: datetime, end: datetime
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder(issuer, subject, public_key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - BACKDATED)
        .not_valid_after(end)
    )


def _subject(title: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, title[:_COMMON_NAME_LIMIT])])


def _general(name: Name) -> x509.GeneralName:
    return x509.DNSName(name) if isinstance(name, str) else x509.IPAddress(name)


def _usage(*, sign_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not sign_certificates,
        key_cert_sign=sign_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )
