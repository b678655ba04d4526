"""Thresholds of a device: those of its site, its room and its own, laid over each other."""

from __future__ import annotations

from typing import Any

from ingest.registry.model import Device, Registry


def thresholds_of(device: Device, registry: Registry) -> dict[str, dict[str, Any]]:  # Any: threshold values
    """By rule and parameter; the room's win over the site's, the device's own over both."""
    site, room = registry.site.get(device.site_id), registry.room.get(device.room_id or "")
    merged: dict[str, dict[str, Any]] = {}  # Any: threshold values
    for layer in (site.thresholds if site else {}, room.thresholds if room else {}, device.thresholds):
        for rule, parameters in layer.items():
            merged.setdefault(rule, {}).update(parameters)
    return merged
