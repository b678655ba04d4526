"""Errors of floor plans."""

from __future__ import annotations

from console.errors import ConsoleError


class PictureError(ConsoleError):
    """An uploaded file is no picture that can be shown.

    Attributes
    ----------
    code : str
        A code of ``console.setup.words.REFUSALS``.
    facts : dict
        What its sentence needs.
    """

    def __init__(self, code: str, **facts: object) -> None:
        super().__init__(f"{code} {facts}")
        self.code = code
        self.facts = facts
