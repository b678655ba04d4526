"""What every adapter takes and gives: a message as a device sent it, and what it says in our words.

An adapter is pure: no clock, no network, no registry. It knows the envelope of its family; what a reading means for
people is the device's profile and comes later.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from ingest.wire.batch import SINGLE
from ingest.wire.errors import DecodeError
from ingest.wire.motion import MotionWindow


@dataclass(frozen=True, slots=True, kw_only=True)
class NativeMessage:
    """One message as it came; ``topic`` is without the install's own prefix (``native/{gateway_id}/``)."""

    topic: str
    payload: bytes
    retained: bool = False
    received_at: datetime | None = None
    transport: str = "mqtt"


@dataclass(frozen=True, slots=True)
class NativeReading:
    """One value; ``element`` is 0, or the 1-based place in a list (phases, channels)."""

    signal: str
    value: float | bool | str
    element: int = SINGLE


@dataclass(frozen=True, slots=True)
class Dropped:
    """A field that was left out, and why; the rest of its message counts."""

    field: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Decoded:
    """What one message says about one device at one moment.

    Attributes
    ----------
    device : str
        The name that the family gives it.
    events : tuple of str
        What happened once; never from a retained message.
    observed_at : datetime or None
        The device's own time; None: the received time is the best there is.
    observed_at_local : datetime or None
        A device time without a zone.
    online : bool or None
        The family's word on whether the device can be reached; None: nothing was said.
    ignored : bool
        Not about the world (a command's echo, a log line): nothing comes of it.
    """

    adapter: str
    device: str
    readings: tuple[NativeReading, ...] = ()
    events: tuple[str, ...] = ()
    observed_at: datetime | None = None
    observed_at_local: datetime | None = None
    online: bool | None = None
    ignored: bool = False
    dropped: tuple[Dropped, ...] = ()
    window: MotionWindow | None = None

    @property
    def native(self) -> str:
        """How the registry names it: ``family:name``."""
        return f"{self.adapter}:{self.device}"


class NativeDecodeError(DecodeError):
    """A native message cannot be read: reject it, count it, go on.

    Attributes
    ----------
    adapter, device : str
        Who sent it, as far as the topic tells.
    is_call : bool
        The topic carries nothing but calls: the message is taken for one, whatever its bytes say.
    """

    def __init__(self, reason: str, detail: str, *, adapter: str, device: str, is_call: bool = False) -> None:
        super().__init__(reason, detail)
        self.adapter = adapter
        self.device = device
        self.is_call = is_call


class Family(Protocol):
    """The adapter of one device family."""

    @property
    def name(self) -> str:
        """The adapter's name, first part of a registered device's ``native``."""
        ...

    def matches(self, topic: str) -> bool:
        """True when the topic is one of this family's."""
        ...

    def decode(self, message: NativeMessage) -> Sequence[Decoded]:
        """What the message says, one item per device and moment.

        Raises
        ------
        NativeDecodeError
            On bytes that are not what the topic promises; never anything else.
        """
        ...
