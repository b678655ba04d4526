"""Errors of the alarm core."""

from __future__ import annotations


class CoreError(Exception):
    """Root of the core's errors."""


class RuleFileError(CoreError):
    """A rule file is wrong: tell the person and do not start.

    Attributes
    ----------
    file : str
        The file's name.
    rule : str
        The rule in it, or empty when the file as a whole is wrong.
    key : str
        The key whose value is refused.
    """

    def __init__(self, file: str, rule: str, key: str, value: object, allowed: str) -> None:
        where = f"{file}: rule {rule!r}" if rule else file
        super().__init__(f"{where}: {key} = {value!r} is refused; allowed: {allowed}")
        self.file = file
        self.rule = rule
        self.key = key
        self.value = value
        self.allowed = allowed


class StateError(CoreError):
    """The saved state is not ours or of a newer version: start without it and say so."""


class ModelError(CoreError):
    """Learned weights that cannot be used."""
