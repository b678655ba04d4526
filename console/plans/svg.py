"""Drawings, written anew from a short list of what a plan needs: shapes and words, and nothing that refers or runs.

The file is read by expat and never built as a tree. What is not on the list is left out with everything in it; an
entity that is declared refuses the file before it can be used. No id, no class, no reference, no ``url()`` is left.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from dataclasses import dataclass
from xml.parsers import expat
from xml.sax.saxutils import escape, quoteattr

from console.plans.errors import PictureError
from console.plans.svg_values import ELEMENTS, TEXTUAL, attributes_of, length_of

MOST_ELEMENTS = 40_000
DEEPEST = 60
MOST_NAMED = 8
_SVG = "http://www.w3.org/2000/svg"
_WRAPPERS = ("a", "switch")  # what is in them counts, not they themselves
_SIDE = 2_000
"""The longer side of a drawing in its own pixels: only its shape counts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """``dropped``: names of elements that were left out."""

    content: bytes
    width: int
    height: int
    dropped: tuple[str, ...]


def clean(given: bytes) -> Drawing:
    """The drawing, as far as it is harmless.

    Raises
    ------
    PictureError
        No SVG, broken, with entities, without a size, or too intricate.
    """
    writer = _Writer()
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.StartElementHandler = writer.start
    parser.EndElementHandler = writer.end
    parser.CharacterDataHandler = writer.text
    parser.EntityDeclHandler = writer.refuse_entity
    parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)
    try:
        parser.Parse(given, True)
    except (expat.ExpatError, ValueError, LookupError) as error:
        raise PictureError("svg_broken") from error
    return writer.drawing()


class _Writer:
    """Takes expat's events and writes what is allowed."""

    def __init__(self) -> None:
        self._out: list[str] = []
        self._open: list[str] = []
        self._skipped = 0  # how deep within something that is left out
        self._elements = 0
        self._dropped: Counter[str] = Counter()
        self._box: tuple[float, float, float, float] | None = None

    def drawing(self) -> Drawing:
        if self._box is None:
            raise PictureError("svg_broken")
        x, y, width, height = self._box
        scale = _SIDE / max(width, height)
        own = (max(1, round(width * scale)), max(1, round(height * scale)))
        box = f"{x:.10g} {y:.10g} {width:.10g} {height:.10g}"
        head = f'<svg xmlns="{_SVG}" viewBox="{box}" width="{own[0]}" height="{own[1]}" preserveAspectRatio="none">'
        content = head + "".join(self._out) + "</svg>\n"
        named = tuple(name for name, _ in self._dropped.most_common(MOST_NAMED))
        return Drawing(content=content.encode(), width=own[0], height=own[1], dropped=named)

    def start(self, name: str, given: dict[str, str]) -> None:
        self._elements += 1
        if self._elements > MOST_ELEMENTS or len(self._open) + self._skipped >= DEEPEST:
            raise PictureError("svg_intricate", most=MOST_ELEMENTS)
        namespace, _, local = name.rpartition(" ")
        if self._box is None:
            if (namespace, local) != (_SVG, "svg"):
                raise PictureError("picture_unknown")
            self._box = _box(given)
            self._open.append("")
            return
        if not self._skipped and namespace == _SVG and local in _WRAPPERS:
            self._open.append("")
            return
        if self._skipped or namespace != _SVG or local not in ELEMENTS:
            if not self._skipped:
                self._dropped[re.sub(r"[^A-Za-z]", "", local)[:20] or "?"] += 1
            self._skipped += 1
            return
        self._open.append(local)
        written = "".join(f" {key}={quoteattr(value)}" for key, value in attributes_of(local, given).items())
        self._out.append(f"<{local}{written}>")

    def end(self, name: str) -> None:
        del name
        if self._skipped:
            self._skipped -= 1
            return
        local = self._open.pop()
        if local:
            self._out.append(f"</{local}>")

    def text(self, text: str) -> None:
        if not self._skipped and self._open and self._open[-1] in TEXTUAL:
            self._out.append(escape(text))

    def refuse_entity(self, *declared: object) -> None:
        del declared
        raise PictureError("svg_entities")


def _box(given: dict[str, str]) -> tuple[float, float, float, float]:
    """What of the drawing is shown, in its own units."""
    parts = re.split(r"[\s,]+", given.get("viewBox", "").strip())
    try:
        x, y, width, height = (float(part) for part in parts)
    except ValueError:
        x, y, width, height = 0.0, 0.0, length_of(given.get("width", "")), length_of(given.get("height", ""))
    numbers = (x, y, width, height)
    if not all(map(math.isfinite, numbers)) or min(width, height) <= 0 or max(map(abs, numbers)) > 1e7:
        raise PictureError("svg_no_size")
    return numbers
