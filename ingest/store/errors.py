"""Errors of the store."""

from __future__ import annotations

from ingest.errors import IngestError


class StoreError(IngestError):
    """Root of the store's errors."""


class TransientStoreError(StoreError):
    """The database is away, hung or busy: keep the data and try again."""


class MigrationError(StoreError):
    """The schema is not what the migrations say: a person must look."""
