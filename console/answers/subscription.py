"""A browser's push subscription: how it looks, whose it is, and a renewed one in the place of the old one.

A browser may renew its subscription at any time, with every page closed and long after the session has ended. So the
renewal looks at no cookie: the old subscription's own secret, which only that browser and the registry know, proves
that the same browser speaks. Another site's page has nothing to borrow (no CSRF). That its test message was answered
stays: it is the same browser of the same person, and to lose it would silence somebody who does not know of it.
"""

from __future__ import annotations

import hmac

import msgspec
from pydantic import BaseModel, ConfigDict, Field, HttpUrl

from ingest.registry.model import Reach, Registry

WEB_PUSH = "web_push"
_LONGEST = 2000


class Keys(BaseModel):
    """What messages to a browser are encrypted with; ``auth`` is the browser's secret."""

    p256dh: str = Field(min_length=20, max_length=200)
    auth: str = Field(min_length=16, max_length=100)


class PushSubscription(BaseModel):
    """A browser's subscription, as it gives it; ``instead_of`` is the endpoint that the same browser had before."""

    model_config = ConfigDict(extra="ignore")

    endpoint: HttpUrl = Field(max_length=_LONGEST)
    keys: Keys
    instead_of: str = Field("", max_length=_LONGEST)

    @property
    def address(self) -> str:
        return msgspec.json.encode({"endpoint": str(self.endpoint), "keys": self.keys.model_dump()}).decode()


class Renewal(BaseModel):
    """The subscription that a browser had, whole, and the one that it has now."""

    model_config = ConfigDict(extra="forbid")

    old: PushSubscription
    new: PushSubscription


class _Keys(msgspec.Struct):
    auth: str


class _Kept(msgspec.Struct):
    endpoint: str
    keys: _Keys


def holders(registry: Registry, subscription: PushSubscription) -> list[Reach]:
    """The entries of this very subscription; two accounts may share a browser."""
    return [r for r in registry.reaches if r.channel == WEB_PUSH and _is_same(r.address, subscription)]


def is_before(reach: Reach, subscription: PushSubscription) -> bool:
    """Whether an entry is the same browser's with older keys, or with an older endpoint."""
    kept = _kept(reach.address) if reach.channel == WEB_PUSH else None
    if kept is None or reach.address == subscription.address:
        return False
    return kept.endpoint in (str(subscription.endpoint), subscription.instead_of)


def _is_same(address: str, subscription: PushSubscription) -> bool:
    kept = _kept(address)
    if kept is None or kept.endpoint != str(subscription.endpoint):
        return False
    return hmac.compare_digest(kept.keys.auth.encode(), subscription.keys.auth.encode())


def _kept(address: str) -> _Kept | None:
    try:
        return msgspec.json.decode(address, type=_Kept)
    except msgspec.MsgspecError:
        return None
