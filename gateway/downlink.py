"""What the platform tells the gateway: acknowledgements, commands, the site's configuration."""

from __future__ import annotations

import time
from collections.abc import Callable

from alarms.lifecycle.effects import LampState
from gateway.commands import Command, Commands
from gateway.config_file import ConfigFile
from gateway.devices import Devices
from gateway.errors import ConfigError
from gateway.feedback import Feedback
from gateway.lamps import Lamps
from gateway.on_the_spot import OnTheSpot
from gateway.outputs import Outputs
from gateway.packing import Datum
from gateway.uplink import Uplink
from ingest.log import Log
from ingest.mqtt import Connected, Item, Message
from ingest.wire import topics
from ingest.wire.site_config import SiteConfig


class Downlink:
    """Obeys; ``on_config`` is told of a new configuration, ``on_record`` of a record to send in the alarm lane."""

    def __init__(
        self,
        *,
        gateway_id: str,
        shard: int,
        uplink: Uplink,
        commands: Commands,
        config: ConfigFile,
        on_the_spot: OnTheSpot,
        lamps: Lamps,
        outputs: Outputs,
        feedback: Feedback,
        on_config: Callable[[SiteConfig], None],
        on_record: Callable[[Datum], None],
        log: Log,
    ) -> None:
        self._id = gateway_id
        self._prefix = topics.gateway_prefix(shard, gateway_id) + "/down/"
        self._uplink = uplink
        self._commands = commands
        self._config = config
        self._on_the_spot = on_the_spot
        self._lamps = lamps
        self._outputs = outputs
        self._feedback = feedback
        self._on_config = on_config
        self._on_record = on_record
        self._log = log
        self.devices = Devices(config.config)
        self.has_news = False

    def handle(self, item: Item, now_s: float) -> None:
        """React to one item of the platform's session; ``has_news`` says that there is something to keep."""
        if isinstance(item, Connected):
            self._uplink.connected(now_s)
        if not isinstance(item, Message):
            return
        leaf = item.topic.removeprefix(self._prefix)
        if leaf.startswith("ack/"):
            self._uplink.acknowledged(leaf.removeprefix("ack/"), item.payload, now_s)
        elif leaf == "cmd":
            self._obey(item)
        elif leaf == "config" and item.payload:
            self._configure(item.payload)

    def _obey(self, message: Message) -> None:
        command = self._commands.accept(message.payload, retained=message.retained, now_s=time.time())
        if isinstance(command, str):
            self._log.warning("command.refused", gateway_id=self._id, reason=command)
            return
        self.has_news = True
        if command.cmd == "lamp":
            self._light(command)
        elif command.cmd == "siren" and command.on:
            self._on_the_spot.command(command.alarm or None, command.device_id or self._id, on=True)
        elif command.cmd == "siren":
            self._on_the_spot.command(command.alarm or None, command.device_id or None, on=False)
        elif command.cmd == "output":
            is_told = self._outputs.switch(command.output_id or "", command.does or "")
            for moved in self._feedback.asked(command.output_id or "", time.time()) if is_told else ():
                self._on_record(moved)
            said = {"gateway_id": self._id, "output_id": command.output_id, "does": command.does}
            self._log.warning("output.asked" if is_told else "output.not_told", **said)
        elif command.cmd == "test":
            # a test press of the gateway itself goes the whole way of a real one
            about = f"gateway:{self._id}"
            self._on_record(Datum(device_id=about, signal="call_test", value=True, at_s=round(time.time(), 3)))
        else:
            self._log.warning("command.unknown", gateway_id=self._id, cmd=command.cmd)

    def _light(self, command: Command) -> None:
        native = self.devices.native_of(command.device_id or "")
        if native is None or command.lamp not in tuple(LampState):
            self._log.info("lamp.unknown", gateway_id=self._id, device_id=command.device_id, lamp=command.lamp)
        elif not self._lamps.show(native, LampState(command.lamp)):
            self._log.info("lamp.not_shown", gateway_id=self._id, device_id=command.device_id)

    def _configure(self, payload: bytes) -> None:
        try:
            is_new = self._config.offer(payload)
        except ConfigError as error:
            self._log.error("config.refused", gateway_id=self._id, error=error)
            return
        config = self._config.config
        if is_new and config is not None:
            self.devices = Devices(config)
            self._outputs.configure(config)
            self._feedback.configure(config)
            self._on_config(config)
            self.has_news = True
            self._log.info("config.taken", gateway_id=self._id, version=config.version, devices=len(config.devices))
        if self._config.problem is not None:
            self._log.warning("config.file", gateway_id=self._id, error=self._config.problem)
            self._config.problem = None
