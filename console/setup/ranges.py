"""Many names at once: ``201-212, 301-303, kitchen`` are sixteen rooms. Pure."""

from __future__ import annotations

import re

MOST = 500
_RANGE = re.compile(r"(\D*?)(\d{1,6})\s*[-–—~～至到]\s*(?:\1)?(\d{1,6})(\D*)")
_BETWEEN = re.compile(r"[,，、;；\n]")


class RangeError(ValueError):
    """A range cannot be: its end is before its begin, or it gives too many names.

    Attributes
    ----------
    code : str
        ``range_backwards`` or ``too_many``.
    part : str
        What was typed.
    """

    def __init__(self, code: str, part: str) -> None:
        super().__init__(f"{code}: {part}")
        self.code = code
        self.part = part


def names_of(text: str) -> list[str]:
    """Every name, each once, in their order; a number keeps its leading zeros.

    Raises
    ------
    RangeError
        Nothing is guessed.
    """
    found: dict[str, None] = {}
    for part in filter(None, (part.strip() for part in _BETWEEN.split(text))):
        found |= dict.fromkeys(_names(part))
        if len(found) > MOST:
            raise RangeError("too_many", part)
    return list(found)


def _names(part: str) -> list[str]:
    match = _RANGE.fullmatch(part)
    if match is None:
        return [part]
    before, first, last, after = match.groups()
    begin, end = int(first), int(last)
    if end < begin:
        raise RangeError("range_backwards", part)
    if end - begin >= MOST:
        raise RangeError("too_many", part)
    return [f"{before}{number:0{len(first)}d}{after}" for number in range(begin, end + 1)]
