"""SenML (RFC 8428) records in JSON and CBOR: base fields resolved, values typed, bad ones refused."""

from __future__ import annotations

import io
import math
from collections.abc import Iterator, Sequence
from typing import Any

import cbor2
import msgspec

from ingest.wire.errors import DecodeError

ABSOLUTE_S = 2.0**28
"""A time below this is not absolute (RFC 8428 section 4.5.3): the sender has no clock."""

_CBOR_LABELS: dict[Any, str] = {  # Any: a key of a CBOR map
    -2: "bn", -3: "bt", -4: "bu", -5: "bv", -6: "bs", -1: "bver",
    0: "n", 1: "u", 2: "v", 3: "vs", 4: "vb", 5: "s", 6: "t", 7: "ut", 8: "vd",
}  # fmt: skip


class Record(msgspec.Struct, frozen=True, omit_defaults=True):
    """One SenML record as it stands on the wire; ``ev`` is our own label: the evidence of a judgement."""

    n: str = ""
    bn: str | None = None
    bt: float | None = None
    bv: float | None = None
    bver: int | None = None
    u: str | None = None
    v: float | None = None
    vb: bool | None = None
    vs: str | None = None
    t: float | None = None
    ev: dict[str, Any] | None = None  # Any: a JSON object


class Resolved(msgspec.Struct, frozen=True):
    """A record with its base fields applied.

    ``at`` is seconds since 1970, or NaN when the sender has no clock. ``value`` is a float, a bool or a text.
    """

    device: str
    signal: str
    value: float | bool | str
    at: float
    ev: dict[str, Any] | None = None  # Any: a JSON object


_RECORDS = msgspec.json.Decoder(list[Record])
_LOOSE = msgspec.json.Decoder(list[dict[str, Any]])  # Any: JSON values


def decode_json(payload: bytes) -> list[Record]:
    """The records of a SenML JSON pack.

    Raises
    ------
    DecodeError
        ``not_json`` or ``bad_senml``.
    """
    try:
        records = _RECORDS.decode(payload)
        if b'_"' in payload:
            check_understood(_LOOSE.decode(payload))
    except msgspec.ValidationError as error:
        raise DecodeError("bad_senml", str(error)) from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise DecodeError("not_json", str(error)) from error
    except RecursionError as error:
        raise DecodeError("not_json", "nested too deeply") from error
    return records


def decode_cbor(payload: bytes) -> list[Record]:
    """The records of a SenML CBOR pack.

    Raises
    ------
    DecodeError
        ``not_cbor`` or ``bad_senml``.
    """
    try:
        stream = io.BytesIO(payload)
        items = cbor2.CBORDecoder(stream).decode()
    except (cbor2.CBORDecodeError, ValueError, RecursionError, OverflowError, MemoryError) as error:
        raise DecodeError("not_cbor", str(error)) from error
    if stream.tell() != len(payload) or not isinstance(items, list) or not all(isinstance(i, dict) for i in items):
        raise DecodeError("not_cbor", "neither a JSON pack nor one CBOR array of maps")
    loose = [{str(_CBOR_LABELS.get(key, key)): value for key, value in item.items()} for item in items]
    check_understood(loose)
    try:
        return msgspec.convert(loose, list[Record])
    except msgspec.ValidationError as error:
        raise DecodeError("bad_senml", str(error)) from error


def encode_cbor(records: Sequence[Record]) -> bytes:
    """The CBOR form of ``records``."""
    labels = {name: number for number, name in _CBOR_LABELS.items()}
    return cbor2.dumps([{labels.get(k, k): v for k, v in msgspec.to_builtins(record).items()} for record in records])


def check_understood(loose: Sequence[dict[str, Any]]) -> None:  # Any: decoded JSON or CBOR
    """Refuse records with a label that must be understood and is not, or of a newer version (``DecodeError``)."""
    for item in loose:
        for key in item:
            if isinstance(key, str) and key.endswith("_"):
                raise DecodeError("bad_senml", f"the label {key!r} must be understood and is not (RFC 8428 4.4)")
        if item.get("bver", 10) > 10:
            raise DecodeError("bad_senml", f"SenML version {item['bver']} is newer than 10")


def resolve(records: Sequence[Record]) -> Iterator[Resolved | DecodeError]:
    """Each record with its base fields applied; a bad record comes out as the error that refuses it alone."""
    base_name, base_time, base_value = "", 0.0, 0.0
    for record in records:
        if record.bn is not None:
            base_name = record.bn
        if record.bt is not None:
            base_time = record.bt
        if record.bv is not None:
            base_value = record.bv
        device, slash, signal = (base_name + record.n).partition("/")
        value: float | bool | str
        if record.v is not None:
            value = record.v + base_value
            if not math.isfinite(value):
                yield DecodeError("not_finite", f"{device}/{signal} is {value}")
                continue
        elif record.vb is not None:
            value = record.vb
        elif record.vs is not None:
            value = record.vs
        elif not record.n:
            continue  # a record of base fields only
        else:
            yield DecodeError("no_value", f"{device}/{signal} has none of v, vb, vs")
            continue
        if not slash or not device or not signal:
            yield DecodeError("bad_name", f"{base_name + record.n!r} is not device/signal")
            continue
        at = base_time + (record.t or 0.0)
        yield Resolved(device, signal, value, at if ABSOLUTE_S <= at < 2.0**40 else math.nan, record.ev)
