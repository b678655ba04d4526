"""Photographs and scans, drawn anew: upright, of a bounded size, without what else the file carried."""

from __future__ import annotations

import warnings
from io import BytesIO

from PIL import Image, ImageOps, UnidentifiedImageError

from console.plans.errors import PictureError

MOST_PIXELS = 50_000_000
MOST_BYTES = 4_000_000
LEAST_SIDE = 100
LONGEST_SIDE = 3_000
"""Of the picture that is kept: sharp on a large screen, and quick on a tablet."""

_FORMATS = {"PNG": "image/png", "JPEG": "image/jpeg", "WEBP": "image/webp"}
_QUALITY = 88


def redraw(given: bytes) -> tuple[bytes, str, int, int]:
    """Content, media type, width and height of the new picture.

    Raises
    ------
    PictureError
        No PNG, JPEG or WebP, broken, or of a size that nobody draws a floor in.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # our own bound is below
            opened = Image.open(BytesIO(given), formats=tuple(_FORMATS))
    except UnidentifiedImageError as error:
        raise PictureError("picture_unknown") from error
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise PictureError("picture_broken") from error
    width, height = opened.size
    if width * height > MOST_PIXELS:
        raise PictureError("picture_too_large", most_mp=MOST_PIXELS // 1_000_000)
    if min(width, height) < LEAST_SIDE:
        raise PictureError("picture_too_small", least=LEAST_SIDE)
    form = str(opened.format)
    try:
        return _drawn(opened, form)
    except (OSError, ValueError, SyntaxError, EOFError) as error:
        raise PictureError("picture_broken") from error


def _drawn(opened: Image.Image, form: str) -> tuple[bytes, str, int, int]:
    if form == "JPEG":
        opened.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))  # decodes a large photograph at a fraction of its size
    upright = ImageOps.exif_transpose(opened)
    see_through = form != "JPEG" and upright.has_transparency_data
    picture = upright.convert("RGBA" if see_through else "RGB")
    picture.thumbnail((LONGEST_SIDE, LONGEST_SIDE), Image.Resampling.LANCZOS)
    bare = Image.frombytes(picture.mode, picture.size, picture.tobytes())  # pixels only: no place, no camera
    content = _encoded(bare, form)
    if len(content) > MOST_BYTES:  # a photograph that somebody saved as PNG
        form = "WEBP"
        content = _encoded(bare, form)
    return content, _FORMATS[form], bare.width, bare.height


def _encoded(picture: Image.Image, form: str) -> bytes:
    out = BytesIO()
    picture.save(out, form, quality=_QUALITY)
    return out.getvalue()
