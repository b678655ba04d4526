"""Records to the bodies of packs, and bodies to the messages that go out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import msgspec

from ingest.wire import motion
from ingest.wire.motion import MotionWindow
from ingest.wire.pack import Table
from ingest.wire.senml import Record
from ingest.wire.topics import Lane

MAX_BODY_BYTES = 256 * 1024
MAX_READINGS = 2000
_TABLE_PAYS_FROM = 6
_ENCODE = msgspec.json.Encoder().encode


@dataclass(frozen=True, slots=True, kw_only=True)
class Datum:
    """One value of one device; ``at_s`` in seconds since 1970. ``evidence`` goes with it as ``ev``."""

    device_id: str
    signal: str
    value: float | bool | str
    at_s: float
    element: int = 0
    evidence: Mapping[str, Any] | None = None  # Any: a JSON object

    @property
    def name(self) -> str:
        """The signal's name on the wire."""
        return f"{self.signal}:{self.element}" if self.element else self.signal


def alarm_bodies(data: Iterable[Datum]) -> Iterator[bytes]:
    """Records of the alarm lane, in their order, in as few packs as their size allows."""
    chunk: list[bytes] = []
    size = 0
    for datum in data:
        encoded = _ENCODE(_record(datum))
        if chunk and size + len(encoded) > MAX_BODY_BYTES:
            yield _records(chunk)
            chunk, size = [], 0
        chunk.append(encoded)
        size += len(encoded)
    if chunk:
        yield _records(chunk)


def data_bodies(data: Sequence[Datum]) -> Iterator[bytes]:
    """Telemetry in as few packs as their size allows."""
    for start in range(0, len(data), MAX_READINGS):
        yield _data_body(data[start : start + MAX_READINGS])


def message(lane: Lane, body: bytes, *, boot: str, seq: int, floor: int, sent_at: float) -> bytes:
    """The message of a pack; only ``floor`` and ``sent_at`` change when it is sent again."""
    if lane is Lane.MOTION:
        return motion.encode(replace(motion.decode(body), boot=boot, seq=seq, floor=floor))
    head = f'{{"boot":"{boot}","seq":{seq},"floor":{floor},"sent_at":{sent_at:.3f},'
    return head.encode("ascii") + body + b"}"


def motion_body(window: MotionWindow, device_id: str, start_s: float) -> bytes:
    """A window as it waits in the spool, under the registry's id of its device."""
    return motion.encode(replace(window, device_id=device_id, boot="-", seq=0, floor=0, start_s=start_s))


def _data_body(data: Iterable[Datum]) -> bytes:
    """Rows of the same signals as a table where that is shorter, the rest as records."""
    rows: dict[tuple[str, float], dict[str, float | bool | str]] = {}
    for datum in data:
        rows.setdefault((datum.device_id, datum.at_s), {})[datum.name] = datum.value
    alike: dict[tuple[str, ...], list[tuple[str, float]]] = {}
    for place, values in rows.items():
        alike.setdefault(tuple(sorted(values)), []).append(place)
    tables: list[Table] = []
    records: list[bytes] = []
    for names, places in alike.items():
        is_numeric = not any(isinstance(rows[place][name], str) for place in places for name in names)
        if is_numeric and len(names) * len(places) >= _TABLE_PAYS_FROM:
            tables.append(_table(names, places, rows))
            continue
        for device_id, at_s in places:
            for name in names:
                value = rows[device_id, at_s][name]
                records.append(_ENCODE(_record(Datum(device_id=device_id, signal=name, value=value, at_s=at_s))))
    members = [_records(records)] if records else []
    if tables:
        members.append(b'"tables":' + _ENCODE(tables))
    return b",".join(members)


def _records(encoded: Sequence[bytes]) -> bytes:
    return b'"records":[' + b",".join(encoded) + b"]"


def _record(datum: Datum) -> Record:
    value = datum.value
    return Record(
        bn=f"{datum.device_id}/",
        n=datum.name,
        t=round(datum.at_s, 6),
        vb=value if isinstance(value, bool) else None,
        vs=value if isinstance(value, str) else None,
        v=None if isinstance(value, bool | str) else value,
        ev=None if datum.evidence is None else dict(datum.evidence),
    )


def _table(
    names: tuple[str, ...],
    places: Sequence[tuple[str, float]],
    rows: Mapping[tuple[str, float], Mapping[str, float | bool | str]],
) -> Table:
    start_s = min(at_s for _, at_s in places)
    times = [round(at_s - start_s, 6) for _, at_s in places]
    devices = [device_id for device_id, _ in places]
    return Table(
        d=devices[:1] if len(set(devices)) == 1 else devices,
        n=list(names),
        v=[[float(rows[place][name]) for name in names] for place in places],
        bt=round(start_s, 6),
        t=times if any(times) else [],
    )
