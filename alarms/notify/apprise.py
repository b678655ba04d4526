"""The Apprise channel: WeCom, DingTalk, Feishu, Bark, ServerChan, ntfy, e-mail, SMS gateways and a hundred others."""

from __future__ import annotations

import logging
import re
import warnings
from urllib.parse import parse_qs, urlsplit

import apprise
from apprise import NotifyFormat, NotifyType
from apprise.manager_attachment import AttachmentManager
from apprise.manager_plugins import NotificationManager

from alarms.errors import ChannelError
from alarms.lifecycle.alarm import Priority
from alarms.notify.connect_watch import ConnectWatch
from alarms.notify.guard import Guard, refused
from alarms.notify.message import Notice

_TYPES = {
    Priority.EMERGENCY: NotifyType.FAILURE,
    Priority.HIGH: NotifyType.WARNING,
    Priority.MEDIUM: NotifyType.INFO,
    Priority.LOW: NotifyType.INFO,
}
_REFUSED = {
    **dict.fromkeys(
        ("dbus", "kde", "qt", "glib", "gio", "gnome", "macosx", "windows", "blink1", "syslog"),
        "it speaks to this machine's own desktop or log",
    ),
    **dict.fromkeys(("vapid", "fcm"), "it reads files of this machine; Web Push is a channel of its own"),
    **dict.fromkeys(("mqtt", "mqtts"), "MQTT is a channel of its own"),
    **dict.fromkeys(("rsyslog", "growl", "aprs"), "it cannot tell whether anybody got the message"),
    "file": "it writes files of this machine",
}
_LOUD = {
    "bark": ("level", "critical"),
    "barks": ("level", "critical"),
    "ntfy": ("priority", "max"),
    "ntfys": ("priority", "max"),
    "gotify": ("priority", "emergency"),
    "gotifys": ("priority", "emergency"),
    "pover": ("priority", "emergency"),
    "prowl": ("priority", "emergency"),
    "join": ("priority", "emergency"),
    "pushy": ("priority", "high"),
}
_LONGEST_REASON = 300
_NUMBERS = re.compile(r"\d{6,}")


class AppriseServices:
    """Sends by Apprise. The address is an Apprise URL; services that touch this machine or its network are refused."""

    def __init__(self, guard: Guard, timeout_s: float) -> None:
        self._guard = guard
        self._timeout_s = timeout_s
        self._asset = apprise.AppriseAsset(
            app_id="Anxin",
            async_mode=False,  # in our own thread: Apprise's pool would let one slow service hold up the others
            service_timeout=0,
            http_redirects=False,
            pgp_autogen=False,
            pem_autogen=False,
            allow_templates=False,
        )
        logging.getLogger("apprise").propagate = False  # it names addresses; we log the result ourselves
        _load()

    def send(self, address: str, notice: Notice) -> str:
        """Hand the notice to the service of the address.

        Raises
        ------
        ChannelError
            The address is refused or wrong (permanent), or the service did not take it.
        """
        scheme = urlsplit(address).scheme
        if scheme in _REFUSED:
            raise refused(f"{scheme}:// is not offered, {_REFUSED[scheme]}")
        with ConnectWatch(self._guard) as watch:
            service = self._service(_aloud(address, scheme, notice))
            sender = apprise.Apprise(asset=self._asset)
            sender.add(service)
            result = sender.notify(
                title=notice.title,
                body=notice.body_with_link,
                notify_type=_TYPES[Priority(notice.priority)],
                body_format=NotifyFormat.TEXT,
            )
        if watch.refusal:
            raise refused(f"{scheme}:// leads to {watch.refusal}")
        name = str(service.service_name)
        if not result:
            raise ChannelError(f"{name}: {_reason(result)}", permanent=False)
        return f"{name}: taken"

    def _service(self, address: str) -> apprise.NotifyBase:
        service = apprise.Apprise.instantiate(address, asset=self._asset)
        if service is None:
            raise ChannelError("the address is none that Apprise knows", permanent=True)
        service.socket_connect_timeout = service.socket_read_timeout = self._timeout_s
        service.verify_certificate = True
        service.redirects = False
        service.retry = 0  # this is the journal's business
        service.optional = False  # else a failure would count as success
        return service


def _aloud(address: str, scheme: str, notice: Notice) -> str:
    """Ask for the service's way through a silent phone, for an emergency, unless the address says how loud to be."""
    if scheme not in _LOUD or notice.priority != Priority.EMERGENCY:
        return address
    option, value = _LOUD[scheme]
    query = urlsplit(address).query
    if option in parse_qs(query):
        return address
    return f"{address}{'&' if query else '?'}{option}={value}"


def _reason(result: apprise.AppriseResult) -> str:
    """What Apprise noted, without telephone numbers and in one line."""
    text = " ".join(entry.message for entry in result.logs()) or "not taken"
    return _NUMBERS.sub("…", " ".join(text.split()))[:_LONGEST_REASON]


def _load() -> None:
    """Load every service now, not with the first emergency, and forget how to read files and pages.

    Options of some services (templates, keys) would read this machine's files; Apprise reads them as attachments.
    """
    with warnings.catch_warnings(action="ignore", category=DeprecationWarning):  # of modules that it imports
        NotificationManager().load_modules()  # type: ignore[no-untyped-call]  # its managers have no types
    AttachmentManager().remove("file", "http", "https")  # type: ignore[no-untyped-call]
