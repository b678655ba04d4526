"""Who a native device is: its id, its profile, and what its readings mean where it hangs."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass

from gateway.adapters.native import Decoded
from ingest.wire.site_config import ConfiguredDevice, SiteConfig
from ingest.wire.topics import valid_id

_PRESS = dict.fromkeys(("button", "button_short", "button_long", "button_double"), "help_call")

MEANINGS: Mapping[str, Mapping[str, str]] = {
    "sos_button": _PRESS,
    "pendant": _PRESS,
    "pull_cord": _PRESS,
    "flow_switch": {"leak": "water_flow"},
    "flow_switch_plain": {"leak": "water_flow"},
    "heat_alarm": {"smoke": "heat_alarm"},
    "bed_sensor": {"occupied": "bed_occupied"},
    "floor_mat": {"occupied": "floor_occupied"},
}
"""Profile -> what a reading of that name means there: the bytes do not tell a leak sensor from a flow switch."""


@dataclass(frozen=True, slots=True)
class Known:
    """A device as records name it; ``number`` and ``profile`` are None for one that no registry has."""

    device_id: str
    number: int | None = None
    profile: str | None = None

    def meaning(self, signal: str) -> str:
        """The signal that ``signal`` stands for at this device."""
        return MEANINGS.get(self.profile or "", {}).get(signal, signal)


class Devices:
    """The devices behind one gateway."""

    def __init__(self, config: SiteConfig | None) -> None:
        listed = config.devices if config is not None else ()
        self._by_native = {device.native: _known(device) for device in listed if device.native}
        self._by_id = {device.device_id: _known(device) for device in listed}
        self._native = {device.device_id: device.native for device in listed}

    def find(self, decoded: Decoded) -> Known:
        """The registered device, or a stranger with a safe form of its native name as id."""
        found = self._by_native.get(decoded.native)
        if found is None and decoded.adapter in ("canonical", "motion"):
            found = self._by_id.get(decoded.device)
            if found is None and decoded.adapter == "canonical" and valid_id(decoded.device):
                return Known(decoded.device)
        return found if found is not None else Known(stranger_id(decoded.adapter, decoded.device))

    def native_of(self, device_id: str) -> str | None:
        """``family:name`` of a registered device."""
        return self._native.get(device_id) or None


def stranger_id(adapter: str, device: str) -> str:
    """A valid device id that shows the native name; a name that had to be changed gets a mark of its own."""
    plain = f"native-{adapter}-{device}"
    if valid_id(plain):
        return plain
    mark = hashlib.sha256(device.encode("utf-8", "surrogatepass")).hexdigest()[:8]
    return f"{re.sub(r'[^A-Za-z0-9_.-]+', '-', plain)[:54].rstrip('-')}-{mark}"


def _known(device: ConfiguredDevice) -> Known:
    return Known(device.device_id, device.number, device.profile)
