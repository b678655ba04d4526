"""A picture of a floor out of an uploaded file: what it is says its content, never its name. Pure, and slow."""

from __future__ import annotations

from dataclasses import dataclass

from console.plans.errors import PictureError
from console.plans.raster import redraw
from console.plans.svg import clean

MOST_BYTES = 15_000_000
MOST_SVG_BYTES = 2_000_000
_MOST_LOPSIDED = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """``dropped`` names what was left out of a drawing for safety."""

    content: bytes
    media_type: str
    width: int
    height: int
    dropped: tuple[str, ...] = ()


def picture_of(given: bytes) -> Picture:
    """The picture, made anew from what the file shows: nothing of the file itself goes to a browser.

    Raises
    ------
    PictureError
        It is none that can be shown, too large, or far too long for its width.
    """
    if not given:
        raise PictureError("no_picture")
    if len(given) > MOST_BYTES:
        raise PictureError("picture_too_heavy", most_mb=MOST_BYTES // 1_000_000)
    found = _from_svg(given) if _looks_like_xml(given) else _from_raster(given)
    long, short = max(found.width, found.height), min(found.width, found.height)
    if long > _MOST_LOPSIDED * short:
        raise PictureError("picture_lopsided", most=_MOST_LOPSIDED)
    return found


def _from_raster(given: bytes) -> Picture:
    content, media_type, width, height = redraw(given)
    return Picture(content=content, media_type=media_type, width=width, height=height)


def _from_svg(given: bytes) -> Picture:
    if len(given) > MOST_SVG_BYTES:
        raise PictureError("picture_too_heavy", most_mb=MOST_SVG_BYTES // 1_000_000)
    drawing = clean(given)
    return Picture(
        content=drawing.content,
        media_type="image/svg+xml",
        width=drawing.width,
        height=drawing.height,
        dropped=drawing.dropped,
    )


def _looks_like_xml(given: bytes) -> bool:
    head = given[:64].removeprefix(b"\xef\xbb\xbf").lstrip()
    return head.startswith((b"<", b"\xff\xfe<", b"\xfe\xff\x00<"))
