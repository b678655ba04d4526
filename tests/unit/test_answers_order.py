"""In which order a person's channels are tried while nobody has said another one."""

from __future__ import annotations

import msgspec
import pytest

from console.answers.order import default_rank
from ingest.registry.model import Registry, Site
from tests.console_desk import a_registry

CHANNELS = (
    ("web_push", "{}"),
    ("voice", "+8613800138000"),
    ("apprise", "twilio://a:b@1/2"),
    ("apprise", "wecombot://KEY"),
    ("apprise", "ntfy://x"),
)


def order(registry: Registry, person: str) -> list[str]:
    ranked = sorted(CHANNELS, key=lambda one: default_rank(registry, person, *one))
    return [address.partition(":")[0] if channel == "apprise" else channel for channel, address in ranked]


@pytest.mark.parametrize("person", ["user:operator", "user:only-flat", "contact:c1"])
def test_in_china_wecom_then_sms_then_a_call_and_a_browser_last(person: str) -> None:
    assert order(a_registry(), person) == ["wecombot", "twilio", "voice", "ntfy", "web_push"]


def test_elsewhere_a_browser_first_because_it_says_that_it_has_shown_the_message() -> None:
    abroad = tuple(Site(site_id=site, name=site, shard=1, timezone="Europe/Berlin") for site in ("home", "flat"))
    registry = a_registry(sites=abroad)
    assert order(registry, "contact:c1") == ["web_push", "ntfy", "wecombot", "twilio", "voice"]


def test_who_works_at_one_site_in_china_has_the_order_of_china() -> None:
    berlin = Site(site_id="home", name="home", shard=1, timezone="Europe/Berlin")
    registry = a_registry()
    registry = msgspec.structs.replace(registry, sites=(berlin, registry.sites[1]))
    assert order(registry, "user:operator")[0] == "wecombot"
    assert order(registry, "contact:c1")[0] == "web_push"


def test_the_address_of_wecoms_own_bot_is_wecom() -> None:
    address = "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=K"
    assert default_rank(a_registry(), "user:operator", "apprise", address) == 10
