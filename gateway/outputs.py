"""Relays at the site that the platform may switch on in a fire, and never off."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from ingest.wire.site_config import ConfiguredOutput, SiteConfig


class Outputs:
    """The outputs of the signed configuration: a command names one, what it is and where stands here."""

    def __init__(
        self, publish: Callable[[str, bytes], bool], prefix: str, zigbee2mqtt_base: str, config: SiteConfig | None
    ) -> None:
        self._publish = publish
        self._prefix = prefix
        self._zigbee2mqtt_base = zigbee2mqtt_base
        self._outputs: dict[str, ConfiguredOutput] = {}
        if config is not None:
            self.configure(config)

    def configure(self, config: SiteConfig) -> None:
        """Know the outputs of another configuration."""
        self._outputs = {one.output_id: one for one in config.outputs}

    def switch(self, output_id: str, does: str) -> bool:
        """Switch it on, in its family's way; False when it is not known to do that, or nobody can be told."""
        output = self._outputs.get(output_id)
        if output is None or output.does != does:
            return False
        family, _, name = output.native.partition(":")
        if not name or any(sign in name for sign in "+#\0"):
            return False
        if family == "zigbee2mqtt":
            return self._publish(f"{self._prefix}{self._zigbee2mqtt_base}/{name}/set", b'{"state":"ON"}')
        if family == "canonical":
            return self._publish(f"{self._prefix}senml/{name}/set", msgspec.json.encode({"output": does}))
        return False
