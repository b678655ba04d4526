"""Recovery codes: ten, each of 140 random bits, good once instead of the app's code. Pure but for chance."""

from __future__ import annotations

import secrets
import unicodedata
from hashlib import sha256

COUNT = 10
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's base 32: none that look alike
_GROUPS, _LETTERS = 7, 4
_MISREAD = str.maketrans("OIL", "011")


def new_codes() -> list[str]:
    """Ten new codes as they are printed."""
    return [_new_code() for _ in range(COUNT)]


def code_hash(typed: str) -> str:
    """What is stored instead of a code; the same however it is typed. So many random bits need no slow hash."""
    text = unicodedata.normalize("NFKC", typed).upper().translate(_MISREAD)
    return sha256("".join(letter for letter in text if letter in _ALPHABET).encode()).hexdigest()


def _new_code() -> str:
    groups = ("".join(secrets.choice(_ALPHABET) for _ in range(_LETTERS)) for _ in range(_GROUPS))
    return "-".join(groups)
