"""Fields of a device's message: typed, bounded by what can be physically true, the wrong ones reported."""

from __future__ import annotations

import json
import math
from datetime import UTC, datetime
from typing import Any

from gateway.adapters.native import Dropped, NativeReading
from ingest.wire.batch import SINGLE
from ingest.wire.errors import DecodeError
from ingest.wire.signals import BY_NAME

MAX_BYTES = 256 * 1024
_MILLISECONDS_FROM = 1e11
_TRUE = frozenset({"true", "on", "1", "yes", "alarm", "detected", "online"})
_FALSE = frozenset({"false", "off", "0", "no", "normal", "clear", "none", "offline"})


class Fields:
    """Collects the readings of one message; a field that is null or empty says nothing."""

    def __init__(self) -> None:
        self.readings: list[NativeReading] = []
        self.dropped: list[Dropped] = []

    def number(self, field: str, raw: object, signal: str, *, scale: float = 1.0, element: int = SINGLE) -> None:
        """Take a number in the signal's unit after ``scale``."""
        if raw is None or raw == "":
            return
        value = _number(raw)
        if value is None:
            self.drop(field, "wrong_type")
            return
        value *= scale
        of = BY_NAME[signal]
        if not math.isfinite(value):
            self.drop(field, "not_finite")
        elif not of.low <= value <= of.high:
            self.drop(field, "out_of_range")
        else:
            self.readings.append(NativeReading(signal, value, element))

    def state(self, field: str, raw: object, signal: str, *, inverted: bool = False, element: int = SINGLE) -> None:
        """Take true or false, also in the words that devices use for them."""
        if raw is None or raw == "":
            return
        value = truth(raw)
        if value is None:
            self.drop(field, "wrong_type")
        else:
            self.readings.append(NativeReading(signal, value is not inverted, element))

    def drop(self, field: str, reason: str) -> None:
        """Report a field that says something we cannot use."""
        self.dropped.append(Dropped(field, reason))


def json_value(payload: bytes) -> Any:  # Any: a JSON value
    """The JSON value in ``payload``; NaN and infinities are null.

    Raises
    ------
    DecodeError
        ``too_long`` or ``not_json``.
    """
    if len(payload) > MAX_BYTES:
        raise DecodeError("too_long", f"{len(payload)} bytes, at most {MAX_BYTES}")
    try:
        return json.loads(payload.decode("utf-8-sig"), parse_constant=_missing)
    except (ValueError, RecursionError) as error:
        raise DecodeError("not_json", str(error)) from error


def text_of(payload: bytes) -> str | None:
    """The payload as plain text, also when it stands in JSON quotes; None when it is not text."""
    try:
        text = payload[:MAX_BYTES].decode("utf-8-sig").strip()
    except UnicodeDecodeError:
        return None
    return text[1:-1] if len(text) >= 2 and text[0] == text[-1] == '"' else text


def truth(raw: object) -> bool | None:
    """True, false, or None when ``raw`` means neither."""
    if isinstance(raw, bool):
        return raw
    if isinstance(raw, int | float) and raw in (0, 1):
        return bool(raw)
    if isinstance(raw, str):
        word = raw.strip().lower()
        return True if word in _TRUE else False if word in _FALSE else None
    return None


def moment(raw: object) -> datetime | None:
    """A device's time: ISO 8601, or seconds or milliseconds since 1970.

    Aware UTC, or naive where the text has no zone; None when it is no time.
    """
    if isinstance(raw, str):
        try:
            at = datetime.fromisoformat(raw.strip())
            return at if at.tzinfo is None else at.astimezone(UTC)
        except (ValueError, OverflowError):
            return None
    seconds = None if isinstance(raw, str) else _number(raw)
    if seconds is None or not math.isfinite(seconds):
        return None
    if abs(seconds) >= _MILLISECONDS_FROM:
        seconds /= 1000
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _number(raw: object) -> float | None:
    if isinstance(raw, bool) or not isinstance(raw, int | float | str):
        return None
    try:
        return float(raw)
    except (ValueError, OverflowError):
        return None


def _missing(_constant: str) -> None:
    return None
