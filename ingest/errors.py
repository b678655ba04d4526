"""Errors of the ingest package's shells."""

from __future__ import annotations


class IngestError(Exception):
    """Root of the ingest package's errors."""


class SettingsError(IngestError):
    """A setting is wrong: tell the person and do not start."""
