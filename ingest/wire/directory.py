"""Which devices a gateway may speak for, as the decoding of readings needs it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ingest.wire.signals import Kind


@dataclass(frozen=True, slots=True)
class KnownDevice:
    """A device's number in arrays and its kind."""

    number: int
    kind: Kind


@dataclass(frozen=True, slots=True)
class SiteDevices:
    """The devices of one site, by their id."""

    site_id: str
    devices: Mapping[str, KnownDevice]


@dataclass(frozen=True, slots=True, kw_only=True)
class Directory:
    """Gateways by their id, each with its site's devices: who speaks is the account, for its own site only."""

    gateways: Mapping[str, SiteDevices] = field(default_factory=dict)
    revoked: frozenset[str] = frozenset()
