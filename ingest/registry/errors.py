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
