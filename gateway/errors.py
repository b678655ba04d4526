"""Errors of the gateway's shells."""

from __future__ import annotations


class GatewayError(Exception):
    """Root of the gateway's errors."""


class SpoolError(GatewayError):
    """The spool cannot be used: try again later."""


class SpoolFullError(SpoolError):
    """The disk did not take it; nothing of it is written."""


class SpoolDamagedError(SpoolError):
    """The file is damaged or no spool: set it aside and begin a new one."""


class CredentialsError(GatewayError):
    """A gateway's ``credentials.json`` cannot be used: tell the person, leave the gateway out."""


class ConfigError(GatewayError):
    """A site configuration is refused: wrong signature, another gateway's, unreadable."""
