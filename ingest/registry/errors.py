"""Errors of the registry."""

from __future__ import annotations

from ingest.errors import IngestError


class RegistryError(IngestError):
    """Root of the registry's errors."""


class UnknownEntryError(RegistryError):
    """What is named does not exist, or not at this site.

    Attributes
    ----------
    what : str
        ``site``, ``room``, ``gateway`` …
    entry_id : str
        The id that was given.
    """

    def __init__(self, what: str, entry_id: str) -> None:
        super().__init__(f"unknown {what}: {entry_id!r}")
        self.what = what
        self.entry_id = entry_id


class ConflictingEntryError(RegistryError):
    """It would contradict what the registry holds: a site's other shard, a device name that is taken …"""


class InvalidEntryError(RegistryError):
    """What is given cannot be so.

    Attributes
    ----------
    what, entry_id : str
        The entry: ``rota``, ``night``.
    field : str
        The part of it: ``layers[1].members``.
    """

    def __init__(self, what: str, entry_id: str, field: str, why: str) -> None:
        super().__init__(f"{what} {entry_id}: {field}: {why}")
        self.what = what
        self.entry_id = entry_id
        self.field = field
