"""The order of a person's channels where nobody has said another one. Pure.

In mainland China the push services of some browsers cannot be reached: WeCom first, then SMS, then a call, and a
browser last. Elsewhere a browser comes first: it alone says that the message was shown.
"""

from __future__ import annotations

from ingest.registry.model import Registry

_CHINA = frozenset(
    {"Asia/Shanghai", "Asia/Urumqi", "Asia/Chongqing", "Asia/Chungking", "Asia/Harbin", "Asia/Kashgar", "PRC"}
)
_WECOM = frozenset({"wecombot", "wechat"})
_SMS = frozenset(
    [
        "46elks",
        "elks",
        "atalk",
        "bulksms",
        "bulkvs",
        "burstsms",
        "clickatell",
        "clicksend",
        "cm",
        "d7sms",
        "exotel",
        "gupshup",
        "httpsms",
        "infobip",
        "kaleyra",
        "klr",
        "kavenegar",
        "kudosity",
        "mobilemessage",
        "mobilemsg",
        "msg91",
        "msgbird",
        "nexmo",
        "notifyre",
        "octopush",
        "plivo",
        "ringc",
        "serwersms",
        "seven",
        "sinch",
        "smsc",
        "smseagle",
        "smseagles",
        "smsmanager",
        "smsmgr",
        "smstunnel",
        "sns",
        "telesign",
        "telnyx",
        "twilio",
        "voipms",
        "vonage",
    ]
)
_IN_CHINA = ("wecom", "sms", "voice", "apprise", "webhook", "mqtt", "web_push")
_ELSEWHERE = ("web_push", "apprise", "wecom", "webhook", "sms", "voice", "mqtt")
_STEP = 10
"""Between two kinds there is room for what a supervisor puts there."""


def default_rank(registry: Registry, person: str, channel: str, address: str) -> int:
    """The place of a channel among a person's others, as long as nobody gives it another one."""
    order = _IN_CHINA if _lives_in_china(registry, person) else _ELSEWHERE
    kind = _kind(channel, address)
    return _STEP * (1 + order.index(kind) if kind in order else 1 + len(order))


def _kind(channel: str, address: str) -> str:
    """Message services are told apart by their scheme."""
    scheme = address.partition(":")[0].lower()
    if channel != "apprise":
        return channel
    return "wecom" if scheme in _WECOM or "qyapi.weixin.qq.com" in address else "sms" if scheme in _SMS else channel


def _lives_in_china(registry: Registry, person: str) -> bool:
    kind, _, entry_id = person.partition(":")
    if kind == "contact" and (contact := registry.contact.get(entry_id)) is not None:
        site_ids: tuple[str, ...] = (contact.site_id,)
    else:
        user = registry.user.get(entry_id)
        site_ids = user.site_ids if user is not None else ()
    sites = [site for site in registry.sites if not site_ids or site.site_id in site_ids]
    return any(site.timezone in _CHINA for site in sites)
