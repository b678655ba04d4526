"""What a plan's drawing may hold: elements, attributes, and the form of every value. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping

TEXTUAL = frozenset({"text", "tspan", "title", "desc"})
ELEMENTS = TEXTUAL | {"g", "path", "rect", "circle", "ellipse", "line", "polyline", "polygon"}

_NUMBER = r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d{1,3})?"
_LENGTH = re.compile(rf"{_NUMBER}(?:px|pt|pc|mm|cm|in|em|ex|%)?")
_LENGTHS = re.compile(rf"{_LENGTH.pattern}(?:[\s,]+{_LENGTH.pattern}){{0,2000}}")
_POINTS = re.compile(r"[-+.,eE\d\s]*")
_PATH = re.compile(r"[-+.,eE\d\sMmZzLlHhVvCcSsQqTtAa]*")
_TRANSFORM = re.compile(r"(?:(?:matrix|translate|scale|rotate|skewX|skewY)\s*\([-+.,eE\d\s]*\)[\s,]*){1,20}")
_PAINT = re.compile(r"[a-zA-Z]{1,30}|#[0-9a-fA-F]{3,8}|(?:rgb|rgba|hsl|hsla)\([-+.,/%\d\sa-z]{1,60}\)")
_WORD = re.compile(r"[a-zA-Z]{1,20}(?:-[a-zA-Z]{1,20}){0,3}|\d{3}")
_FONT = re.compile(r"[-\w\s,'\"]{1,200}")
_LONGEST_SHORT = 400

_GEOMETRY = ("x", "y", "x1", "y1", "x2", "y2", "cx", "cy", "r", "rx", "ry", "width", "height")
_FORMS: dict[str, re.Pattern[str]] = {
    "d": _PATH,
    "points": _POINTS,
    "transform": _TRANSFORM,
    **dict.fromkeys(_GEOMETRY, _LENGTHS),
    **dict.fromkeys(("dx", "dy", "rotate", "textLength"), _LENGTHS),
}
_STYLE: dict[str, re.Pattern[str]] = {
    **dict.fromkeys(("fill", "stroke", "color"), _PAINT),
    **dict.fromkeys(("fill-rule", "stroke-linecap", "stroke-linejoin", "text-anchor", "dominant-baseline"), _WORD),
    **dict.fromkeys(("font-style", "font-weight", "visibility", "display", "writing-mode"), _WORD),
    **dict.fromkeys(("opacity", "fill-opacity", "stroke-opacity", "stroke-width", "stroke-miterlimit"), _LENGTH),
    **dict.fromkeys(("font-size", "letter-spacing", "word-spacing", "stroke-dashoffset"), _LENGTH),
    "stroke-dasharray": re.compile(rf"none|{_LENGTHS.pattern}"),
    "vector-effect": re.compile(r"non-scaling-stroke|none"),
    "font-family": _FONT,
}
_UNITS = {"": 1.0, "px": 1.0, "pt": 4 / 3, "pc": 16.0, "mm": 96 / 25.4, "cm": 96 / 2.54, "in": 96.0}


def attributes_of(element: str, given: Mapping[str, str]) -> dict[str, str]:
    """The attributes that are kept; those of a ``style`` become attributes of their own, as they go before others."""
    if element in ("title", "desc"):
        return {}
    kept: dict[str, str] = {}
    for name, value in given.items():
        form = _FORMS.get(name) or _STYLE.get(name)
        if form is not None and (found := _formed(form, value, name)):
            kept[name] = found
    for part in given.get("style", "").split(";"):
        name, _, value = part.partition(":")
        name = name.strip().lower()
        form = _STYLE.get(name)
        if form is not None and (found := _formed(form, value.replace("!important", ""), name)):
            kept[name] = found
    return kept


def length_of(given: str) -> float:
    """A length in pixels; 0 where it is none by itself."""
    found = re.fullmatch(rf"({_NUMBER})\s*(px|pt|pc|mm|cm|in)?", given[:40].strip())
    return float(found[1]) * _UNITS[found[2] or ""] if found else 0.0


def _formed(form: re.Pattern[str], value: str, name: str) -> str:
    value = value.strip()
    if name not in ("d", "points") and len(value) > _LONGEST_SHORT:
        return ""
    return value if form.fullmatch(value) else ""
