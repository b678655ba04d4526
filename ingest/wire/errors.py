"""Errors of the wire format."""

from __future__ import annotations


class WireError(Exception):
    """Root of the wire package's errors."""


class DecodeError(WireError):
    """The bytes are not what they should be: reject them, count them, go on.

    Attributes
    ----------
    reason : str
        A short stable code, fit for a counter's label: ``not_json``, ``no_value`` ...
    detail : str
        Where and what, for a person.
    """

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(f"{reason}: {detail}" if detail else reason)
        self.reason = reason
        self.detail = detail
