"""Builds the channels from their settings; one that is not set up is absent, with the reason."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from alarms.notify.guard import Guard
from alarms.notify.guarded_http import GuardedHttp
from alarms.notify.mqtt import MqttTopic
from alarms.notify.port import Channel
from alarms.notify.secret_file import load_or_create, text_secret
from alarms.notify.settings import NotifySettings
from alarms.notify.vapid import load_or_create_vapid_key
from alarms.notify.voice import CallReport, Voice
from alarms.notify.webhook import Webhook
from ingest.clock import Clock, SystemClock

if TYPE_CHECKING:
    from alarms.notify.asterisk import AsteriskLine

WEBHOOK = "webhook"
WEB_PUSH = "web_push"
APPRISE = "apprise"
MQTT = "mqtt"
VOICE = "voice"
NAMES = (WEB_PUSH, APPRISE, WEBHOOK, MQTT, VOICE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Channels:
    """The channels by name, and why the others are absent."""

    by_name: Mapping[str, Channel]
    absent: Mapping[str, str] = field(default_factory=dict)
    line: AsteriskLine | None = None

    def start(self) -> None:
        """Open what stays open: the event stream of the telephone exchange."""
        if self.line is not None:
            self.line.start()

    def stop(self) -> None:
        if self.line is not None:
            self.line.stop()


def build(
    settings: NotifySettings,
    secrets: Path,
    *,
    publish: Callable[[str, bytes], bool] | None = None,
    heard: Callable[[CallReport], None] | None = None,
    trusted: Iterable[str] = (),
    clock: Clock | None = None,
) -> Channels:
    """The channels that are set up.

    ``secrets`` is the folder of keys; ``publish(topic, payload)`` hands a message to the broker's connection; ``heard``
    is told what becomes of calls; ``trusted`` are web addresses that the operator's own settings name, which may
    therefore be internal.
    """
    clock = clock or SystemClock()
    guard = Guard([*settings.allowed_targets, *(_authority(url) for url in trusted)])
    http = GuardedHttp(guard, settings.timeout_s)
    secret = settings.webhook_secret.get_secret_value().encode()
    found: dict[str, Channel] = {
        WEBHOOK: Webhook(http, secret or load_or_create(secrets / "webhook_secret", text_secret), clock)
    }
    absent: dict[str, str] = {}
    contact = push_contact(settings)
    # the services' libraries are slow to import: alarms is back sooner after a crash without those that are not set up
    if contact:
        from alarms.notify.web_push import WebPush  # noqa: PLC0415

        found[WEB_PUSH] = WebPush(http, load_or_create_vapid_key(secrets, contact), clock)
    else:
        absent[WEB_PUSH] = "set notify.web_push_contact (mailto:…) or notify.public_url (https://…)"
    if settings.apprise:
        from alarms.notify.apprise import AppriseServices  # noqa: PLC0415

        found[APPRISE] = AppriseServices(guard, settings.timeout_s)
    else:
        absent[APPRISE] = "notify.apprise is false"
    if publish is not None:
        found[MQTT] = MqttTopic(publish)
    else:
        absent[MQTT] = "this program has no connection to the broker"
    line = _line(settings, heard)
    if isinstance(line, str):
        absent[VOICE] = line
        return Channels(by_name=found, absent=absent)
    found[VOICE] = Voice(line)
    return Channels(by_name=found, absent=absent, line=line)


def push_contact(settings: NotifySettings) -> str:
    """Where a push service may reach the operator; empty: Web Push is not set up."""
    return settings.web_push_contact or _https(settings.public_url)


def _line(settings: NotifySettings, heard: Callable[[CallReport], None] | None) -> AsteriskLine | str:
    """The voice line, or why there is none."""
    if settings.voice_url is None:
        return "set notify.voice_url, voice_username and voice_password to those of Asterisk's REST interface"
    if heard is None:
        return "this program does not take answers from calls"
    from alarms.notify.asterisk import AsteriskLine, Exchange  # noqa: PLC0415 - slow to import, see build

    exchange = Exchange(
        url=str(settings.voice_url),
        username=settings.voice_username,
        password=settings.voice_password.get_secret_value(),
        endpoint=settings.voice_endpoint,
        caller_id=settings.voice_caller_id,
        ring_s=settings.voice_ring_s,
        app=settings.voice_app,
        timeout_s=settings.timeout_s,
    )
    return AsteriskLine(exchange, heard)


def _authority(url: str) -> str:
    """``host:port`` of a web address, as the allow-list has it."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    port = parts.port or (443 if parts.scheme == "https" else 80)
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _https(url: object) -> str:
    """The origin of the public address, when it is https."""
    parts = urlsplit(str(url or ""))
    return f"https://{parts.hostname}" if parts.scheme == "https" and "." in (parts.hostname or "") else ""
