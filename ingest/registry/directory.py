"""The registry as the decoding of readings needs it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ingest.registry.model import Registry
from ingest.wire.directory import Directory, KnownDevice, SiteDevices
from ingest.wire.signals import Kind

NO_KIND = -1
KINDS: tuple[Kind, ...] = tuple(Kind)


def directory(registry: Registry) -> Directory:
    """Which gateway may speak for which devices."""
    devices: dict[str, dict[str, KnownDevice]] = {site.site_id: {} for site in registry.sites}
    for device in registry.devices:
        devices.setdefault(device.site_id, {})[device.device_id] = KnownDevice(device.number, device.kind)
    sites = {site_id: SiteDevices(site_id, of_site) for site_id, of_site in devices.items()}
    return Directory(
        gateways={gateway.gateway_id: sites[gateway.site_id] for gateway in registry.gateways},
        revoked=frozenset(gateway.gateway_id for gateway in registry.gateways if gateway.revoked),
    )


def kind_of_number(registry: Registry) -> NDArray[np.int8]:
    """``KINDS``' index of every device, at the place of its number; ``NO_KIND`` where there is no device."""
    kinds = np.full(max((device.number for device in registry.devices), default=0) + 1, NO_KIND, np.int8)
    for device in registry.devices:
        kinds[device.number] = KINDS.index(device.kind)
    return kinds
