"""Codes of an authenticator app (TOTP, RFC 6238: SHA-1, six digits, 30 s), as every such app makes them. Pure."""

from __future__ import annotations

import hmac
import unicodedata

import pyotp

STEP_S = 30
DIGITS = 6
_ISSUER = "Anxin"
_AROUND = (0, -1, 1)  # the present step first; a phone's clock may be a little off


def new_secret() -> str:
    """160 random bits in base 32, as apps take them."""
    return pyotp.random_base32()


def address(secret: str, account: str) -> str:
    """What the QR code holds."""
    return pyotp.TOTP(secret).provisioning_uri(name=account, issuer_name=_ISSUER)


def code_at(secret: str, step: int) -> str:
    """The code of one step since 1970."""
    return pyotp.TOTP(secret).generate_otp(step)


def matched_step(secret: str, typed: str, now_s: float) -> int | None:
    """The step whose code this is, the present one or the ones beside it; None: a wrong code."""
    code = digits(typed)
    if not code:
        return None
    present = int(now_s // STEP_S)
    steps = (present + beside for beside in _AROUND if present + beside >= 0)
    return next((step for step in steps if hmac.compare_digest(code_at(secret, step), code)), None)


def digits(typed: str) -> str:
    """The six digits that were typed, also with spaces and in full width; empty: it is no code."""
    code = "".join(unicodedata.normalize("NFKC", typed).split())
    return code if len(code) == DIGITS and code.isascii() and code.isdecimal() else ""
