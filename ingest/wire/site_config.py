"""``down/config``: what a gateway must know of its site to judge life safety on its own."""

from __future__ import annotations

from typing import Any

import msgspec

from ingest.wire.errors import DecodeError
from ingest.wire.signals import Kind


class ConfiguredDevice(msgspec.Struct, frozen=True, kw_only=True):
    """A device behind the gateway; ``thresholds`` are those of site, room and device already laid over each other.

    ``zone_id`` and ``use`` are its room's.
    """

    device_id: str
    number: int
    native: str
    kind: Kind
    profile: str
    room_id: str | None = None
    thresholds: dict[str, dict[str, Any]] = {}  # Any: rule -> parameter -> number or text
    out_of_service: bool = False
    zone_id: str | None = None
    use: str | None = None


class ConfiguredOutput(msgspec.Struct, frozen=True, kw_only=True):
    """A relay behind the gateway that a fire may switch; it has moved when its feedback says ``feedback_on``."""

    output_id: str
    does: str
    native: str
    feedback_device_id: str | None = None
    feedback_signal: str = ""
    feedback_on: bool = True


class ConfiguredWindow(msgspec.Struct, frozen=True, kw_only=True):
    """Announced work, from ``begins_s`` to ``ends_s`` (since 1970): the siren does not sound for alarms of ``kinds``.

    Empty ``kinds`` are all but calls for help and falls.
    """

    begins_s: float
    ends_s: float
    kinds: tuple[str, ...] = ()
    room_id: str | None = None
    device_id: str | None = None


class SiteConfig(msgspec.Struct, frozen=True, kw_only=True):
    """The registry and the rules of one gateway's site, at ``version``; ``doorways`` are pairs of rooms that adjoin."""

    version: int
    site_id: str
    gateway_id: str
    timezone: str = ""
    devices: tuple[ConfiguredDevice, ...] = ()
    outputs: tuple[ConfiguredOutput, ...] = ()
    windows: tuple[ConfiguredWindow, ...] = ()
    doorways: tuple[tuple[str, str], ...] = ()


class _Signed(msgspec.Struct):
    config: msgspec.Raw
    signature: str


_ENCODER = msgspec.json.Encoder()
_CONFIG = msgspec.json.Decoder(SiteConfig)
_SIGNED = msgspec.json.Decoder(_Signed)


def encode(config: SiteConfig) -> bytes:
    """The bytes that are signed."""
    return _ENCODER.encode(config)


def envelope(signed_bytes: bytes, signature_hex: str) -> bytes:
    """The message: the signed bytes as they are, and their Ed25519 signature."""
    return _ENCODER.encode({"config": msgspec.Raw(signed_bytes), "signature": signature_hex})


def open_envelope(payload: bytes) -> tuple[bytes, bytes]:
    """The signed bytes and the signature, not yet verified.

    Raises
    ------
    DecodeError
        ``bad_config``.
    """
    try:
        signed = _SIGNED.decode(payload)
        return bytes(signed.config), bytes.fromhex(signed.signature)
    except (msgspec.MsgspecError, UnicodeDecodeError, ValueError) as error:
        raise DecodeError("bad_config", str(error)) from error


def decode(signed_bytes: bytes) -> SiteConfig:
    """The configuration in verified bytes.

    Raises
    ------
    DecodeError
        ``bad_config``.
    """
    try:
        return _CONFIG.decode(signed_bytes)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise DecodeError("bad_config", str(error)) from error
