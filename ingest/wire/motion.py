"""Motion windows: accelerometer samples as int16, behind a versioned header (docs/topics.md).

Layout, little-endian::

    0  2  magic  b"AM"
    2  1  version, 1
    3  1  placement: 0 unknown, 1 waist, 2 wrist, 3 neck, 4 pocket
    4  16 boot, ASCII, NUL-padded
    20 8  seq    u64
    28 8  floor  u64
    36 8  start of the first sample, seconds since 1970, f64; below 2**28 means "no clock"
    44 4  rate_hz  f32
    48 4  range_g  f32, the value of 32768 counts
    52 2  length of the device id in bytes
    54 2  number of samples
    56    device id, ASCII; then samples * (x, y, z) int16
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from ingest.wire.errors import DecodeError
from ingest.wire.topics import valid_id

_HEADER = struct.Struct("<2sBB16sQQdffHH")
_MAGIC = b"AM"
_VERSION = 1
MAX_SAMPLES = 25_600  # 128 s at 200 Hz


class Placement(IntEnum):
    """Where on the body the device is worn."""

    UNKNOWN = 0
    WAIST = 1
    WRIST = 2
    NECK = 3
    POCKET = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class MotionWindow:
    """Consecutive samples of one wearer's accelerometer.

    ``counts`` has shape (n, 3), int16; acceleration in g is ``counts * range_g / 32768``, gravity included.
    ``start_s`` is the first sample's time in seconds since 1970, or NaN without a clock.
    """

    boot: str
    seq: int
    floor: int
    device_id: str
    placement: Placement
    start_s: float
    rate_hz: float
    range_g: float
    counts: NDArray[np.int16]

    @property
    def accel_g(self) -> NDArray[np.float32]:
        """Acceleration in g, shape (n, 3)."""
        return self.counts.astype(np.float32) * np.float32(self.range_g / 32768)


def encode(window: MotionWindow) -> bytes:
    device = window.device_id.encode("ascii")
    counts = np.ascontiguousarray(window.counts, dtype="<i2")
    start_s = window.start_s if np.isfinite(window.start_s) else 0.0
    header = _HEADER.pack(
        _MAGIC,
        _VERSION,
        window.placement,
        window.boot.encode("ascii"),
        window.seq,
        window.floor,
        start_s,
        window.rate_hz,
        window.range_g,
        len(device),
        len(counts),
    )
    return header + device + counts.tobytes()


def decode(payload: bytes) -> MotionWindow:
    """The window in ``payload``.

    Raises
    ------
    DecodeError
        ``not_motion``, ``motion_version``, ``motion_length`` or ``motion_field``.
    """
    if len(payload) < _HEADER.size or payload[:2] != _MAGIC:
        raise DecodeError("not_motion", f"{len(payload)} bytes without the magic 'AM'")
    (_, version, placement, boot, seq, floor, start_s, rate_hz, range_g, id_length, samples) = _HEADER.unpack_from(
        payload
    )
    if version != _VERSION:
        raise DecodeError("motion_version", f"version {version}, this is version {_VERSION}")
    if len(payload) != _HEADER.size + id_length + samples * 6 or not 0 < samples <= MAX_SAMPLES:
        raise DecodeError("motion_length", f"{len(payload)} bytes for {samples} samples")
    try:
        device_id = payload[_HEADER.size : _HEADER.size + id_length].decode("ascii")
        boot_text = boot.rstrip(b"\0").decode("ascii")
    except UnicodeDecodeError as error:
        raise DecodeError("motion_field", "device id or boot is not ASCII") from error
    if not valid_id(device_id) or not valid_id(boot_text):
        raise DecodeError("motion_field", "device id or boot is empty or has odd characters")
    if not (1 <= rate_hz <= 1600 and 0.5 <= range_g <= 400):
        raise DecodeError("motion_field", f"rate {rate_hz} Hz or range {range_g} g is impossible")
    counts = np.frombuffer(payload, dtype="<i2", offset=_HEADER.size + id_length).reshape(samples, 3)
    return MotionWindow(
        boot=boot_text,
        seq=seq,
        floor=floor,
        device_id=device_id,
        placement=Placement(placement) if placement in tuple(Placement) else Placement.UNKNOWN,
        start_s=start_s if np.isfinite(start_s) and start_s >= 2**28 else float("nan"),
        rate_hz=rate_hz,
        range_g=range_g,
        counts=counts,
    )


def decode_header(payload: bytes) -> tuple[str, int, int] | None:
    """Boot, seq and floor of a window that ``decode`` refused, so that it can still be acknowledged."""
    if len(payload) < _HEADER.size or payload[:2] != _MAGIC or payload[2] != _VERSION:
        return None
    _, _, _, boot, seq, floor, *_ = _HEADER.unpack_from(payload)
    boot_text = boot.rstrip(b"\0").decode("ascii", "replace")
    if not valid_id(boot_text) or not 0 <= seq < 2**53 or not 0 <= floor < 2**53:
        return None
    return boot_text, seq, floor
