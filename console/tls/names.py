"""Names and addresses in certificates: how a person writes them, which of them a certificate is for."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable
from ipaddress import IPv4Address, IPv6Address

from cryptography import x509

from console.errors import CertificateError

Name = str | IPv4Address | IPv6Address
"""The name of a machine in small letters, or one of its addresses."""

_LABEL = r"(?!-)[a-z0-9-]{1,63}(?<!-)"
_DNS = re.compile(rf"(?=.{{1,253}}$){_LABEL}(\.{_LABEL})*")
_TOP_LEVEL = re.compile(r"[a-z]+|xn--.*")


def parse_name(text: str) -> Name:
    """A name or an address as a person gives it.

    Raises
    ------
    CertificateError
        It is neither, or a word that may be a top-level domain of the Internet.
    """
    word = text.strip().lower().removesuffix(".")
    try:
        return ipaddress.ip_address(word)
    except ValueError:
        pass
    if not is_dns(word) or word.rpartition(".")[2].isdigit():
        raise CertificateError(
            f"{text!r} is no name of a machine and no address: write it as in care.home.arpa or 192.168.1.20,"
            " without https:// and port"
        )
    if may_be_top_level(word):
        raise CertificateError(
            f"{text!r} alone may be a top-level domain of the Internet, which this authority must not speak for:"
            f" take {word}.local, {word}.lan or {word}.home.arpa"
        )
    return word


def is_dns(word: str) -> bool:
    """True when this may be the name of a machine."""
    return _DNS.fullmatch(word) is not None


def may_be_top_level(word: str) -> bool:
    """True for a word that the Internet has or may get as a top-level domain: such have letters only, or begin xn--."""
    return word != "localhost" and _TOP_LEVEL.fullmatch(word) is not None


def names_of(certificate: x509.Certificate) -> list[Name]:
    """Whom the certificate is for, in its order."""
    try:
        found = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return []
    names: list[Name] = []
    for one in found:
        if isinstance(one, x509.DNSName):
            names.append(one.value.lower())
        elif isinstance(one, x509.IPAddress) and isinstance(one.value, IPv4Address | IPv6Address):
            names.append(one.value)
    return names


def covers(names: Iterable[Name], host: str) -> bool:
    """True when a certificate for ``names`` is good for this host of a URL."""
    try:
        wanted: Name = ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        wanted = host.lower()
    known = set(names)
    if isinstance(wanted, str) and "." in wanted and f"*.{wanted.partition('.')[2]}" in known:
        return True
    return wanted in known


def host_in_url(name: Name) -> str:
    """The name, or an address as text, as it stands in a URL."""
    return f"[{name}]" if ":" in str(name) else str(name)
