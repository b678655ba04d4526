"""Notices on a topic."""

from __future__ import annotations

import json

import pytest

from alarms.errors import ChannelError
from alarms.notify.mqtt import MqttTopic
from tests.notices import a_notice


def test_the_notice_is_published_on_the_targets_topic() -> None:
    said: list[tuple[str, bytes]] = []

    def publish(topic: str, payload: bytes) -> bool:
        said.append((topic, payload))
        return True

    assert MqttTopic(publish).send("corridor-2", a_notice()) == "published on anxin/v1/notify/corridor-2"
    ((topic, payload),) = said
    assert topic == "anxin/v1/notify/corridor-2"
    assert json.loads(payload)["title_zh"] == "呼叫求助"


@pytest.mark.parametrize("address", ["", "a/b", "+", "#", "a b", "a\0", "x" * 129])
def test_an_address_that_is_no_level_of_a_topic_is_refused(address: str) -> None:
    with pytest.raises(ChannelError, match="no level of a topic") as failed:
        MqttTopic(lambda topic, payload: True).send(address, a_notice())
    assert failed.value.permanent


def test_without_a_connection_it_may_be_tried_again() -> None:
    with pytest.raises(ChannelError, match="no connection") as failed:
        MqttTopic(lambda topic, payload: False).send("corridor-2", a_notice())
    assert not failed.value.permanent
