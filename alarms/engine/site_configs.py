"""What every gateway must know of its site, signed and published retained on ``down/config``."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ingest.registry.model import Device, Output, Registry, Window
from ingest.registry.thresholds import thresholds_of
from ingest.wire import site_config, topics
from ingest.wire.site_config import ConfiguredDevice, ConfiguredOutput, ConfiguredWindow, SiteConfig


def load_or_create_key(path: Path) -> Ed25519PrivateKey:
    """The platform's signing key: 32 raw bytes in hex, made at the first start, readable by its owner only."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        made = Ed25519PrivateKey.generate().private_bytes_raw().hex()
        try:
            with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
                file.write(made)
        except FileExistsError:
            pass  # another program was first
    return Ed25519PrivateKey.from_private_bytes(bytes.fromhex(path.read_text().strip()))


def messages(registry: Registry, key: Ed25519PrivateKey) -> Iterator[tuple[str, bytes]]:
    """Topic and payload of every gateway's configuration."""
    for config in configs(registry):
        body = site_config.encode(config)
        signature = key.sign(body).hex()
        shard = registry.site[config.site_id].shard
        yield topics.config(shard, config.gateway_id), site_config.envelope(body, signature)


def configs(registry: Registry) -> Iterator[SiteConfig]:
    """What each gateway must know."""
    by_gateway: dict[str, list[Device]] = {}
    for device in registry.devices:
        by_gateway.setdefault(device.gateway_id, []).append(device)
    for gateway in registry.gateways:
        site = registry.site.get(gateway.site_id)
        if site is None or gateway.revoked:
            continue
        yield SiteConfig(
            version=registry.version,
            site_id=site.site_id,
            gateway_id=gateway.gateway_id,
            timezone=site.timezone,
            devices=tuple(_configured(device, registry) for device in by_gateway.get(gateway.gateway_id, [])),
            outputs=tuple(_output(one) for one in registry.outputs if one.gateway_id == gateway.gateway_id),
            windows=tuple(_announced(window) for window in registry.windows if window.site_id == site.site_id),
            doorways=tuple(
                (one.room_id, one.other_room_id) for one in registry.doorways if one.site_id == site.site_id
            ),
        )


def _configured(device: Device, registry: Registry) -> ConfiguredDevice:
    room = registry.room.get(device.room_id or "")
    return ConfiguredDevice(
        device_id=device.device_id,
        number=device.number,
        native=device.native,
        kind=device.kind,
        profile=device.profile,
        room_id=device.room_id,
        thresholds=thresholds_of(device, registry),
        out_of_service=device.out_of_service,
        zone_id=room.zone_id if room is not None else None,
        use=room.use if room is not None else None,
    )


def _output(output: Output) -> ConfiguredOutput:
    return ConfiguredOutput(
        output_id=output.output_id,
        does=output.does,
        native=output.native,
        feedback_device_id=output.feedback_device_id,
        feedback_signal=output.feedback_signal,
        feedback_on=output.feedback_on,
    )


def _announced(window: Window) -> ConfiguredWindow:
    return ConfiguredWindow(
        begins_s=window.begins_at.timestamp(),
        ends_s=window.ends_at.timestamp(),
        kinds=window.kinds,
        room_id=window.room_id,
        device_id=window.device_id,
    )
