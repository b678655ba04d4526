"""Packs: what a gateway sends in one message of the alarm or the data lane.

Three forms are read (docs/topics.md): a pack object around SenML records, a bare SenML pack (JSON ``[`` or CBOR), and a
pack object around columnar tables for telemetry at scale.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from ingest.wire import senml
from ingest.wire.errors import DecodeError
from ingest.wire.senml import Record
from ingest.wire.topics import valid_id

MAX_BYTES = 1 << 20


class Table(msgspec.Struct, frozen=True, omit_defaults=True):
    """Columnar telemetry: ``v[r][c]`` is signal ``n[c]`` of device ``d[r]`` at ``bt + t[r]``; null is absent.

    ``d`` may hold one device for all rows. ``t`` may be left out when all rows are of the moment ``bt``.
    """

    d: list[str]
    n: list[str]
    v: list[list[float | None]]
    bt: float = 0.0
    t: list[float] = []


class Pack(msgspec.Struct, frozen=True, kw_only=True):
    """One message of a lane.

    ``boot`` is None for a bare SenML pack: it has no seq and is de-duplicated by (signal, time).
    ``sent_at`` is the gateway's clock at sending, in seconds since 1970; 0 when it does not tell.
    """

    boot: str | None = None
    seq: int = 0
    floor: int = 0
    sent_at: float = 0.0
    records: Sequence[Record] = ()
    tables: Sequence[Table] = ()


class _Envelope(msgspec.Struct):
    boot: str
    seq: int
    floor: int = 0
    sent_at: float = 0.0
    records: list[Record] = []
    tables: list[Table] = []


class _LooseRecords(msgspec.Struct):
    records: list[dict[str, Any]] = []  # Any: JSON values


class _Header(msgspec.Struct):
    boot: str
    seq: int
    floor: int = 0


@dataclass(frozen=True, slots=True)
class Header:
    """Which pack it is, readable even when its records are not."""

    boot: str
    seq: int
    floor: int


_ENVELOPE = msgspec.json.Decoder(_Envelope)
_LOOSE = msgspec.json.Decoder(_LooseRecords)
_HEADER = msgspec.json.Decoder(_Header)
_ENCODER = msgspec.json.Encoder()


def decode(payload: bytes) -> Pack:
    """The pack in ``payload``.

    Raises
    ------
    DecodeError
        ``too_long``, ``not_json``, ``not_cbor``, ``bad_pack`` or ``bad_senml``; the whole pack is refused.
    """
    if len(payload) > MAX_BYTES:
        raise DecodeError("too_long", f"{len(payload)} bytes, at most {MAX_BYTES}")
    first = payload.lstrip()[:1]
    if first == b"[":
        return Pack(records=senml.decode_json(payload))
    if first != b"{":
        return Pack(records=senml.decode_cbor(payload))
    try:
        envelope = _ENVELOPE.decode(payload)
        if b'_"' in payload and envelope.records:
            senml.check_understood(_LOOSE.decode(payload).records)
    except msgspec.ValidationError as error:
        raise DecodeError("bad_senml" if "$.records" in str(error) else "bad_pack", str(error)) from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise DecodeError("not_json", str(error)) from error
    except RecursionError as error:
        raise DecodeError("not_json", "nested too deeply") from error
    _check_identity(envelope.boot, envelope.seq, envelope.floor)
    for table in envelope.tables:
        _check_table(table)
    return Pack(
        boot=envelope.boot,
        seq=envelope.seq,
        floor=envelope.floor,
        sent_at=envelope.sent_at,
        records=envelope.records,
        tables=envelope.tables,
    )


def decode_header(payload: bytes) -> Header | None:
    """The identity of a pack that ``decode`` refused, so that it can still be acknowledged; None if unreadable."""
    try:
        header = _HEADER.decode(payload[:MAX_BYTES])
        _check_identity(header.boot, header.seq, header.floor)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError, DecodeError):
        return None
    return Header(header.boot, header.seq, header.floor)


def encode(pack: Pack) -> bytes:
    """The JSON form of ``pack``; a pack without a boot becomes bare SenML."""
    if pack.boot is None:
        return _ENCODER.encode(pack.records)
    body: dict[str, Any] = {  # Any: a JSON object
        "boot": pack.boot,
        "seq": pack.seq,
        "floor": pack.floor,
        "sent_at": pack.sent_at,
    }
    if pack.records:
        body["records"] = pack.records
    if pack.tables:
        body["tables"] = pack.tables
    return _ENCODER.encode(body)


def _check_identity(boot: str, seq: int, floor: int) -> None:
    if not valid_id(boot):
        raise DecodeError("bad_pack", "boot is not an id of 1 to 64 letters, digits, _ . : -")
    if not 0 <= floor < 2**53 or not 0 <= seq < 2**53:
        raise DecodeError("bad_pack", f"seq {seq} or floor {floor} is out of range")


def _check_table(table: Table) -> None:
    rows = len(table.v)
    if len(table.d) not in (1, rows) or len(table.t) not in (0, rows):
        raise DecodeError("bad_pack", f"a table of {rows} rows has {len(table.d)} devices and {len(table.t)} times")
    columns = len(table.n)
    for row in table.v:
        if len(row) != columns:
            raise DecodeError("bad_pack", f"a table's row does not have its {columns} columns")
