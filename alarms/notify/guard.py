"""Which addresses a message may go to: those of the public Internet, and those that the settings allow.

Whoever may write a contact's address could otherwise make this server talk to what only this server can reach: the
database beside it, a cloud's metadata service, the router.
"""

from __future__ import annotations

import queue
import re
import socket
import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from urllib.parse import quote, urlsplit

from alarms.errors import ChannelError

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network
Resolve = Callable[[str, int], Sequence[str]]

WEB_PORTS = frozenset({80, 443})
MAIL_PORTS = frozenset({25, 465, 587})
_FIRST_FREE_PORT = 1024
_RESOLVE_S = 4.0
_UNSAFE = re.compile(r"[\x00-\x20\x7f\\]")
_METADATA = frozenset(
    ip_address(text)
    for text in (
        "169.254.169.254",
        "169.254.170.2",
        "169.254.0.23",
        "100.100.100.200",
        "168.63.129.16",
        "fd00:ec2::254",
    )
)
_CGNAT = ip_network("100.64.0.0/10")
_EMBEDS_AT_END = tuple(ip_network(text) for text in ("64:ff9b::/96", "::/96"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A web address taken apart once, so that what was checked and what is asked for cannot differ."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def authority(self) -> str:
        """Host and port as the ``Host`` header gives them."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == (443 if self.scheme == "https" else 80) else f"{host}:{self.port}"


class Guard:
    """Refuses what is not public. ``allowed`` holds ``host``, ``host:port`` or a network (``10.1.0.0/16``)."""

    def __init__(self, allowed: Iterable[str] = (), resolve: Resolve | None = None) -> None:
        self._resolve = resolve or system_addresses
        self._networks: list[Network] = []
        self._hosts: set[tuple[str, int | None]] = set()
        for entry in allowed:
            host, port, network = parse_allowed(entry)
            if network is not None:
                self._networks.append(network)
            else:
                self._hosts.add((host, port))

    def target(self, url: str) -> Target:
        """Take a web address apart.

        Raises
        ------
        ChannelError
            Not http or https, with credentials, on a system port: permanent, with the reason.
        """
        if _UNSAFE.search(url):
            raise refused("a web address has no blanks, backslashes or control characters")
        try:
            parts = urlsplit(url)
            port = parts.port
            host = (parts.hostname or "").encode("idna").decode()
        except (ValueError, UnicodeError) as error:
            raise refused(f"the address is wrong: {error}") from error
        if parts.scheme not in ("http", "https"):
            raise refused(f"only http and https, not {parts.scheme or 'nothing'!r}")
        if parts.username is not None or parts.password is not None:
            raise refused("no user name or password in an address")
        if not host:
            raise refused("the address names no host")
        port = port or (443 if parts.scheme == "https" else 80)
        if not self._allows_host(host, port) and not _is_free(port, WEB_PORTS):
            raise refused(f"port {port} is a system's own")
        path = quote(parts.path or "/", safe="/%:@!$&'()*+,;=~-._")
        query = f"?{quote(parts.query, safe='/%:@!$&()*+,;=~-._?')}" if parts.query else ""
        return Target(scheme=parts.scheme, host=host, port=port, path=path + query)

    def addresses(self, host: str, port: int) -> Sequence[str]:
        """Look the host up once; every address that it leads to must be one to talk to.

        Raises
        ------
        ChannelError
            The name is unknown at present (not permanent), or leads to where no message may go (permanent).
        """
        try:
            found = [host] if _is_literal(host) else self._resolve(host, port)
        except (OSError, UnicodeError) as error:
            raise ChannelError(f"the name {host!r} cannot be looked up: {error}", permanent=False) from error
        if not self._allows_host(host, port):
            for address in found:
                why = self._why_not(address)
                if why:
                    raise refused(f"{host!r} leads to {why}")
        return found

    def why_not_connect(self, address: str, port: int, ports: frozenset[int]) -> str:
        """Why a connection to this address must not be made; empty when it may."""
        if (address, port) in self._hosts or (address, None) in self._hosts:
            return ""
        why = self._why_not(address) or ("" if _is_free(port, ports) else f"port {port}, a system's own")
        return "" if why and self._is_allowed_name(address, port) else why

    def _why_not(self, address: str) -> str:
        ip = ip_address(address.partition("%")[0])
        if any(ip.version == network.version and ip in network for network in self._networks):
            return ""
        return why_not_public(ip)

    def _allows_host(self, host: str, port: int) -> bool:
        host = host.rstrip(".").lower()
        return (host, port) in self._hosts or (host, None) in self._hosts

    def _is_allowed_name(self, address: str, port: int) -> bool:
        """An allowed name leads to this address at this moment."""
        for host, only_port in self._hosts:
            if only_port in (None, port):
                try:
                    if address in self._resolve(host, port):
                        return True
                except (OSError, UnicodeError):
                    continue
        return False


def parse_allowed(entry: str) -> tuple[str, int | None, Network | None]:
    """Host, port and network of one entry of the allow-list.

    Raises
    ------
    ValueError
        It is neither.
    """
    if "/" in entry:
        return "", None, ip_network(entry)
    bare = entry if entry.count(":") < 2 or entry.startswith("[") else f"[{entry}]"
    parts = urlsplit(f"//{bare}")
    if not parts.hostname or parts.path or parts.query or parts.username is not None:
        raise ValueError(f"{entry!r} is no host, host:port or network")
    return parts.hostname.rstrip(".").lower(), parts.port, None


def why_not_public(ip: Address) -> str:
    """What kind of address it is, when it is none of the public Internet's; empty when it is."""
    inner = _embedded(ip)
    if inner is not None:
        why = why_not_public(inner)
        return f"{why} in IPv6 clothes" if why else ""
    kinds = (
        (ip in _METADATA, "a cloud's metadata service"),
        (ip.is_unspecified, "no address at all"),
        (ip.is_loopback, "this machine itself"),
        (ip.is_link_local, "a link-local address"),
        (isinstance(ip, IPv4Address) and ip in _CGNAT, "a carrier's inner network"),
        (ip.is_multicast, "a multicast address"),
        (isinstance(ip, IPv6Address) and ip.is_site_local, "a private address"),
        (ip.is_reserved, "a reserved address"),
        (ip.is_private or not ip.is_global, "a private address"),
    )
    return next((text for is_so, text in kinds if is_so), "")


def system_addresses(host: str, port: int) -> Sequence[str]:
    """Ask the system's resolver, which has no time limit of its own, and wait for some seconds only.

    Raises
    ------
    OSError
        The name is unknown, or nobody answers.
    """
    answer: queue.SimpleQueue[Sequence[str] | OSError | UnicodeError] = queue.SimpleQueue()

    def ask() -> None:
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            answer.put(error)
        else:
            answer.put(list(dict.fromkeys(str(entry[4][0]) for entry in found)))

    threading.Thread(target=ask, name="resolve", daemon=True).start()
    try:
        found = answer.get(timeout=_RESOLVE_S)
    except queue.Empty:
        raise TimeoutError(f"no answer within {_RESOLVE_S:g} s") from None
    if isinstance(found, Exception):
        raise found
    return found


def refused(why: str) -> ChannelError:
    """A target that no message may go to."""
    return ChannelError(f"refused: {why}", permanent=True)


def _is_literal(host: str) -> bool:
    try:
        ip_address(host.partition("%")[0])
    except ValueError:
        return False
    return True


def _is_free(port: int, ports: frozenset[int]) -> bool:
    return port in ports or port >= _FIRST_FREE_PORT


def _embedded(ip: Address) -> IPv4Address | None:
    """The IPv4 address that an IPv6 address stands for: mapped, 6to4, Teredo, NAT64, compatible."""
    if isinstance(ip, IPv4Address):
        return None
    if ip.ipv4_mapped or ip.sixtofour:
        return ip.ipv4_mapped or ip.sixtofour
    if ip.teredo:
        return ip.teredo[1]
    if int(ip) > 1 and any(ip in network for network in _EMBEDS_AT_END):
        return IPv4Address(int(ip) & 0xFFFFFFFF)
    return None
