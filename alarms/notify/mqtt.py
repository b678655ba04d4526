"""The MQTT channel: notices for whoever listens at the broker, a corridor display or a home's own automation."""

from __future__ import annotations

import re
from collections.abc import Callable

import msgspec

from alarms.errors import ChannelError
from alarms.notify.message import Notice
from ingest.wire import topics

_TARGET = re.compile(r"[^/+#\s\x00-\x1f\x7f]{1,128}")
_ENCODE = msgspec.json.Encoder().encode


class MqttTopic:
    """Publishes notices, not retained. The address is the last level of the topic.

    ``publish(topic, payload)`` hands a message to the connection at QoS 1 and is False when there is none.
    """

    def __init__(self, publish: Callable[[str, bytes], bool]) -> None:
        self._publish = publish

    def send(self, address: str, notice: Notice) -> str:
        """Publish the notice.

        Raises
        ------
        ChannelError
            The address is no level of a topic (permanent), or there is no connection to the broker.
        """
        if not _TARGET.fullmatch(address):
            raise ChannelError(f"{address!r} is no level of a topic", permanent=True)
        topic = topics.notice(address)
        if not self._publish(topic, _ENCODE(notice)):
            raise ChannelError("no connection to the broker", permanent=False)
        return f"published on {topic}"
