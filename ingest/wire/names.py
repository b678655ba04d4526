"""Names of signals on the wire: ``current_a:2`` is element 2 of a list."""

from __future__ import annotations

from ingest.wire.batch import SINGLE

MAX_ELEMENT = 99
_ELEMENTS = {str(element): element for element in range(1, MAX_ELEMENT + 1)}


def split_element(name: str) -> tuple[str, int]:
    """The signal's name and the element; a name with an odd suffix comes back whole, as no known signal has it."""
    base, colon, suffix = name.partition(":")
    if not colon:
        return name, SINGLE
    element = _ELEMENTS.get(suffix)
    return (name, SINGLE) if element is None else (base, element)
