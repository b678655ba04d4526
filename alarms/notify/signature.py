"""The signature of a webhook: HMAC-SHA256 over the time and the body, with a secret that both sides know."""

from __future__ import annotations

import hashlib
import hmac

TIMESTAMP = "Anxin-Timestamp"
SIGNATURE = "Anxin-Signature"
REPLAY_WINDOW_S = 300


def sign(secret: bytes, timestamp_s: int, body: bytes) -> str:
    """``v1=`` and the hex digest over ``{timestamp}.{body}``."""
    return "v1=" + hmac.new(secret, b"%d." % timestamp_s + body, hashlib.sha256).hexdigest()


def verify(secret: bytes, timestamp: str, body: bytes, signature: str, now_s: float) -> bool:
    """What a receiver must ask: ours, and not an old one that somebody has kept (five minutes at most)."""
    if not timestamp.isdecimal() or abs(now_s - int(timestamp)) > REPLAY_WINDOW_S:
        return False
    return hmac.compare_digest(sign(secret, int(timestamp), body), signature)
