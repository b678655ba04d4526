"""By which names and addresses this machine is known in its networks."""

from __future__ import annotations

import contextlib
import fcntl
import socket
import struct
import sys
from collections.abc import Iterator
from ipaddress import IPv4Address, IPv6Address

from console.tls.authority import PRIVATE_NETWORKS
from console.tls.names import Name, is_dns, may_be_top_level

_ADDRESS_OF_INTERFACE = 0x8915 if sys.platform.startswith("linux") else 0xC0206921  # SIOCGIFADDR
_SOMEWHERE = ("192.0.2.1", 9)  # a documentation address: only the route to it is looked up, nothing is sent


def hostname() -> str:
    """The machine's own name, without a domain."""
    return socket.gethostname().lower().partition(".")[0]


def names() -> list[Name]:
    """Every name and address that a certificate for this machine should have."""
    own = socket.gethostname().lower().rstrip(".")
    mine = [name for name in (own, f"{hostname()}.local") if is_dns(name) and not may_be_top_level(name)]
    fixed: list[Name] = ["localhost", IPv4Address("127.0.0.1"), IPv6Address("::1"), *mine]
    return list(dict.fromkeys([*fixed, *addresses()]))


def addresses() -> list[IPv4Address]:
    """Its addresses in private networks, the one of the way out first."""
    found = [address for address in dict.fromkeys((*_way_out(), *_interfaces())) if not address.is_loopback]
    return [address for address in found if any(address in network for network in PRIVATE_NETWORKS)]


def _way_out() -> Iterator[IPv4Address]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe, contextlib.suppress(OSError):
        probe.connect(_SOMEWHERE)
        yield IPv4Address(probe.getsockname()[0])


def _interfaces() -> Iterator[IPv4Address]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        for _, name in socket.if_nameindex():
            request = struct.pack("256s", name.encode()[:15])
            with contextlib.suppress(OSError):
                yield IPv4Address(fcntl.ioctl(probe.fileno(), _ADDRESS_OF_INTERFACE, request)[20:24])
