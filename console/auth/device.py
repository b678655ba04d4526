"""A browser in words, from what it calls itself: enough for a person to know the own ones again. Pure."""

from __future__ import annotations

from console.language import N_

_BROWSERS = (
    ("MicroMessenger/", N_("WeChat")),
    ("wxwork/", N_("WeCom")),
    ("DingTalk/", N_("DingTalk")),
    ("HuaweiBrowser/", N_("Huawei Browser")),
    ("MiuiBrowser/", N_("Mi Browser")),
    ("MQQBrowser/", N_("QQ Browser")),
    ("QQBrowser/", N_("QQ Browser")),
    ("UCBrowser/", N_("UC Browser")),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
_SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("OpenHarmony", N_("HarmonyOS")),
    ("HarmonyOS", N_("HarmonyOS")),
    ("Android", N_("Android")),
    ("Windows", "Windows"),
    ("Macintosh", "Mac"),
    ("CrOS", "Chromebook"),
    ("Linux", "Linux"),
)
UNKNOWN = N_("Unknown browser")


def device_of(agent: str) -> tuple[str, str]:
    """The browser and the system, marked for translation; empty: it does not say.

    Many browsers name others too: the first of the list counts.
    """
    browser = next((name for mark, name in _BROWSERS if mark in agent), "")
    return browser or UNKNOWN, next((name for mark, name in _SYSTEMS if mark in agent), "")
