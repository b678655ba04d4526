"""Work that was announced at the site: an engineer who lets water flow wakes nobody."""

from __future__ import annotations

from alarms.core.rules import Rule
from alarms.lifecycle.guards import PERSONAL
from ingest.wire.site_config import SiteConfig


class Announced:
    """The planned windows of a configuration."""

    def __init__(self, config: SiteConfig | None) -> None:
        self._windows = config.windows if config is not None else ()
        self._room = {device.device_id: device.room_id for device in (config.devices if config is not None else ())}

    def covers(self, device_id: str, rule: Rule, at_s: float) -> bool:
        """Whether an alarm of ``rule`` at that moment is work that was announced."""
        return any(
            window.begins_s <= at_s < window.ends_s
            and window.room_id in (None, self._room.get(device_id))
            and window.device_id in (None, device_id)
            and (rule.kind in window.kinds or (not window.kinds and rule.kind not in PERSONAL))
            for window in self._windows
        )
