"""The key by which push services know this server (VAPID, RFC 8292). Subscriptions hold for one key: keep it."""

from __future__ import annotations

from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePrivateKey, generate_private_key
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)
from py_vapid import Vapid02
from py_vapid.utils import b64urlencode

from alarms.notify.secret_file import load_or_create

FILE = "vapid_key.pem"
_LIFE_S = 12 * 3600


class VapidKey:
    """Signs for one server; ``contact`` (``mailto:`` or ``https:``) is where a push service may complain."""

    def __init__(self, key: EllipticCurvePrivateKey, contact: str) -> None:
        self._key = key
        self._signer = Vapid02(key)
        self._contact = contact

    @property
    def public(self) -> str:
        """What a browser needs to subscribe: ``applicationServerKey``, in URL-safe base64."""
        point = self._key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        return str(b64urlencode(point))

    def headers(self, origin: str, now_s: float) -> dict[str, str]:
        """The ``Authorization`` for one push service (``https://host``), good for twelve hours."""
        claims = {"aud": origin, "exp": int(now_s) + _LIFE_S, "sub": self._contact}
        return dict(self._signer.sign(claims))


def load_or_create_vapid_key(folder: Path, contact: str = "") -> VapidKey:
    """The server's key from ``vapid_key.pem`` in the folder of secrets, made at the first call.

    Raises
    ------
    ValueError
        The file holds no such key.
    """
    key = load_pem_private_key(load_or_create(folder / FILE, _new_pem), password=None)
    if not isinstance(key, EllipticCurvePrivateKey):
        raise ValueError(f"{folder / FILE} holds no elliptic-curve key")  # noqa: TRY004 - a wrong file, not a wrong type
    return VapidKey(key, contact)


def _new_pem() -> bytes:
    return generate_private_key(SECP256R1()).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
