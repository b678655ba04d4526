"""MQTT filters, slowly and plainly: the twin that the broker's rules are checked against."""

from __future__ import annotations

import re


def matches(mqtt_filter: str, topic: str) -> bool:
    """As in MQTT 3.1.1, section 4.7: a leading wildcard does not match a topic that begins with ``$``."""
    if topic.startswith("$") and mqtt_filter[:1] in ("#", "+"):
        return False
    pattern = re.escape(mqtt_filter).replace(r"\+", "[^/]*")
    if pattern == r"\#":
        pattern = ".*"
    elif pattern.endswith(r"/\#"):
        pattern = pattern.removesuffix(r"/\#") + "(/.*)?"
    return re.fullmatch(pattern, topic, re.DOTALL) is not None
